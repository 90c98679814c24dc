import { transactionId } from "../base/units.ts";
import type { CommitNumber, Lsn, TransactionId } from "../base/units.ts";
import type { LogRecord } from "../log/record.ts";
import type { OpenTransaction } from "../transactions/large-transactions.ts";

/** What a record contradicts, for the error that recovery raises. */
export type Contradiction = { readonly expected: string; readonly found: string };

/** What was known where the log begins to be read. */
export interface TableStart {
  readonly lastCommit: CommitNumber;
  readonly highestId: TransactionId;
}

/**
 * The analysis of recovery: which transactions the log leaves open, and the last commit. Takes every
 * record in log order, from a place where no transaction is open.
 */
export class TransactionTable {
  readonly #open = new Map<TransactionId, OpenTransaction>();
  lastCommit: CommitNumber;
  highestId: TransactionId;
  committed = 0;

  constructor({ lastCommit, highestId }: TableStart) {
    this.lastCommit = lastCommit;
    this.highestId = highestId;
  }

  /** The losers, in the order in which they began. */
  get open(): readonly OpenTransaction[] {
    return [...this.#open.values()];
  }

  /** Takes one record. Returns what it contradicts: damage that checksums did not show. */
  note(record: LogRecord, lsn: Lsn): Contradiction | undefined {
    switch (record.kind) {
      case "open":
      case "close":
        return undefined;
      case "begin":
        return this.#begin(record.transaction, lsn);
      case "structure":
        return record.change === undefined
          ? undefined
          : this.#change(record.change.transaction, record.change.undoneLsn);
      case "put":
      case "delete":
        return this.#change(record.transaction, undefined);
      case "clr":
        return this.#change(record.transaction, record.undoneLsn);
      case "rollback":
        return this.#end(record.transaction);
      case "commit":
        return this.#end(record.transaction) ?? this.#noteCommit(record.commitNumber);
    }
  }

  #begin(id: TransactionId, beginLsn: Lsn): Contradiction | undefined {
    if (this.#open.has(id)) {
      return { expected: "a new transaction", found: `a second begin of transaction ${id}` };
    }
    this.highestId = transactionId(Math.max(this.highestId, id));
    this.#open.set(id, { id, beginLsn, undoBelow: Infinity });
    return undefined;
  }

  #change(id: TransactionId, undoneLsn: Lsn | undefined): Contradiction | undefined {
    const transaction = this.#open.get(id);
    if (transaction === undefined) {
      return notOpen(id);
    }
    // Undo goes backward: everything from the undone record on is undone.
    transaction.undoBelow = undoneLsn ?? transaction.undoBelow;
    return undefined;
  }

  #end(id: TransactionId): Contradiction | undefined {
    return this.#open.delete(id) ? undefined : notOpen(id);
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

function notOpen(id: TransactionId): Contradiction {
  return {
    expected: "a record of an open transaction",
    found: `a record of transaction ${id}, which is not open`,
  };
}
