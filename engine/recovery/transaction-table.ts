import { commitNumber, transactionId } from "../base/units.ts";
import type { CommitNumber, Lsn, TransactionId } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { StoredValue } from "../data/value-codec.ts";
import type { LogRecord } from "../log/record.ts";

/** A change that may have to be undone. */
export interface UndoableChange {
  readonly lsn: Lsn;
  readonly key: StoredKey;
  readonly old: StoredValue | undefined;
}

/** A transaction that has begun in the log and not ended there. */
export interface OpenTransaction {
  readonly id: TransactionId;
  /** In log order; what a CLR has undone is not here any more. */
  changes: UndoableChange[];
}

/** What a record contradicts, for the error that recovery raises. */
export type Contradiction = { readonly expected: string; readonly found: string };

/**
 * The analysis of recovery: which transactions the log leaves open, and the last commit. Takes every
 * record in log order.
 */
export class TransactionTable {
  readonly #open = new Map<TransactionId, OpenTransaction>();
  lastCommit: CommitNumber = commitNumber(0);
  highestId: TransactionId = transactionId(0);
  committed = 0;
  /** True while the last record says that the store was closed. */
  closed = false;

  /** The losers, in the order in which they began. */
  get open(): readonly OpenTransaction[] {
    return [...this.#open.values()];
  }

  /** Takes one record. Returns what it contradicts: damage that checksums did not show. */
  note(record: LogRecord, lsn: Lsn): Contradiction | undefined {
    this.closed = record.kind === "close";
    if (record.kind === "close" || record.kind === "open") {
      return undefined;
    }
    if (record.transaction > this.highestId) {
      this.highestId = record.transaction;
    }
    if (record.kind === "begin") {
      this.#open.set(record.transaction, { id: record.transaction, changes: [] });
      return undefined;
    }
    const transaction = this.#open.get(record.transaction);
    if (transaction === undefined) {
      return {
        expected: "a record of an open transaction",
        found: `${record.kind} of transaction ${record.transaction}, which is not open`,
      };
    }
    return this.#noteIn(transaction, record, lsn);
  }

  #noteIn(
    transaction: OpenTransaction,
    record: Exclude<LogRecord, { kind: "begin" | "open" | "close" }>,
    lsn: Lsn,
  ): Contradiction | undefined {
    switch (record.kind) {
      case "put":
      case "delete":
        transaction.changes.push({ lsn, key: record.key, old: record.old });
        return undefined;
      case "clr":
        // Everything from the undone record on is undone: undo goes backward.
        transaction.changes = transaction.changes.filter((change) => change.lsn < record.undoneLsn);
        return undefined;
      case "rollback":
        this.#open.delete(transaction.id);
        return undefined;
      case "commit":
        this.#open.delete(transaction.id);
        return this.#noteCommit(record.commitNumber);
    }
  }

  #noteCommit(number: CommitNumber): Contradiction | undefined {
    if (number !== this.lastCommit + 1) {
      return { expected: `commit ${this.lastCommit + 1}`, found: `commit ${number}` };
    }
    this.lastCommit = number;
    this.committed += 1;
    return undefined;
  }
}
