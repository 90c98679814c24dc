import { expect, test } from "vitest";
import { commitNumber, lsn, transactionId } from "../base/units.ts";
import type { LogRecord } from "../log/record.ts";
import { TransactionTable } from "./transaction-table.ts";

const T1 = transactionId(1);
const T2 = transactionId(2);
const old = Uint8Array.of(1);
const value = Uint8Array.of(2);
const page = 1;

function emptyTable(): TransactionTable {
  return new TransactionTable({ lastCommit: commitNumber(0), highestId: transactionId(0) });
}

/** Notes records at LSN 100, 110, 120, ... and returns the contradictions by LSN. */
function note(table: TransactionTable, records: readonly LogRecord[]): [number, unknown][] {
  return records.flatMap((record, index): [number, unknown][] => {
    const found = table.note(record, lsn(100 + 10 * index));
    return found === undefined ? [] : [[100 + 10 * index, found]];
  });
}

test("what began and did not end is open, in the order of the beginnings", () => {
  const table = emptyTable();
  expect(
    note(table, [
      { kind: "begin", transaction: T2 },
      { kind: "put", transaction: T2, page, key: "a", old, value },
      { kind: "begin", transaction: T1 },
      { kind: "delete", transaction: T2, page, key: "b", old: undefined },
    ]),
  ).toEqual([]);
  expect(table.open).toEqual([
    { id: T2, beginLsn: 100, undoBelow: Infinity },
    { id: T1, beginLsn: 120, undoBelow: Infinity },
  ]);
  expect(table.highestId).toBe(2);
});

test("commit and rollback end a transaction; only commits count", () => {
  const table = emptyTable();
  note(table, [
    { kind: "begin", transaction: T1 },
    { kind: "commit", transaction: T1, commitNumber: commitNumber(1), timestampMs: 0 },
    { kind: "begin", transaction: T2 },
    { kind: "rollback", transaction: T2 },
  ]);
  expect(table.open).toEqual([]);
  expect([table.lastCommit, table.committed]).toEqual([1, 1]);
});

test("the table goes on from what was known where the log begins to be read", () => {
  const table = new TransactionTable({ lastCommit: commitNumber(41), highestId: transactionId(9) });
  expect([table.lastCommit, table.highestId, table.committed]).toEqual([41, 9, 0]);
  expect(
    note(table, [
      { kind: "begin", transaction: T1 },
      { kind: "commit", transaction: T1, commitNumber: commitNumber(42), timestampMs: 0 },
    ]),
  ).toEqual([]);
  expect([table.lastCommit, table.highestId, table.committed]).toEqual([42, 9, 1]);
});

test("a CLR says that the change which it undid, and everything behind it, is undone", () => {
  const table = emptyTable();
  const change = { transaction: T1, page, old };
  const clr = { kind: "clr" as const, transaction: T1, page, restored: old };
  const undoBelow: unknown[] = [];
  for (const [at, record] of [
    [100, { kind: "begin", transaction: T1 }],
    [110, { kind: "put", ...change, key: "a", value }],
    [120, { kind: "put", ...change, key: "b", value }],
    [130, { kind: "put", ...change, key: "c", value }],
    [140, { ...clr, key: "c", undoneLsn: lsn(130) }],
    [150, { ...clr, key: "b", undoneLsn: lsn(120) }],
  ] as [number, LogRecord][]) {
    table.note(record, lsn(at));
    undoBelow.push(table.open[0]?.undoBelow);
  }
  expect(undoBelow).toEqual([Infinity, Infinity, Infinity, Infinity, 130, 120]);
});

test("a structure record counts as the change that is in it, or as none", () => {
  const table = emptyTable();
  const change = { transaction: T1, key: "a", old, undoneLsn: undefined };
  expect(
    note(table, [
      { kind: "structure", pages: [], change: undefined },
      { kind: "begin", transaction: T1 },
      { kind: "structure", pages: [], change },
    ]),
  ).toEqual([]);
  expect(table.open).toEqual([{ id: T1, beginLsn: 110, undoBelow: Infinity }]);
  note(table, [{ kind: "structure", pages: [], change: { ...change, undoneLsn: lsn(120) } }]);
  expect(table.open).toEqual([{ id: T1, beginLsn: 110, undoBelow: 120 }]);
});

const IMAGES = { kind: "structure", pages: [] } as const;

test.each([
  [
    "a change of a transaction that is not open",
    { kind: "put", transaction: T1, page, key: "a", old, value },
  ],
  [
    "a compensation of a transaction that is not open",
    { kind: "clr", transaction: T1, page, key: "a", restored: old, undoneLsn: lsn(50) },
  ],
  [
    "a change in a structure record, of a transaction that is not open",
    { ...IMAGES, change: { transaction: T1, key: "a", old, undoneLsn: undefined } },
  ],
  ["an end of a transaction that is not open", { kind: "rollback", transaction: T2 }],
] as const)("%s is a contradiction", (_, record) => {
  expect(note(emptyTable(), [record])).toEqual([
    [
      100,
      {
        expected: "a record of an open transaction",
        found: expect.stringContaining("which is not open") as unknown,
      },
    ],
  ]);
});

test("a second beginning of an open transaction is a contradiction", () => {
  const begin: LogRecord = { kind: "begin", transaction: T1 };
  expect(note(emptyTable(), [begin, begin])).toEqual([
    [110, { expected: "a new transaction", found: "a second begin of transaction 1" }],
  ]);
});

test("a commit number that does not follow the last one is a contradiction", () => {
  const records: LogRecord[] = [
    { kind: "begin", transaction: T1 },
    { kind: "commit", transaction: T1, commitNumber: commitNumber(2), timestampMs: 0 },
  ];
  expect(note(emptyTable(), records)).toEqual([[110, { expected: "commit 1", found: "commit 2" }]]);
});
