import { SeawallError } from "./base/errors.ts";
import { encodeKey } from "./data/key-codec.ts";
import type { Key } from "./data/key-codec.ts";
import { decodeValue } from "./data/value-codec.ts";
import type { WalManager } from "./log/wal-manager.ts";
import { refuseLevel, refuseOptions, resolveOptions } from "./options.ts";
import type { OpenOptions, ResolvedOptions } from "./options.ts";
import { MemoryStorage } from "./pages/memory-storage.ts";
import type { StorageManager } from "./pages/storage-manager.ts";
import type { FileLock } from "./platform/file-io.ts";
import { doing } from "./platform/io-errors.ts";
import { openLog } from "./recovery/open-log.ts";
import type { OpenedLog } from "./recovery/open-log.ts";
import type { RecoveryReport } from "./recovery/recovery-report.ts";
import { enterDirectory } from "./recovery/store-directory.ts";
import { writeSetOf } from "./transactions/batch-operation.ts";
import type { BatchOperation } from "./transactions/batch-operation.ts";
import { RecordEncoder } from "./transactions/commit-records.ts";
import type { IsolationLevel } from "./transactions/conflict-check.ts";
import { resolveScan, scanRange } from "./transactions/range-scan.ts";
import type { Entry, ScanOptions } from "./transactions/range-scan.ts";
import { ReadSet } from "./transactions/read-set.ts";
import { retryConflicts } from "./transactions/retry.ts";
import { readKey } from "./transactions/snapshot-read.ts";
import { Transaction, withSnapshot } from "./transactions/transaction.ts";
import type { CommitOptions } from "./transactions/transaction.ts";
import { emptyReceipt, TransactionManager } from "./transactions/transaction-manager.ts";
import type { CommitReceipt } from "./transactions/transaction-manager.ts";

export interface TransactionOptions {
  /** @defaultValue the store's */
  readonly isolation?: IsolationLevel;
}

export interface RunOptions extends TransactionOptions, CommitOptions {
  /** How often to try when others' commits conflict. @defaultValue 10 */
  readonly attemptsMax?: number;
}

export interface DatabaseStats {
  readonly keys: number;
  readonly openTransactions: number;
  /** Snapshots in use, and the commit that the oldest one sees: old versions are kept for it. */
  readonly snapshots: number;
  readonly oldestSnapshot: number;
  /** Keys of which an older version is kept. */
  readonly versions: number;
  readonly conflicts: number;
  readonly lastCommitNumber: number;
  /** The last commit that new transactions see. */
  readonly visibleCommitNumber: number;
  readonly unsyncedCommits: number;
  readonly endLsn: number;
  readonly durableLsn: number;
}

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
  readonly #transactions: TransactionManager;
  readonly #open = new Set<Transaction>();
  #closing: Promise<void> | undefined;

  private constructor(
    options: ResolvedOptions,
    lock: FileLock,
    storage: StorageManager,
    opened: OpenedLog,
  ) {
    this.#options = options;
    this.#lock = lock;
    this.#storage = storage;
    this.#log = opened.log;
    this.recovery = opened.report;
    this.#transactions = new TransactionManager({
      log: opened.log,
      storage,
      clock: options.platform.clock,
      lastCommit: opened.lastCommit,
      epoch: opened.report.epoch,
      refuseIfClosed: this.#refuseIfClosed,
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
    const { lock, wasMarked } = await enterDirectory(platform.files, directory, createIfMissing);
    try {
      const storage = new MemoryStorage();
      return new Database(resolved, lock, storage, await openLog(resolved, storage, wasMarked));
    } catch (error) {
      await lock.release();
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
    refuseRun(work, options);
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
        transaction.abandon();
      }
    });
  }

  /** The newest visible value of a key; undefined when it is not there. */
  async get(key: Key): Promise<unknown> {
    this.#refuseIfClosed();
    const stored = encodeKey(key, this.#options.keyEncoding);
    const view = this.#transactions.view(this.#transactions.visibleCommit, undefined);
    const value = readKey(view, stored);
    return value === undefined ? undefined : decodeValue(value);
  }

  /** Gives a key a value, in a transaction of its own. @throws as `Transaction.commit`. */
  async put(key: Key, value: unknown, options: CommitOptions = {}): Promise<CommitReceipt> {
    return await this.batch([{ type: "put", key, value }], options);
  }

  /** Removes a key, in a transaction of its own. @throws as `Transaction.commit`. */
  async delete(key: Key, options: CommitOptions = {}): Promise<CommitReceipt> {
    return await this.batch([{ type: "delete", key }], options);
  }

  /** All of these changes or none, in order. @throws as `Transaction.commit`. */
  async batch(
    operations: readonly BatchOperation[],
    options: CommitOptions = {},
  ): Promise<CommitReceipt> {
    this.#refuseIfClosed();
    refuseOptions(options, "the options of a commit");
    const writes = writeSetOf(operations, this.#options.keyEncoding);
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
      onNumbered: () => {},
    });
  }

  /** Entries in key order, all from the commit that is the newest visible one at the first `next`. */
  scan(options: ScanOptions = {}): AsyncGenerator<Entry> {
    this.#refuseIfClosed();
    const encoding = this.#options.keyEncoding;
    const scan = resolveScan(options, encoding);
    const manager = this.#transactions;
    return withSnapshot(manager, (snapshot) =>
      scanRange(
        {
          view: () => {
            this.#refuseIfClosed();
            return manager.view(snapshot, undefined);
          },
          onCovered: () => {},
          encoding,
        },
        scan,
      ),
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

  stats(): DatabaseStats {
    return {
      ...this.#transactions.stats,
      keys: this.#storage.size,
      openTransactions: this.#open.size,
      lastCommitNumber: this.#transactions.lastCommit,
      visibleCommitNumber: this.#transactions.visibleCommit,
      unsyncedCommits: this.#log.unsyncedCommits,
      endLsn: this.#log.endLsn,
      durableLsn: this.#log.durableLsn,
    };
  }

  /**
   * Rolls back what is open, makes every commit durable and lets go of the files. From the call on nothing
   * new begins; commits that are logged already are acknowledged first, others are refused. Closing a
   * store that failed only lets go; closing twice waits for the one close.
   *
   * @throws SeawallError `OUTCOME_UNKNOWN` when the last sync fails, `IO` when a file cannot be closed; the
   * store is closed and unlocked all the same.
   */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    const failed = this.#log.failure !== undefined;
    try {
      for (const transaction of Array.from(this.#open)) {
        transaction.abandon();
      }
      if (!failed) {
        await this.#finishLog();
      }
    } finally {
      try {
        await doing("closing the log", this.#log.close());
      } finally {
        await doing("unlocking the store", this.#lock.release());
        this.#options.logger.info({ event: "close", failed }, "store closed");
      }
    }
  }

  /** Everything durable, then a record that says so. */
  async #finishLog(): Promise<void> {
    await this.#log.sync();
    const commitNumber = this.#transactions.lastCommit;
    const group = new RecordEncoder().group([{ kind: "close", commitNumber }]);
    if (await this.#hasRoomToClose(group.bytes.length)) {
      this.#log.append(group);
      await this.#log.sync();
    }
  }

  /** Without room for the record the next open finds the log unclosed, and reads a little more. No loss. */
  async #hasRoomToClose(groupBytes: number): Promise<boolean> {
    try {
      for (let attempts = 0; attempts < 3 && !this.#log.hasRoom(groupBytes); attempts += 1) {
        await this.#log.makeRoom(groupBytes);
      }
    } catch (error) {
      const details = { event: "close.no-room", error };
      this.#options.logger.warn(details, "no room to note the close in the log");
    }
    return this.#log.hasRoom(groupBytes);
  }

  readonly #refuseIfClosed = (): void => {
    if (this.#log.failure !== undefined) {
      throw new SeawallError(
        "CLOSED",
        "the store stopped when its log failed: close it, and open it again",
        { cause: this.#log.failure },
      );
    }
    if (this.#closing !== undefined) {
      throw new SeawallError("CLOSED", "the store is closed");
    }
  };
}

const NO_READS = new ReadSet();

function refuseRun(work: unknown, options: RunOptions): void {
  refuseOptions(options, "the options of a transaction");
  const { attemptsMax = 1 } = options;
  if (typeof work !== "function") {
    throw new SeawallError("INVALID_ARGUMENT", "the work of a transaction must be a function");
  }
  if (!Number.isSafeInteger(attemptsMax) || attemptsMax < 1) {
    throw new SeawallError(
      "INVALID_ARGUMENT",
      `attemptsMax must be a whole number from 1, not ${String(attemptsMax)}`,
    );
  }
}
