import { assert } from "./assert.ts";

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

function assertWhole(value: number, what: string): void {
  assert(Number.isSafeInteger(value) && value >= 0, `${what} is out of range: ${value}`);
}

/** Turns an integer into an LSN, checking the range once, at the border. */
export function lsn(value: number): Lsn {
  assertWhole(value, "LSN");
  return value as Lsn;
}

export function commitNumber(value: number): CommitNumber {
  assertWhole(value, "commit number");
  return value as CommitNumber;
}

export function transactionId(value: number): TransactionId {
  assertWhole(value, "transaction id");
  return value as TransactionId;
}
