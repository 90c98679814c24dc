import { expect, test } from "vitest";
import { commitNumber, lsn, transactionId } from "../base/units.ts";
import type { LogRecord } from "../log/record.ts";
import { TransactionTable } from "./transaction-table.ts";

const T1 = transactionId(1);
const T2 = transactionId(2);
const old = Uint8Array.of(1);
const value = Uint8Array.of(2);

/** Notes records at LSN 100, 110, 120, ... and returns the contradictions by LSN. */
function note(table: TransactionTable, records: readonly LogRecord[]): [number, unknown][] {
  return records.flatMap((record, index): [number, unknown][] => {
    const found = table.note(record, lsn(100 + 10 * index));
    return found === undefined ? [] : [[100 + 10 * index, found]];
  });
}

test("what began and did not end is open, with its changes in log order", () => {
  const table = new TransactionTable();
  expect(
    note(table, [
      { kind: "begin", transaction: T1 },
      { kind: "put", transaction: T1, key: "a", old, value },
      { kind: "delete", transaction: T1, key: "b", old: undefined },
      { kind: "begin", transaction: T2 },
    ]),
  ).toEqual([]);
  expect(table.open).toEqual([
    {
      id: T1,
      changes: [
        { lsn: 110, key: "a", old },
        { lsn: 120, key: "b", old: undefined },
      ],
    },
    { id: T2, changes: [] },
  ]);
  expect(table.highestId).toBe(2);
});

test("commit and rollback end a transaction; only commits count", () => {
  const table = new TransactionTable();
  note(table, [
    { kind: "begin", transaction: T1 },
    { kind: "commit", transaction: T1, commitNumber: commitNumber(1), timestampMs: 0 },
    { kind: "begin", transaction: T2 },
    { kind: "rollback", transaction: T2 },
  ]);
  expect(table.open).toEqual([]);
  expect([table.lastCommit, table.committed]).toEqual([1, 1]);
});

test("a CLR takes the change that it undid, and everything behind it, off the list", () => {
  const table = new TransactionTable();
  note(table, [
    { kind: "begin", transaction: T1 },
    { kind: "put", transaction: T1, key: "a", old, value },
    { kind: "put", transaction: T1, key: "b", old, value },
    { kind: "put", transaction: T1, key: "c", old, value },
    { kind: "clr", transaction: T1, key: "c", restored: old, undoneLsn: lsn(130) },
    { kind: "clr", transaction: T1, key: "b", restored: old, undoneLsn: lsn(120) },
  ]);
  expect(table.open.map(({ changes }) => changes.map(({ key }) => key))).toEqual([["a"]]);
});

test.each([
  [
    "a change of a transaction that is not open",
    { kind: "put", transaction: T1, key: "a", old, value },
  ],
  ["an end of a transaction that is not open", { kind: "rollback", transaction: T2 }],
] as const)("%s is a contradiction", (_, record) => {
  expect(note(new TransactionTable(), [record])).toEqual([
    [
      100,
      {
        expected: "a record of an open transaction",
        found: expect.stringContaining("which is not open") as unknown,
      },
    ],
  ]);
});

test("a commit number that does not follow the last one is a contradiction", () => {
  const records: LogRecord[] = [
    { kind: "begin", transaction: T1 },
    { kind: "commit", transaction: T1, commitNumber: commitNumber(2), timestampMs: 0 },
  ];
  expect(note(new TransactionTable(), records)).toEqual([
    [110, { expected: "commit 1", found: "commit 2" }],
  ]);
});
