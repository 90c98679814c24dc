import { isSeawallError, SeawallError } from "../base/errors.ts";
import type { CommitNumber, TransactionId } from "../base/units.ts";
import { encodeKey } from "../data/key-codec.ts";
import type { Key, KeyEncoding } from "../data/key-codec.ts";
import { decodeValue, encodeValue } from "../data/value-codec.ts";
import type { IsolationLevel } from "./conflict-check.ts";
import { resolveScan } from "./range-scan.ts";
import type { ScanOptions } from "./range-scan.ts";
import { ReadSet } from "./read-set.ts";
import { Scan } from "./scan.ts";
import type { View } from "./snapshot-read.ts";
import { emptyReceipt } from "./transaction-manager.ts";
import type { Spill } from "./spill.ts";
import type { SpillRequest } from "./large-transactions.ts";
import type { CommitReceipt, OwnChanges, TransactionManager } from "./transaction-manager.ts";
import { WriteSet } from "./write-set.ts";

export interface CommitOptions {
  /**
   * Acknowledge only once this commit, and so every earlier one, is durable, whatever the sync policy.
   * @defaultValue false
   */
  readonly sync?: boolean;
}

export interface TransactionContext {
  readonly manager: TransactionManager;
  readonly isolation: IsolationLevel;
  readonly keyEncoding: KeyEncoding;
  /** Memory for writes. */
  readonly transactionBytesMax: number;
  /** Throws when the store is closed or has failed. */
  readonly refuseIfClosed: () => void;
  readonly onEnd: (transaction: Transaction) => void;
}

type State = "open" | "committing" | "committed" | "rolled back";

/**
 * A unit of work: all of it happens or nothing. Sees a snapshot and its own writes; nobody else sees
 * those before it commits. Ends with `commit` or `rollback`; an open one keeps the versions of its
 * snapshot in memory.
 */
export class Transaction {
  /** Unique across reopens. */
  readonly id: TransactionId;
  readonly isolation: IsolationLevel;
  /** The commit that its reads see. At `read-committed`: the newest visible one when it began. */
  readonly snapshot: CommitNumber;
  readonly #context: TransactionContext;
  readonly #writes = new WriteSet();
  readonly #reads = new ReadSet();
  #state: State = "open";
  #wasAbandoned = false;
  #commitNumber: CommitNumber | undefined;
  /** Begins when the writes are too large for memory. */
  #spilling: Promise<Spill> | undefined;
  #spill: Spill | undefined;

  constructor(context: TransactionContext) {
    this.#context = context;
    this.isolation = context.isolation;
    this.id = context.manager.nextId();
    this.snapshot = context.manager.takeSnapshot();
  }

  /** Its place in commit order, once it has one. It may be durable from then on. */
  get commitNumber(): CommitNumber | undefined {
    return this.#commitNumber;
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Ended by its owner, and not by whoever works with it. */
  get wasAbandoned(): boolean {
    return this.#wasAbandoned;
  }

  /**
   * The value of a key, or undefined when it is not there.
   *
   * @throws SeawallError `INVALID_ARGUMENT`, `TRANSACTION` after its end, `CLOSED`.
   */
  async get(key: Key): Promise<unknown> {
    this.#refuseUnlessOpen();
    const stored = encodeKey(key, this.#context.keyEncoding);
    const { value, isOwn } = await this.#context.manager.read(stored, () => {
      // Its versions are kept for as long as it is open.
      this.#refuseUnlessOpen();
      return this.#view();
    });
    if (this.isolation === "serializable" && !isOwn) {
      this.#reads.addKey(stored);
    }
    return value === undefined ? undefined : decodeValue(value);
  }

  /**
   * Gives a key a value, when the transaction commits.
   *
   * Beyond the store's `transactionBytesMax` writes go to the data pages at once, other commits wait until
   * this transaction ends, and a crash or a rollback has them undone.
   *
   * @throws SeawallError `INVALID_ARGUMENT`, `SERIALIZATION`, `TRANSACTION`, `CLOSED`: the transaction
   * goes on without this write. `CONFLICT`, `NO_SPACE`, `IO`, `OUTCOME_UNKNOWN` from a transaction that is
   * too large for memory: it is rolled back.
   */
  async put(key: Key, value: unknown): Promise<void> {
    this.#refuseUnlessOpen();
    this.#writes.set(encodeKey(key, this.#context.keyEncoding), encodeValue(value));
    await this.#keepSmall();
  }

  /** Removes a key, when the transaction commits. Removing one that is not there is fine. */
  async delete(key: Key): Promise<void> {
    this.#refuseUnlessOpen();
    this.#writes.set(encodeKey(key, this.#context.keyEncoding), undefined);
    await this.#keepSmall();
  }

  /**
   * Entries in key order: those of the snapshot, with own writes. Begins to read at the first `next`.
   *
   * @throws SeawallError `INVALID_ARGUMENT` at once; `TRANSACTION` when the transaction ends first.
   */
  scan(options: ScanOptions = {}): Scan {
    this.#refuseUnlessOpen();
    const { keyEncoding, manager } = this.#context;
    const range = resolveScan(options, keyEncoding);
    // At read-committed the scan as a whole is one read: it sees one commit, and keeps its versions.
    const own = this.isolation === "read-committed" ? manager.snapshotLater() : undefined;
    return new Scan(
      {
        begin: () => own?.take(),
        end: () => own?.release(),
        view: () => {
          this.#refuseUnlessOpen();
          return manager.view(own?.snapshot ?? this.snapshot, this.#own);
        },
        onCovered: (covered) => {
          if (this.isolation === "serializable") {
            this.#reads.addRange(covered);
          }
        },
        whenResident: manager.whenResident,
        encoding: keyEncoding,
      },
      range,
    );
  }

  /**
   * Makes the writes happen. What survives a crash once this resolves is the sync policy's promise. A
   * transaction that wrote nothing has nothing to log and always succeeds.
   *
   * @throws SeawallError `CONFLICT` (retryable), `NO_SPACE`, `TRANSACTION`, `CLOSED`: nothing happened.
   * `OUTCOME_UNKNOWN`: a reopen will tell. The transaction is over in every case.
   */
  async commit(options: CommitOptions = {}): Promise<CommitReceipt> {
    this.#refuseUnlessOpen();
    if (this.#writes.size === 0 && this.#spilling === undefined) {
      this.#end("committed");
      return emptyReceipt(this.snapshot);
    }
    this.#state = "committing";
    try {
      const spill = await this.#spilling;
      const receipt = await this.#context.manager.commit({
        ...this.#request(),
        spill,
        mustSync: options.sync === true,
        onNumbered: (number) => {
          this.#commitNumber = number;
        },
      });
      this.#end("committed");
      return receipt;
    } catch (error) {
      this.#end(this.#commitNumber === undefined ? "rolled back" : "committed");
      throw error;
    }
  }

  /**
   * Takes the writes back. Those in memory are forgotten, and were never logged; those of a transaction that
   * was too large for memory are undone. @throws SeawallError `TRANSACTION`, `CLOSED`.
   */
  async rollback(): Promise<void> {
    this.#refuseUnlessOpen();
    await this.#rollBack();
  }

  /** As `rollback`, for an owner who does not know whether there is anything left to end. Never throws. */
  async abandon(): Promise<void> {
    if (this.isOpen) {
      this.#wasAbandoned = true;
      await this.#rollBack();
    }
  }

  async #rollBack(): Promise<void> {
    this.#state = "rolled back";
    const spill = await this.#spilling?.catch(() => undefined);
    if (spill !== undefined) {
      await this.#context.manager.large.rollBack(spill);
    }
    this.#end("rolled back");
  }

  /** Moves writes to the pages when there are too many for memory. */
  async #keepSmall(): Promise<void> {
    const { manager, transactionBytesMax } = this.#context;
    if (this.#writes.bytes <= transactionBytesMax) {
      return;
    }
    this.#spilling ??= manager.large.begin(this.#request());
    try {
      this.#spill = await this.#spilling;
      await this.#spill.drain();
    } catch (error) {
      await this.#giveUp(error);
      throw error;
    }
  }

  /** It keeps others from committing, so it must not wait for its owner to notice that it failed. */
  async #giveUp(error: unknown): Promise<void> {
    if (this.isOpen) {
      const rolledBack = this.#rollBack();
      // On a full disk a rollback waits for room; whoever put hears at once.
      await (isSeawallError(error, "NO_SPACE") ? undefined : rolledBack);
    }
  }

  #request(): SpillRequest {
    return {
      id: this.id,
      isolation: this.isolation,
      snapshot: this.snapshot,
      reads: this.#reads,
      writes: this.#writes,
      refuseUnlessOpen: () => {
        if (this.#state !== "committing") {
          this.#refuseUnlessOpen();
        }
      },
    };
  }

  get #own(): OwnChanges {
    return { writes: this.#writes, spill: this.#spill };
  }

  #view(): View {
    const { manager } = this.#context;
    const snapshot = this.isolation === "read-committed" ? manager.visibleCommit : this.snapshot;
    return manager.view(snapshot, this.#own);
  }

  #end(state: State): void {
    this.#state = state;
    this.#context.manager.releaseSnapshot(this.snapshot);
    this.#context.onEnd(this);
  }

  #refuseUnlessOpen(): void {
    this.#context.refuseIfClosed();
    if (this.#state !== "open") {
      throw new SeawallError(
        "TRANSACTION",
        `the transaction is ${this.#state}: begin a new one for further work`,
      );
    }
  }
}
