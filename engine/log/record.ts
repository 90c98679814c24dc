import type { CommitNumber, Lsn, TransactionId } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { StoredValue } from "../data/value-codec.ts";

/** What one log record says. `undefined` for a value means: the key is not there. */
export type LogRecord =
  | BeginRecord
  | PutRecord
  | DeleteRecord
  | CommitRecord
  | RollbackRecord
  | ClrRecord
  | OpenRecord
  | CloseRecord;

/** The first record of a transaction. */
export interface BeginRecord {
  readonly kind: "begin";
  readonly transaction: TransactionId;
}

/**
 * A key got a value. `old` is the before-image, read where the record was made, inside the commit's
 * critical section: an image taken earlier could undo somebody else's commit.
 */
export interface PutRecord {
  readonly kind: "put";
  readonly transaction: TransactionId;
  readonly key: StoredKey;
  readonly old: StoredValue | undefined;
  readonly value: StoredValue;
}

/** A key was removed. A key that was not there may be deleted: `old` is undefined then. */
export interface DeleteRecord {
  readonly kind: "delete";
  readonly transaction: TransactionId;
  readonly key: StoredKey;
  readonly old: StoredValue | undefined;
}

/** The transaction counts: without this record in the log it never happened. */
export interface CommitRecord {
  readonly kind: "commit";
  readonly transaction: TransactionId;
  readonly commitNumber: CommitNumber;
  /** Wall-clock milliseconds since 1970. */
  readonly timestampMs: number;
}

/** The transaction is undone, wholly: recovery has nothing more to do for it. */
export interface RollbackRecord {
  readonly kind: "rollback";
  readonly transaction: TransactionId;
}

/**
 * Compensation: one change was undone. Redone like any change, never undone itself; undo goes on with
 * the records before `undoneLsn`, so that a crash inside undo never undoes a change twice.
 */
export interface ClrRecord {
  readonly kind: "clr";
  readonly transaction: TransactionId;
  readonly key: StoredKey;
  /** The value that was put back; undefined when the key had none. */
  readonly restored: StoredValue | undefined;
  /** LSN of the record whose change this one undid. */
  readonly undoneLsn: Lsn;
}

/**
 * The store was opened. The first record of an epoch, in a batch whose stamp says that the segment that
 * begins the epoch is durable, and so that what it replaced is free.
 */
export interface OpenRecord {
  readonly kind: "open";
  readonly commitNumber: CommitNumber;
}

/** The store was closed in good order. */
export interface CloseRecord {
  readonly kind: "close";
  readonly commitNumber: CommitNumber;
}
