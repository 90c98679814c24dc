import type { CommitNumber, Lsn, TransactionId } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { StoredValue } from "../data/value-codec.ts";
import type { PageChange, PageId } from "./page-change.ts";

/** What one log record says. `undefined` for a value means: the key is not there. */
export type LogRecord =
  | BeginRecord
  | PutRecord
  | DeleteRecord
  | CommitRecord
  | RollbackRecord
  | ClrRecord
  | StructureRecord
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
  /** The leaf that holds the key: redo is physical to the page, undo goes by the key. */
  readonly page: PageId;
  readonly key: StoredKey;
  readonly old: StoredValue | undefined;
  readonly value: StoredValue;
}

/** A key was removed. Deleting a key that is not there changes nothing, and is not logged. */
export interface DeleteRecord {
  readonly kind: "delete";
  readonly transaction: TransactionId;
  readonly page: PageId;
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
  readonly page: PageId;
  readonly key: StoredKey;
  /** The value that was put back; undefined when the key had none. */
  readonly restored: StoredValue | undefined;
  /** LSN of the record whose change this one undid. */
  readonly undoneLsn: Lsn;
}

/**
 * Several pages changed together: a split, a merge, a chain of overflow pages, with the meta page and the
 * free pages that it touched. One record, so that a crash leaves all of it or nothing.
 */
export interface StructureRecord {
  readonly kind: "structure";
  readonly pages: readonly PageChange[];
  /**
   * The put or delete that the pages' changes also hold. Were it a record of its own, a crash between the two
   * would leave a change that nothing can undo.
   */
  readonly change: LoggedChange | undefined;
}

/** What of a put, a delete or their compensation undo has to know. */
export interface LoggedChange {
  readonly transaction: TransactionId;
  readonly key: StoredKey;
  readonly old: StoredValue | undefined;
  /** Set when the change compensates another one, as `ClrRecord.undoneLsn`. */
  readonly undoneLsn: Lsn | undefined;
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
