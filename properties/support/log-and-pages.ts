import type { ControlSlots } from "../../engine/recovery/control-file.ts";
import { assert } from "../../engine/base/assert.ts";
import type { MapEntry } from "../../engine/base/sorted-map.ts";
import {
  type CommitNumber,
  commitNumber,
  type TransactionId,
  transactionId,
} from "../../engine/base/units.ts";
import { beginEpoch } from "../../engine/log/epoch-start.ts";
import { LOG_BEGINNING } from "../../engine/log/log-reader.ts";
import type { LogRecord } from "../../engine/log/record.ts";
import { findSegmentFiles, loadSegment } from "../../engine/log/segment-files.ts";
import { WalManager } from "../../engine/log/wal-manager.ts";
import { type OpenOptions, resolveOptions } from "../../engine/options.ts";
import type { RangeFound } from "../../engine/pages/btree-read.ts";
import type { MissingPage } from "../../engine/pages/page-lease.ts";
import type { StorageChange } from "../../engine/pages/logged-tree.ts";
import { StorageManager } from "../../engine/pages/storage-manager.ts";
import {
  batchesForward,
  type LocatedRecord,
  type LogStretch,
  recordsOf,
} from "../../engine/recovery/log-source.ts";
import { planNewStore } from "../../engine/recovery/new-store.ts";
import { poolFor } from "../../engine/recovery/next-epoch.ts";
import { TransactionTable } from "../../engine/recovery/transaction-table.ts";
import type { VirtualStore } from "./virtual-store.ts";

/** More than any record takes that is no change, and more than the making of a tree. */
const GROUP_BYTES = 256;

/** A log and pages on a virtual disk, wired as an open store has them, and nobody who commits. */
const NO_CONTROL: ControlSlots = {
  found: [{ kind: "zeros" }, { kind: "zeros" }],
  newest: undefined,
  other: undefined,
};

export class LogAndPages {
  readonly log: WalManager;
  readonly storage: StorageManager;
  readonly #world: VirtualStore;
  readonly #directory: string;

  private constructor(log: WalManager, storage: StorageManager, of: Origin) {
    this.log = log;
    this.storage = storage;
    this.#world = of.world;
    this.#directory = of.directory;
  }

  static async create(
    world: VirtualStore,
    options: Partial<OpenOptions> = {},
  ): Promise<LogAndPages> {
    const resolved = resolveOptions(world.options(options));
    const { platform, directory, logger, policy, batchBytesMax, pageBytes, cacheBytes } = resolved;
    const { files } = platform;
    const plan = planNewStore(resolved, NO_CONTROL);
    const pool = poolFor(resolved, plan, [], []);
    const start = await beginEpoch(plan, pool);
    const log = new WalManager({
      platform,
      logger,
      policy,
      batchBytesMax,
      pool,
      plan,
      start,
      lastCommit: commitNumber(0),
      openTransactions: 0,
      olderSegments: [],
    });
    const { storeId } = plan;
    const storage = await StorageManager.open({ files, directory, storeId, pageBytes, cacheBytes });
    const made = new LogAndPages(log, storage, { world, directory });
    await made.#beginGroup();
    await storage.begin(log, true);
    return made;
  }

  async append(record: LogRecord): Promise<void> {
    await this.#beginGroup();
    this.log.append(record);
  }

  async begin(transaction: TransactionId): Promise<void> {
    await this.append({ kind: "begin", transaction });
  }

  async commit(transaction: TransactionId, number: CommitNumber): Promise<void> {
    await this.append({ kind: "commit", transaction, commitNumber: number, timestampMs: 0 });
  }

  /** Makes a change and logs it, as a commit's critical section would. */
  async change(change: StorageChange): Promise<void> {
    const { log, storage } = this;
    for (;;) {
      const step = await storage.whenResident(() => {
        const room = storage.prepare([change]);
        if (room.kind === "room" && storage.hasRoom(room) && log.hasRoom(room.logBytes)) {
          storage.beginChanges(room);
          log.beginGroup(room.logBytes);
          storage.apply(change);
          return { kind: "done" as const };
        }
        return room;
      });
      if (step.kind === "done") {
        return;
      }
      assert(step.kind === "room", "one change is not too wide");
      await storage.makeRoom(step);
      await log.waitForRoom(step.logBytes);
    }
  }

  async entries(): Promise<readonly MapEntry<Uint8Array>[]> {
    const found = await this.storage.whenResident<Exclude<RangeFound, MissingPage>>(() =>
      this.storage.read({ reverse: false, limit: Infinity }),
    );
    return found.entries;
  }

  /** All of the log as it is now, durable. */
  async stretch(): Promise<LogStretch> {
    await this.log.sync();
    const { files } = this.#world.options().platform;
    const segmentFiles = await findSegmentFiles(files, this.#directory);
    return {
      segmentFiles,
      load: async (file) => await loadSegment(files, this.#directory, file),
      start: LOG_BEGINNING,
      endLsn: this.log.endLsn,
    };
  }

  async records(): Promise<LocatedRecord[]> {
    const records: LocatedRecord[] = [];
    for await (const batches of batchesForward(await this.stretch())) {
      records.push(...batches.flatMap(recordsOf));
    }
    return records;
  }

  /** What the analysis of recovery makes of the log. */
  async table(): Promise<TransactionTable> {
    const table = new TransactionTable({
      lastCommit: commitNumber(0),
      highestId: transactionId(0),
    });
    for (const { record, lsn } of await this.records()) {
      const contradiction = table.note(record, lsn);
      if (contradiction !== undefined) {
        throw new Error(`the log contradicts itself: ${JSON.stringify(contradiction)}`);
      }
    }
    return table;
  }

  async #beginGroup(): Promise<void> {
    await this.log.waitForRoom(GROUP_BYTES);
    this.log.beginGroup(GROUP_BYTES);
  }
}

interface Origin {
  readonly world: VirtualStore;
  readonly directory: string;
}
