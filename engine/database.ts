import { SeawallError } from "./base/errors.ts";
import { encodeKey } from "./data/key-codec.ts";
import type { Key } from "./data/key-codec.ts";
import { decodeValue, encodeValue } from "./data/value-codec.ts";
import type { WalManager } from "./log/wal-manager.ts";
import { refuseLevel, refuseOptions, resolveOptions } from "./options.ts";
import type { OpenOptions, ResolvedOptions } from "./options.ts";
import type { StorageManager, StorageStats } from "./pages/storage-manager.ts";
import type { Problem } from "./pages/verify.ts";
import type { FileLock } from "./platform/file-io.ts";
import type { CopyCount, RepairCounts } from "./platform/mirrored-files.ts";
import { finishStore, letGo } from "./recovery/close-store.ts";
import type { StoreParts } from "./recovery/close-store.ts";
import { Checkpointer } from "./recovery/checkpointer.ts";
import { undoLive } from "./recovery/undo-live.ts";
import { openStore } from "./recovery/open-store.ts";
import type { OpenedStore } from "./recovery/open-store.ts";
import type { RecoveryReport } from "./recovery/recovery-report.ts";
import { scrubStore } from "./recovery/scrub-store.ts";
import type { ScrubReport } from "./recovery/scrub-store.ts";
import { enterDirectory } from "./recovery/store-directory.ts";
import { writeSetOf } from "./transactions/batch-operation.ts";
import type { BatchOperation } from "./transactions/batch-operation.ts";
import { WriteSet } from "./transactions/write-set.ts";
import type { IsolationLevel } from "./transactions/conflict-check.ts";
import { resolveScan } from "./transactions/range-scan.ts";
import type { ScanOptions } from "./transactions/range-scan.ts";
import { ReadSet } from "./transactions/read-set.ts";
import { refuseRun, retryConflicts } from "./transactions/retry.ts";
import { readKey } from "./transactions/snapshot-read.ts";
import { Scan } from "./transactions/scan.ts";
import { Transaction } from "./transactions/transaction.ts";
import type { CommitOptions } from "./transactions/transaction.ts";
import { emptyReceipt, TransactionManager } from "./transactions/transaction-manager.ts";
import type { CommitReceipt, TransactionStats } from "./transactions/transaction-manager.ts";
import { SpilledVersions, spillFileName } from "./versions/spilled-versions.ts";

export interface TransactionOptions {
  /** @defaultValue the store's */
  readonly isolation?: IsolationLevel;
}

export interface RunOptions extends TransactionOptions, CommitOptions {
  /** How often to try when others' commits conflict. @defaultValue 10 */
  readonly attemptsMax?: number;
}

export interface DatabaseStats extends StorageStats, TransactionStats, RepairCounts {
  readonly openTransactions: number;
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

/** What `getSync` returns instead of waiting for the disk. */
export const NOT_CACHED: unique symbol = Symbol("the page is not in memory");

/**
 * An open store. Every committed transaction survives, as its sync policy promises; no uncommitted one
 * does. After a failed write or sync of the log the store takes nothing more: close it and open it again.
 */
export class Database {
  /** What this open found and did. */
  readonly recovery: RecoveryReport;
  readonly #options: ResolvedOptions;
  readonly #lock: FileLock;
  readonly #log: WalManager;
  readonly #storage: StorageManager;
  readonly #opened: OpenedStore;
  readonly #checkpointer: Checkpointer;
  readonly #transactions: TransactionManager;
  readonly #open = new Set<Transaction>();
  /** Transactions that were too large for memory. */
  #spills = 0;
  /** Why pages, or where recovery begins, cannot be written any more. */
  #pagesFailure: unknown;
  #closing: Promise<void> | undefined;
  /** Settles when no scrub is under way. */
  #scrubs: Promise<unknown> = Promise.resolve();

  private constructor(options: ResolvedOptions, lock: FileLock, opened: OpenedStore) {
    const { log, storage, control, files, report, lastCommit, highestId } = opened;
    this.#options = options;
    this.#lock = lock;
    this.#storage = storage;
    this.#log = log;
    this.#opened = opened;
    this.recovery = report;
    this.#transactions = new TransactionManager({
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
        await undoLive(transaction, { files, directory: options.directory, log, storage });
      },
      isClosing: () => this.#closing !== undefined,
      refuseIfClosed: this.#refuseIfClosed,
    });
    this.#checkpointer = new Checkpointer({
      log,
      storage,
      control,
      logger: options.logger,
      checkpointBytes: options.checkpointBytes,
      highestId: () => this.#transactions.highestId,
      onFailure: (cause) => {
        // The log is sound: what is acknowledged can still be made durable, at the latest by the close.
        this.#pagesFailure ??= cause;
        options.logger.error({ event: "pages.failed", error: cause }, "pages could not be written");
      },
    });
  }

  /**
   * Opens a store, or makes one. Once it resolves, everything that recovery accepted is durable.
   *
   * @throws SeawallError `INVALID_ARGUMENT`, `LOCKED`, `CORRUPTION` (nothing was changed), `RECOVERY` (a
   * newer format), `NO_SPACE`, `IO`.
   */
  static async open(options: OpenOptions): Promise<Database> {
    const resolved = resolveOptions(options);
    const { directory, platform, createIfMissing } = resolved;
    const entered = await enterDirectory(platform.files, directory, createIfMissing);
    try {
      return new Database(resolved, entered.lock, await openStore(resolved, entered));
    } catch (error) {
      await entered.lock.release();
      throw error;
    }
  }

  /** Begins a transaction. @throws SeawallError `CLOSED`, `INVALID_ARGUMENT`. */
  begin(options: TransactionOptions = {}): Transaction {
    this.#refuseIfClosed();
    refuseOptions(options, "the options of a transaction");
    const isolation = options.isolation ?? this.#options.isolation;
    refuseLevel(isolation);
    const transaction = new Transaction({
      manager: this.#transactions,
      isolation,
      keyEncoding: this.#options.keyEncoding,
      transactionBytesMax: this.#options.transactionBytesMax,
      refuseIfClosed: this.#refuseIfClosed,
      onEnd: (ended) => {
        this.#open.delete(ended);
      },
    });
    this.#open.add(transaction);
    return transaction;
  }

  /**
   * Runs the work in a transaction and commits it; runs it again when others' commits conflict, so it
   * must be fit to run more than once. When the work throws, the transaction is rolled back.
   *
   * @throws whatever the work throws; SeawallError `CONFLICT` after the last attempt.
   */
  async transaction<T>(
    work: (transaction: Transaction) => Promise<T>,
    options: RunOptions = {},
  ): Promise<T> {
    refuseOptions(options, "the options of a transaction");
    refuseRun(work, options.attemptsMax);
    return await retryConflicts(options.attemptsMax ?? 10, this.#log, async () => {
      const transaction = this.begin(options);
      try {
        const result = await work(transaction);
        if (transaction.wasAbandoned) {
          // The store was closed under it: its writes are gone, and that must not look like a success.
          this.#refuseIfClosed();
        }
        if (transaction.isOpen) {
          await transaction.commit(options);
        }
        return result;
      } finally {
        await transaction.abandon();
      }
    });
  }

  /** The newest visible value of a key; undefined when it is not there. */
  async get(key: Key): Promise<unknown> {
    this.#refuseIfClosed();
    const stored = encodeKey(key, this.#options.keyEncoding);
    const manager = this.#transactions;
    const { value } = await manager.read(stored, () => {
      this.#refuseIfClosed();
      return manager.view(manager.visibleCommit);
    });
    return value === undefined ? undefined : decodeValue(value);
  }

  /**
   * As `get`, at once, when the page is in memory; NOT_CACHED when it is not: `get` loads it then.
   *
   * @throws SeawallError `INVALID_ARGUMENT`, `CLOSED`.
   */
  getSync(key: Key): unknown {
    this.#refuseIfClosed();
    const stored = encodeKey(key, this.#options.keyEncoding);
    const manager = this.#transactions;
    const found = readKey(manager.view(manager.visibleCommit), stored);
    if (found.kind === "missing") {
      return NOT_CACHED;
    }
    return found.value === undefined ? undefined : decodeValue(found.value);
  }

  /** Gives a key a value, in a transaction of its own. @throws as `Transaction.commit`. */
  async put(key: Key, value: unknown, options: CommitOptions = {}): Promise<CommitReceipt> {
    this.#refuseIfClosed();
    const writes = new WriteSet();
    writes.set(encodeKey(key, this.#options.keyEncoding), encodeValue(value));
    return await this.#commit(writes, options);
  }

  /** Removes a key, in a transaction of its own. @throws as `Transaction.commit`. */
  async delete(key: Key, options: CommitOptions = {}): Promise<CommitReceipt> {
    this.#refuseIfClosed();
    const writes = new WriteSet();
    writes.set(encodeKey(key, this.#options.keyEncoding), undefined);
    return await this.#commit(writes, options);
  }

  /** All of these changes or none, in order. @throws as `Transaction.commit`. */
  async batch(
    operations: readonly BatchOperation[],
    options: CommitOptions = {},
  ): Promise<CommitReceipt> {
    this.#refuseIfClosed();
    const writes = writeSetOf(operations, this.#options.keyEncoding);
    return await this.#commit(writes, options);
  }

  /** A transaction that was not begun: it has read nothing. */
  async #commit(writes: WriteSet, options: CommitOptions): Promise<CommitReceipt> {
    refuseOptions(options, "the options of a commit");
    if (writes.size === 0) {
      return emptyReceipt(this.#transactions.visibleCommit);
    }
    return await this.#transactions.commit({
      id: this.#transactions.nextId(),
      // Blind writes depend on nothing that others could change.
      isolation: "read-committed",
      snapshot: this.#transactions.visibleCommit,
      reads: NO_READS,
      writes,
      mustSync: options.sync === true,
      refuseUnlessOpen: this.#refuseIfClosed,
      onNumbered: () => {},
    });
  }

  /** Entries in key order, all from the commit that is the newest visible one at the first `next`. */
  scan(options: ScanOptions = {}): Scan {
    this.#refuseIfClosed();
    const encoding = this.#options.keyEncoding;
    const range = resolveScan(options, encoding);
    const manager = this.#transactions;
    const later = manager.snapshotLater();
    return new Scan(
      {
        begin: () => {
          later.take();
        },
        end: () => {
          later.release();
        },
        view: () => {
          this.#refuseIfClosed();
          return manager.view(later.snapshot ?? manager.visibleCommit);
        },
        onCovered: () => {},
        whenResident: manager.whenResident,
        encoding,
      },
      range,
    );
  }

  /**
   * Makes every commit acknowledged before this call durable, whatever the sync policy.
   *
   * @throws SeawallError `OUTCOME_UNKNOWN` when the disk failed: they may or may not survive.
   */
  async sync(): Promise<void> {
    this.#refuseIfClosed();
    await this.#log.sync();
  }

  /**
   * Writes changed pages, and moves the place where recovery begins: an open has only later log to read.
   * Commits go on meanwhile. Happens by itself as the log grows, and when the store is closed. Every commit
   * acknowledged before this call is durable when it resolves, whatever the sync policy.
   *
   * @throws SeawallError `NO_SPACE`: nothing is lost, try again; `OUTCOME_UNKNOWN` or `IO`: the store has
   * stopped.
   */
  async checkpoint(): Promise<void> {
    this.#refuseIfClosed();
    await this.#checkpointer.checkpoint();
  }

  /**
   * Reads every page, and checks that they are whole and make one tree. Commits wait meanwhile. Returns
   * what is wrong: nothing, for a store that is as it should be.
   *
   * @throws SeawallError `CLOSED`.
   */
  async verify(): Promise<readonly Problem[]> {
    this.#refuseIfClosed();
    return await this.#transactions.withoutCommits(async () => {
      this.#refuseIfClosed();
      return await this.#storage.verify(this.#log.endLsn);
    });
  }

  /**
   * Reads everything that the store may need from the disk, in every copy of it; with `copies: 2` gives each
   * copy what only the other one holds. Finds what no read has met yet before the other copy is damaged, too.
   * Others go on meanwhile. What was repaired is durable when it resolves.
   *
   * @throws SeawallError `CLOSED`; `OUTCOME_UNKNOWN` or `IO`: a repair could not be made durable, and the
   * store has stopped.
   */
  async scrub(): Promise<ScrubReport> {
    this.#refuseIfClosed();
    const scrub = scrubStore({
      ...this.#parts,
      files: this.#opened.files,
      directory: this.#options.directory,
      refuseIfClosed: this.#refuseIfClosed,
    });
    this.#scrubs = Promise.allSettled([this.#scrubs, scrub]);
    return await scrub;
  }

  /**
   * Gives the space of removed data back to the file system: moves pages to the front of the file and makes
   * it shorter. Commits wait meanwhile. A crash in the middle loses nothing.
   *
   * @throws SeawallError `NO_SPACE`: nothing is lost; `CLOSED`, `CORRUPTION`, `IO`.
   */
  async compact(): Promise<void> {
    this.#refuseIfClosed();
    await this.#transactions.withoutCommits(async () => {
      this.#refuseIfClosed();
      await this.#storage.compact(this.#log);
      // Before the end of the file goes away no record may need it any more.
      await this.#checkpointer.checkpoint();
      await this.#storage.truncate();
    });
  }

  stats(): DatabaseStats {
    return {
      ...this.#transactions.stats,
      ...this.#storage.stats,
      openTransactions: this.#open.size,
      lastCommitNumber: this.#transactions.lastCommit,
      visibleCommitNumber: this.#transactions.visibleCommit,
      unsyncedCommits: this.#log.unsyncedCommits,
      endLsn: this.#log.endLsn,
      durableLsn: this.#log.durableLsn,
      checkpoints: this.#checkpointer.checkpoints,
      startLsn: this.#opened.control.newest.startLsn,
      copies: this.#opened.control.newest.copies,
      ...this.#opened.repairs,
    };
  }

  /**
   * Rolls back what is open, makes every commit durable and lets go of the files. From the call on nothing
   * new begins; commits that are logged already are acknowledged first, others are refused. Closing a
   * store that failed only lets go; closing twice waits for the one close.
   *
   * @throws SeawallError `OUTCOME_UNKNOWN` when the last sync fails, or the store failed while it was closed
   * and commits may not be durable; `IO` when a file cannot be closed. It is closed and unlocked all the same.
   */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    const failed = this.#failure !== undefined;
    try {
      await Promise.all(Array.from(this.#open, (transaction) => transaction.abandon()));
      await this.#scrubs;
      await this.#transactions.settled();
      await this.#checkpointer.stop();
      await finishStore(this.#parts, this.#transactions.lastCommit, failed);
    } finally {
      await letGo(this.#parts);
      this.#options.logger.info({ event: "close", failed }, "store closed");
    }
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
      log: this.#log,
      storage: this.#storage,
      control: this.#opened.control,
      checkpointer: this.#checkpointer,
      lock: this.#lock,
      logger: this.#options.logger,
    };
  }

  /** Why the store takes nothing more. */
  get #failure(): unknown {
    return this.#log.failure ?? this.#pagesFailure ?? this.#storage.failure;
  }

  readonly #refuseIfClosed = (): void => {
    const cause = this.#failure;
    if (cause !== undefined) {
      throw new SeawallError(
        "CLOSED",
        "the store stopped when its disk failed: close it, and open it again",
        { cause },
      );
    }
    if (this.#closing !== undefined) {
      throw new SeawallError("CLOSED", "the store is closed");
    }
  };
}

const NO_READS = new ReadSet();
