import { expect, test } from "vitest";
import { InvariantError } from "./assert.ts";
import { commitNumber, lsn, lsnFromDisk, transactionId } from "./units.ts";

test("positions and numbers are exact far beyond 2^32", () => {
  for (const value of [0, 2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
    expect([lsn(value), commitNumber(value), transactionId(value)]).toEqual([value, value, value]);
  }
});

test("what is no whole number is a bug of ours", () => {
  for (const value of [-1, 0.5, 2 ** 53, Number.NaN]) {
    expect(() => lsn(value)).toThrow(InvariantError);
    expect(() => commitNumber(value)).toThrow(InvariantError);
    expect(() => transactionId(value)).toThrow(InvariantError);
  }
});

test("a position on a disk that no log can have is taken for the farthest one, not for a bug", () => {
  expect(lsnFromDisk(2 ** 40)).toBe(2 ** 40);
  expect(lsnFromDisk(2 ** 63)).toBe(Number.MAX_SAFE_INTEGER);
});
