import { assert } from "../base/assert.ts";
import type { Lsn, TransactionId } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { WalManager } from "../log/wal-manager.ts";
import { CHANGES_AT_ONCE } from "../pages/logged-tree.ts";
import type { KeyWrite } from "../pages/logged-tree.ts";
import type { StorageManager } from "../pages/storage-manager.ts";
import type { ChangeRoom } from "../pages/change-room.ts";
import type { MissingPage } from "../pages/page-lease.ts";
import type { SpilledVersions } from "../versions/spilled-versions.ts";
import type { WriteSet } from "./write-set.ts";

export interface SpillContext {
  readonly log: WalManager;
  readonly storage: StorageManager;
  readonly transaction: TransactionId;
  /** The writes that are to go to the pages; more may come. */
  readonly writes: WriteSet;
  readonly versions: SpilledVersions;
  /** Called before each change, in the same step. Throws when it must not be made. */
  readonly refuse: (key: StoredKey) => MissingPage | undefined;
  readonly onLogged: () => void;
}

/**
 * A transaction that is too large for memory. Its writes go to the pages before it commits (steal), each
 * with its before-image in the log, for undo, and in the spilled versions, for snapshots. It keeps other
 * commits out until it ends: nobody may build on what may still be taken back.
 */
export class Spill {
  readonly versions: SpilledVersions;
  /** LSN of the Begin record. */
  readonly beginLsn: Lsn;
  readonly transaction: TransactionId;
  readonly #context: SpillContext;
  #lastStep: Promise<void> = Promise.resolve();
  #stopped = false;
  #logBytes = 0;

  private constructor(context: SpillContext, beginLsn: Lsn) {
    this.#context = context;
    this.versions = context.versions;
    this.transaction = context.transaction;
    this.beginLsn = beginLsn;
  }

  /** Logs the Begin record. @throws SeawallError `NO_SPACE`: nothing happened. */
  static async begin(context: SpillContext): Promise<Spill> {
    const { log, transaction } = context;
    await log.waitForRoom(BEGIN_BYTES);
    log.beginGroup(BEGIN_BYTES);
    return new Spill(context, log.append({ kind: "begin", transaction }));
  }

  /** Bytes of log records so far. */
  get logBytes(): number {
    return this.#logBytes;
  }

  /** Who holds the lock that keeps other commits out. */
  get holder(): object {
    return this.#context.writes;
  }

  /**
   * Moves the writes to the pages. One call at a time makes them; others wait for their turn.
   *
   * @throws SeawallError `CONFLICT`, `NO_SPACE`: the transaction can only be rolled back now, or try again.
   */
  async drain(): Promise<void> {
    const turn = this.#lastStep.then(() => this.#drain());
    this.#lastStep = turn.catch(() => {});
    await turn;
  }

  /** Nothing more goes to the pages; resolves when what is under way has. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#lastStep;
  }

  async #drain(): Promise<void> {
    const { log, storage, writes, versions } = this.#context;
    while (writes.size > 0 && !this.#stopped) {
      const outcome = await storage.whenResident(() => this.#step());
      if (outcome.kind === "no-room") {
        await this.#makeRoom(outcome.room);
      }
      await versions.trim();
      await log.limitUnwritten();
    }
  }

  /** Some writes, at once. */
  #step(): { readonly kind: "done" } | NoRoom | MissingPage {
    const { storage, log, writes, versions, transaction, onLogged } = this.#context;
    if (this.#stopped) {
      return { kind: "done" };
    }
    const step = writes.first(CHANGES_AT_ONCE);
    const room = storage.prepare(step);
    if (room.kind === "missing") {
      return room;
    }
    assert(room.kind === "room", "a step is not too wide");
    const missing = this.#missingVersions(step);
    if (missing !== undefined) {
      return missing;
    }
    if (!storage.hasRoom(room) || !log.hasRoom(room.logBytes)) {
      return { kind: "no-room", room };
    }
    storage.beginChanges(room);
    log.beginGroup(room.logBytes, room.plainBytes);
    try {
      for (const write of step) {
        const { key, value } = write;
        versions.add(key, storage.apply({ transaction, key, value }));
        writes.remove(write);
      }
    } catch (error) {
      log.stop(error, "a transaction failed in the middle of a change");
      throw error;
    }
    this.#logBytes += log.groupBytes;
    onLogged();
    return { kind: "done" };
  }

  #missingVersions(changes: readonly KeyWrite[]): MissingPage | undefined {
    const { storage, versions, refuse } = this.#context;
    for (const { key } of changes) {
      const refused = refuse(key);
      if (refused !== undefined) {
        return refused;
      }
      const stored = storage.get(key);
      const missing =
        stored.kind === "missing"
          ? stored
          : versions.missingFor(key, stored.kind === "value" ? stored.value : undefined);
      if (missing !== undefined) {
        return missing;
      }
    }
    return undefined;
  }

  async #makeRoom(room: ChangeRoom): Promise<void> {
    const { storage, log } = this.#context;
    await (storage.hasRoom(room) ? log.makeRoom(room.logBytes) : storage.makeRoom(room));
  }
}

interface NoRoom {
  readonly kind: "no-room";
  readonly room: ChangeRoom;
}

const BEGIN_BYTES = 16;
