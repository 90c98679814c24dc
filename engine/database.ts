import { encodeKey } from "./data/key-codec.ts";
import type { Key } from "./data/key-codec.ts";
import { decodeValue, encodeValue } from "./data/value-codec.ts";
import { refuseLevel, refuseOptions, resolveOptions } from "./options.ts";
import type { OpenOptions, ResolvedOptions } from "./options.ts";
import type { Problem } from "./pages/verify.ts";
import { openStore } from "./recovery/open-store.ts";
import type { RecoveryReport } from "./recovery/recovery-report.ts";
import type { ScrubReport } from "./recovery/scrub-store.ts";
import { enterDirectory } from "./recovery/store-directory.ts";
import { RunningStore } from "./running-store.ts";
import type { StoreStats } from "./running-store.ts";
import { writeSetOf } from "./transactions/batch-operation.ts";
import type { BatchOperation } from "./transactions/batch-operation.ts";
import type { IsolationLevel } from "./transactions/conflict-check.ts";
import { resolveScan } from "./transactions/range-scan.ts";
import type { ScanOptions } from "./transactions/range-scan.ts";
import { ReadSet } from "./transactions/read-set.ts";
import { refuseRun, retryConflicts } from "./transactions/retry.ts";
import { Scan } from "./transactions/scan.ts";
import { readKey } from "./transactions/snapshot-read.ts";
import { emptyReceipt } from "./transactions/transaction-manager.ts";
import type { CommitReceipt, TransactionManager } from "./transactions/transaction-manager.ts";
import { Transaction } from "./transactions/transaction.ts";
import type { CommitOptions } from "./transactions/transaction.ts";
import { WriteSet } from "./transactions/write-set.ts";

export interface TransactionOptions {
  /** @defaultValue the store's */
  readonly isolation?: IsolationLevel;
}

export interface RunOptions extends TransactionOptions, CommitOptions {
  /** How often to try when others' commits conflict. @defaultValue 10 */
  readonly attemptsMax?: number;
}

export interface DatabaseStats extends StoreStats {
  readonly openTransactions: number;
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
  readonly #store: RunningStore;
  readonly #transactions: TransactionManager;
  readonly #open = new Set<Transaction>();
  readonly #refuseIfClosed: () => void;
  #closing: Promise<void> | undefined;

  private constructor(options: ResolvedOptions, store: RunningStore, recovery: RecoveryReport) {
    this.recovery = recovery;
    this.#options = options;
    this.#store = store;
    this.#transactions = store.transactions;
    this.#refuseIfClosed = store.refuseIfClosed;
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
      const opened = await openStore(resolved, entered);
      const store = new RunningStore(resolved, entered.lock, opened);
      return new Database(resolved, store, opened.report);
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
    return await retryConflicts(options.attemptsMax ?? 10, this.#store.log, async () => {
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
    await this.#store.log.sync();
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
    await this.#store.checkpoint();
  }

  /**
   * Reads every page, and checks that they are whole and make one tree. Commits wait meanwhile. Returns
   * what is wrong: nothing, for a store that is as it should be.
   *
   * @throws SeawallError `CLOSED`.
   */
  async verify(): Promise<readonly Problem[]> {
    return await this.#store.verify();
  }

  /**
   * Reads everything that the store may need from the disk, in every copy of it; with `copies: 2` gives each
   * copy what only the other one holds. Finds what no read has met yet before the other copy is damaged, too.
   * Others go on meanwhile. What was repaired is durable when it resolves. What no copy holds is among the
   * `problems`, and stops nothing.
   *
   * @throws SeawallError `CLOSED`; `OUTCOME_UNKNOWN` or `IO`: a repair could not be made durable, and the
   * store has stopped.
   */
  async scrub(): Promise<ScrubReport> {
    return await this.#store.scrub();
  }

  /**
   * Gives the space of removed data back to the file system: moves pages to the front of the file and makes
   * it shorter. Commits wait meanwhile. A crash in the middle loses nothing.
   *
   * @throws SeawallError `NO_SPACE`: nothing is lost; `CLOSED`, `CORRUPTION`, `IO`.
   */
  async compact(): Promise<void> {
    await this.#store.compact();
  }

  stats(): DatabaseStats {
    return { ...this.#store.stats, openTransactions: this.#open.size };
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
    this.#closing ??= this.#store.close(() =>
      Promise.all(Array.from(this.#open, (transaction) => transaction.abandon())),
    );
    await this.#closing;
  }
}

const NO_READS = new ReadSet();
