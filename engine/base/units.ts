import { InvariantError } from "./assert.ts";

declare const unit: unique symbol;

/**
 * Log sequence number: a byte position in the endless log. Grows without gaps inside an epoch, jumps at
 * a new epoch, is never reused. Exact up to 2^53.
 */
export type Lsn = number & { readonly [unit]: "Lsn" };

/** Position of a commit in commit order: 1, 2, 3, ... without gaps, across reopens. 0: before the first. */
export type CommitNumber = number & { readonly [unit]: "CommitNumber" };

/** Identifies a transaction; unique across reopens. */
export type TransactionId = number & { readonly [unit]: "TransactionId" };

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isLsn(value: number): value is Lsn {
  return isWhole(value);
}

function isCommitNumber(value: number): value is CommitNumber {
  return isWhole(value);
}

function isTransactionId(value: number): value is TransactionId {
  return isWhole(value);
}

/** Turns an integer into an LSN, checking the range once, at the border. */
export function lsn(value: number): Lsn {
  if (!isLsn(value)) {
    throw new InvariantError(`LSN is out of range: ${value}`);
  }
  return value;
}

/**
 * Turns an integer that a disk holds into an LSN. One that is out of range becomes the largest: no
 * position that was ever written.
 */
export function lsnFromDisk(value: number): Lsn {
  return lsn(isWhole(value) ? value : Number.MAX_SAFE_INTEGER);
}

export function commitNumber(value: number): CommitNumber {
  if (!isCommitNumber(value)) {
    throw new InvariantError(`commit number is out of range: ${value}`);
  }
  return value;
}

export function transactionId(value: number): TransactionId {
  if (!isTransactionId(value)) {
    throw new InvariantError(`transaction id is out of range: ${value}`);
  }
  return value;
}
