import { expect, test } from "vitest";
import { lsn, transactionId } from "../base/units.ts";
import type { LogRecord } from "../log/record.ts";
import { MemoryStorage } from "../pages/memory-storage.ts";
import { redo } from "./redo.ts";
import { undo } from "./undo.ts";
import { TransactionTable } from "./transaction-table.ts";

const T1 = transactionId(1);
const [one, two, three] = [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)];

/** A loser that changed one key twice, made one and removed one. */
const LOSER: LogRecord[] = [
  { kind: "begin", transaction: T1 },
  { kind: "put", transaction: T1, key: "a", old: one, value: two },
  { kind: "put", transaction: T1, key: "a", old: two, value: three },
  { kind: "put", transaction: T1, key: "new", old: undefined, value: one },
  { kind: "delete", transaction: T1, key: "gone", old: two },
];

interface State {
  readonly table: TransactionTable;
  readonly storage: MemoryStorage;
}

function replay(records: readonly LogRecord[]): State {
  const state = { table: new TransactionTable(), storage: new MemoryStorage() };
  state.storage.apply("a", one);
  state.storage.apply("gone", two);
  records.forEach((record, index) => {
    state.table.note(record, lsn(100 + index));
    redo(record, state.storage);
  });
  return state;
}

const contentOf = ({ storage }: State): unknown =>
  storage.read({ reverse: false, limit: Number.POSITIVE_INFINITY });

const BEFORE = [
  ["a", one],
  ["gone", two],
];

test("the changes of a loser are undone newest first, each with a CLR, then a Rollback", () => {
  const state = replay(LOSER);
  expect(contentOf(state)).toEqual([
    ["a", three],
    ["new", one],
  ]);
  expect(undo(state.table.open, state.storage)).toEqual([
    { kind: "clr", transaction: T1, key: "gone", restored: two, undoneLsn: 104 },
    { kind: "clr", transaction: T1, key: "new", restored: undefined, undoneLsn: 103 },
    { kind: "clr", transaction: T1, key: "a", restored: two, undoneLsn: 102 },
    { kind: "clr", transaction: T1, key: "a", restored: one, undoneLsn: 101 },
    { kind: "rollback", transaction: T1 },
  ]);
  expect(contentOf(state)).toEqual(BEFORE);
});

test("wherever a crash cuts the undoing short, the next one ends in the same state", () => {
  const first = replay(LOSER);
  const records = undo(first.table.open, first.storage);
  for (let kept = 0; kept <= records.length; kept += 1) {
    const state = replay([...LOSER, ...records.slice(0, kept)]);
    const again = undo(state.table.open, state.storage);
    expect(again).toEqual(records.slice(kept));
    expect(contentOf(state)).toEqual(BEFORE);
  }
});

test("without losers there is nothing to undo", () => {
  expect(undo([], new MemoryStorage())).toEqual([]);
});

test("losers that changed the same key are undone across each other, newest change first", () => {
  const T2 = transactionId(2);
  const state = replay([
    { kind: "begin", transaction: T1 },
    { kind: "begin", transaction: T2 },
    { kind: "put", transaction: T1, key: "a", old: one, value: two },
    { kind: "put", transaction: T2, key: "a", old: two, value: three },
  ]);
  undo(state.table.open, state.storage);
  expect(contentOf(state)).toEqual(BEFORE);
});
