import { SeawallError } from "./base/errors.ts";
import type { WalManager } from "./log/wal-manager.ts";
import type { ResolvedOptions } from "./options.ts";
import type { StorageManager, StorageStats } from "./pages/storage-manager.ts";
import type { Problem } from "./pages/verify.ts";
import type { FileLock } from "./platform/file-io.ts";
import type { CopyCount, RepairCounts } from "./platform/mirrored-files.ts";
import { Checkpointer } from "./recovery/checkpointer.ts";
import { finishStore, letGo } from "./recovery/close-store.ts";
import type { StoreParts } from "./recovery/close-store.ts";
import type { OpenedStore } from "./recovery/open-store.ts";
import { scrubStore } from "./recovery/scrub-store.ts";
import type { ScrubReport } from "./recovery/scrub-store.ts";
import { undoLive } from "./recovery/undo-live.ts";
import { TransactionManager } from "./transactions/transaction-manager.ts";
import type { TransactionStats } from "./transactions/transaction-manager.ts";
import { SpilledVersions, spillFileName } from "./versions/spilled-versions.ts";

export interface StoreStats extends StorageStats, TransactionStats, RepairCounts {
  readonly lastCommitNumber: number;
  /** The last commit that new transactions see. */
  readonly visibleCommitNumber: number;
  readonly unsyncedCommits: number;
  readonly endLsn: number;
  readonly durableLsn: number;
  /** Checkpoints since the store was opened, and where recovery would begin to read the log. */
  readonly checkpoints: number;
  readonly startLsn: number;
  /** Of each file. */
  readonly copies: CopyCount;
}

/**
 * The parts of an open store at work together: whether it still takes anything, its upkeep, and its end.
 * What callers do with keys and values is Database's.
 */
export class RunningStore {
  readonly transactions: TransactionManager;
  readonly log: WalManager;
  readonly #storage: StorageManager;
  readonly #checkpointer: Checkpointer;
  readonly #options: ResolvedOptions;
  readonly #lock: FileLock;
  readonly #opened: OpenedStore;
  /** Transactions that were too large for memory. */
  #spills = 0;
  /** Why pages, or where recovery begins, cannot be written any more. */
  #pagesFailure: unknown;
  #isClosing = false;
  /** Settles when no scrub is under way. */
  #scrubs: Promise<unknown> = Promise.resolve();

  constructor(options: ResolvedOptions, lock: FileLock, opened: OpenedStore) {
    const { log, storage, control, files, report, lastCommit, highestId } = opened;
    this.#options = options;
    this.#lock = lock;
    this.#opened = opened;
    this.#storage = storage;
    this.log = log;
    this.transactions = new TransactionManager({
      log,
      storage,
      clock: options.platform.clock,
      lastCommit,
      epoch: report.epoch,
      highestId,
      onLogged: () => {
        this.#checkpointer.noteProgress();
      },
      logger: options.logger,
      makeSpilledVersions: () => this.#makeSpilledVersions(),
      undo: async (transaction) => {
        const { directory } = options;
        const { storeId } = control.newest;
        await undoLive(transaction, { files, directory, storeId, log, storage });
      },
      isClosing: () => this.#isClosing,
      refuseIfClosed: this.refuseIfClosed,
    });
    this.#checkpointer = new Checkpointer({
      log,
      storage,
      control,
      logger: options.logger,
      checkpointBytes: options.checkpointBytes,
      highestId: () => this.transactions.highestId,
      onFailure: (cause) => {
        // The log is sound: what is acknowledged can still be made durable, at the latest by the close.
        this.#pagesFailure ??= cause;
        options.logger.error({ event: "pages.failed", error: cause }, "pages could not be written");
      },
    });
  }

  /** @throws SeawallError `CLOSED`, also when the disk failed. */
  readonly refuseIfClosed = (): void => {
    const cause = this.#failure;
    if (cause !== undefined) {
      throw new SeawallError(
        "CLOSED",
        "the store stopped when its disk failed: close it, and open it again",
        { cause },
      );
    }
    if (this.#isClosing) {
      throw new SeawallError("CLOSED", "the store is closed");
    }
  };

  get stats(): StoreStats {
    const { log, transactions } = this;
    const { control, repairs } = this.#opened;
    return {
      ...transactions.stats,
      ...this.#storage.stats,
      lastCommitNumber: transactions.lastCommit,
      visibleCommitNumber: transactions.visibleCommit,
      unsyncedCommits: log.unsyncedCommits,
      endLsn: log.endLsn,
      durableLsn: log.durableLsn,
      checkpoints: this.#checkpointer.checkpoints,
      startLsn: control.newest.startLsn,
      copies: control.newest.copies,
      ...repairs,
    };
  }

  /** See Database.checkpoint. */
  async checkpoint(): Promise<void> {
    this.refuseIfClosed();
    await this.#checkpointer.checkpoint();
  }

  /** See Database.verify. */
  async verify(): Promise<readonly Problem[]> {
    return await this.#withoutCommits(async () => await this.#storage.verify(this.log.endLsn));
  }

  /** See Database.scrub. */
  async scrub(): Promise<ScrubReport> {
    this.refuseIfClosed();
    const scrub = scrubStore({
      ...this.#parts,
      files: this.#opened.files,
      directory: this.#options.directory,
      refuseIfClosed: this.refuseIfClosed,
    });
    this.#scrubs = Promise.allSettled([this.#scrubs, scrub]);
    return await scrub;
  }

  /** See Database.compact. */
  async compact(): Promise<void> {
    await this.#withoutCommits(async () => {
      await this.#storage.compact(this.log);
      // Before the end of the file goes away no record may need it any more.
      await this.#checkpointer.checkpoint();
      await this.#storage.truncate();
    });
  }

  /** See Database.close: nothing new begins from the call on. `rollBack` ends what is open. */
  async close(rollBack: () => Promise<unknown>): Promise<void> {
    this.#isClosing = true;
    const failed = this.#failure !== undefined;
    try {
      await rollBack();
      await this.#scrubs;
      await this.transactions.settled();
      await this.#checkpointer.stop();
      await finishStore(this.#parts, this.transactions.lastCommit, failed);
    } finally {
      await letGo(this.#parts);
      this.#options.logger.info({ event: "close", failed }, "store closed");
    }
  }

  async #withoutCommits<T>(work: () => Promise<T>): Promise<T> {
    this.refuseIfClosed();
    return await this.transactions.withoutCommits(async () => {
      this.refuseIfClosed();
      return await work();
    });
  }

  async #makeSpilledVersions(): Promise<SpilledVersions> {
    const { directory, transactionBytesMax } = this.#options;
    const { pageBytes } = this.#opened.control.newest;
    this.#spills += 1;
    return await SpilledVersions.create({
      files: this.#opened.files,
      directory,
      name: spillFileName(this.#spills),
      pageBytes,
      cacheBytes: Math.max(transactionBytesMax, 4 * pageBytes),
    });
  }

  get #parts(): StoreParts {
    return {
      log: this.log,
      storage: this.#storage,
      control: this.#opened.control,
      checkpointer: this.#checkpointer,
      lock: this.#lock,
      logger: this.#options.logger,
    };
  }

  /** Why the store takes nothing more. */
  get #failure(): unknown {
    return this.log.failure ?? this.#pagesFailure ?? this.#storage.failure;
  }
}
