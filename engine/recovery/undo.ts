import { assert } from "../base/assert.ts";
import type { Lsn } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { StoredValue } from "../data/value-codec.ts";
import type { LogRecord } from "../log/record.ts";
import type { WalManager } from "../log/wal-manager.ts";
import type { StorageChange } from "../pages/logged-tree.ts";
import type { StorageManager } from "../pages/storage-manager.ts";
import { recordsBackward } from "./log-source.ts";
import type { LogStretch } from "./log-source.ts";
import type { OpenTransaction } from "../transactions/large-transactions.ts";

/** What undo works on. Nobody else changes anything meanwhile. */
export interface UndoTarget {
  readonly storage: StorageManager;
  readonly log: WalManager;
}

/**
 * Undoes transactions from the before-images in the log, newest change first, and logs it: a CLR for each
 * change, a Rollback for each transaction. A crash in the middle goes on where the last CLR that reached
 * the disk ends. Once the Rollback is in the log no recovery undoes these changes over a later commit.
 * Holds one segment of the log in memory at a time, however large the transactions. Returns how many
 * changes it undid.
 */
export async function undoTransactions(
  losers: readonly OpenTransaction[],
  stretch: LogStretch,
  target: UndoTarget,
): Promise<number> {
  const open = new Map(losers.map((loser) => [loser.id, loser]));
  const oldest = losers.reduce((least, { beginLsn }) => Math.min(least, beginLsn), Infinity);
  let undone = 0;
  for await (const { record, lsn } of recordsBackward(stretch)) {
    if (losers.length === 0 || lsn < oldest) {
      break;
    }
    const change = changeIn(record);
    const loser = change === undefined ? undefined : open.get(change.transaction);
    if (change !== undefined && loser !== undefined && lsn < loser.undoBelow) {
      await compensate(change, lsn, target);
      loser.undoBelow = lsn;
      undone += 1;
    }
  }
  for (const { id } of losers) {
    await target.log.waitForRoom(ROLLBACK_BYTES);
    target.log.beginGroup(ROLLBACK_BYTES);
    target.log.append({ kind: "rollback", transaction: id });
  }
  return undone;
}

const ROLLBACK_BYTES = 16;

interface UndoableChange {
  readonly transaction: OpenTransaction["id"];
  readonly key: StoredKey;
  readonly old: StoredValue | undefined;
}

/** What of a record can be undone. Compensations are not: they are the undoing. */
function changeIn(record: LogRecord): UndoableChange | undefined {
  switch (record.kind) {
    case "put":
    case "delete":
      return record;
    case "structure":
      return record.change?.undoneLsn === undefined ? record.change : undefined;
    default:
      return undefined;
  }
}

async function compensate(
  { transaction, key, old }: UndoableChange,
  undoneLsn: Lsn,
  { storage, log }: UndoTarget,
): Promise<void> {
  // A copy: the page would keep a whole segment of the log in memory.
  const change: StorageChange = { transaction, key, value: old?.slice(), undoneLsn };
  for (;;) {
    const outcome = await storage.whenResident(() => {
      const room = storage.prepare([change]);
      assert(room.kind !== "too wide", "one change is not too wide");
      if (room.kind === "missing" || !storage.hasRoom(room) || !log.hasRoom(room.logBytes)) {
        return room;
      }
      storage.beginChanges(room);
      log.beginGroup(room.logBytes);
      storage.apply(change);
      return { kind: "done" as const };
    });
    if (outcome.kind === "done") {
      break;
    }
    await storage.makeRoom(outcome);
    await log.waitForRoom(outcome.logBytes);
  }
  await log.limitUnwritten();
}
