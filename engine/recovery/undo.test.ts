import { expect, test } from "vitest";
import { LogAndPages } from "../../properties/support/log-and-pages.ts";
import { emptyDisk } from "../../properties/support/page-disk.ts";
import { valueOf } from "../../properties/support/page-tree.ts";
import { commitNumber, lsn, transactionId } from "../base/units.ts";
import type { TransactionId } from "../base/units.ts";
import type { LogRecord } from "../log/record.ts";
import type { StorageChange } from "../pages/logged-tree.ts";
import { undoTransactions } from "./undo.ts";

const [T1, T2, T3] = [transactionId(1), transactionId(2), transactionId(3)];
const [one, two, three] = [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)];

type Plain = readonly [key: string, value: Uint8Array | undefined];

/** A loser that changed one key twice, made one and removed one. */
const LOSER: readonly Plain[] = [
  ["a", two],
  ["a", three],
  ["new", one],
  ["gone", undefined],
];

const BEFORE: readonly Plain[] = [
  ["a", one],
  ["gone", two],
];

async function changeAll(
  store: LogAndPages,
  transaction: TransactionId,
  changes: readonly Plain[],
): Promise<void> {
  for (const [key, value] of changes) {
    await store.change({ transaction, key, value });
  }
}

/** A store that a transaction gave its first keys, and committed. */
async function withBefore(work: (store: LogAndPages) => Promise<void>): Promise<void> {
  const world = await emptyDisk();
  await world.run(async () => {
    // A batch for almost every record, and few batches a segment.
    const options = { batchBytesMax: 64, segmentBytes: 2048, pageBytes: 4096 };
    const store = await LogAndPages.create(world, options);
    await store.begin(T1);
    await changeAll(store, T1, BEFORE);
    await store.commit(T1, commitNumber(1));
    await work(store);
  });
}

async function undoLosers(store: LogAndPages): Promise<number> {
  const { open } = await store.table();
  return await undoTransactions(open, await store.stretch(), store);
}

/** What undo logged: everything behind the last record before it. */
async function recordsFrom(store: LogAndPages, count: number): Promise<LogRecord[]> {
  return (await store.records()).slice(count).map(({ record }) => record);
}

test("the changes of a loser are undone newest first, each with a CLR, then a Rollback", async () => {
  await withBefore(async (store) => {
    await store.begin(T2);
    await changeAll(store, T2, LOSER);
    const before = await store.records();
    expect(await store.entries()).toEqual([
      ["a", three],
      ["new", one],
    ]);
    expect(await undoLosers(store)).toBe(4);
    const [first, second, made, removed] = before.slice(-4).map(({ lsn }) => lsn);
    const clr = { kind: "clr", transaction: T2, page: 1 };
    expect(await recordsFrom(store, before.length)).toEqual([
      { ...clr, key: "gone", restored: two, undoneLsn: removed },
      { ...clr, key: "new", restored: undefined, undoneLsn: made },
      { ...clr, key: "a", restored: two, undoneLsn: second },
      { ...clr, key: "a", restored: one, undoneLsn: first },
      { kind: "rollback", transaction: T2 },
    ]);
    expect(await store.entries()).toEqual(BEFORE);
    expect((await store.table()).open).toEqual([]);
    expect(await store.storage.verify(store.log.endLsn)).toEqual([]);
  });
});

test("wherever a crash cuts the undoing short, the next one ends in the same state", async () => {
  const changed = LOSER.length;
  for (let kept = 0; kept <= changed; kept += 1) {
    await withBefore(async (store) => {
      await store.begin(T2);
      await changeAll(store, T2, LOSER);
      const all = await store.records();
      // As a first undo would have done it, until it died.
      for (const { record, lsn } of all.slice(-changed).toReversed().slice(0, kept)) {
        await store.change(compensationOf(record, lsn));
      }
      const before = await store.records();
      expect(await undoLosers(store)).toBe(changed - kept);
      expect(await store.entries()).toEqual(BEFORE);
      const kinds = (await recordsFrom(store, before.length)).map(({ kind }) => kind);
      expect(kinds).toEqual([...Array<string>(changed - kept).fill("clr"), "rollback"]);
    });
  }
});

function compensationOf(record: LogRecord, at: number): StorageChange {
  if (record.kind !== "put" && record.kind !== "delete") {
    throw new Error(`a ${record.kind} record is not a change`);
  }
  const { transaction, key, old } = record;
  return { transaction, key, value: old, undoneLsn: lsn(at) };
}

test("without losers there is nothing to undo, and nothing is logged", async () => {
  await withBefore(async (store) => {
    const before = await store.records();
    expect(await undoLosers(store)).toBe(0);
    expect(await store.records()).toHaveLength(before.length);
  });
});

test("what others committed, before, between and behind the changes of a loser, stays", async () => {
  await withBefore(async (store) => {
    await store.begin(T2);
    await changeAll(store, T2, [["a", two]]);
    await store.begin(T3);
    await changeAll(store, T3, [["other", three]]);
    await store.commit(T3, commitNumber(2));
    await changeAll(store, T2, [["gone", three]]);
    expect(await undoLosers(store)).toBe(2);
    expect(await store.entries()).toEqual([...BEFORE, ["other", three]]);
    expect(await undoLosers(store), "a second time").toBe(0);
  });
});

test("losers that changed the same key are undone across each other, newest change first", async () => {
  await withBefore(async (store) => {
    await store.begin(T2);
    await store.begin(T3);
    await changeAll(store, T2, [["a", two]]);
    await changeAll(store, T3, [["a", three]]);
    expect(await undoLosers(store)).toBe(2);
    expect(await store.entries()).toEqual(BEFORE);
  });
});

test("changes that are inside structure records are undone, and so are the splits' keys", async () => {
  await withBefore(async (store) => {
    const large = valueOf(7, 9000);
    const many = Array.from({ length: 60 }, (_, n): Plain => [`k${100 + n}`, valueOf(n, 300)]);
    await store.begin(T2);
    await changeAll(store, T2, [["a", large], ["large", large], ...many, ["large", undefined]]);
    const kinds = new Set((await store.records()).map(({ record }) => record.kind));
    expect(kinds).toContain("structure");
    expect(store.storage.stats.pages).toBeGreaterThan(5);
    const before = (await store.records()).length;
    expect(await undoLosers(store)).toBe(63);
    expect(await store.entries()).toEqual(BEFORE);
    expect(await store.storage.verify(store.log.endLsn)).toEqual([]);
    const compensations = (await recordsFrom(store, before)).filter(
      (record) => record.kind === "structure" && record.change?.undoneLsn !== undefined,
    );
    expect(compensations.length).toBeGreaterThanOrEqual(3);
    expect((await store.table()).open).toEqual([]);
  });
});

test("an undoing of structure records that is cut short goes on where its last record ends", async () => {
  await withBefore(async (store) => {
    const large = valueOf(7, 9000);
    await store.begin(T2);
    await changeAll(store, T2, [
      ["a", large],
      ["b", large],
    ]);
    const last = (await store.records()).at(-1);
    await store.change({
      transaction: T2,
      key: "b",
      value: undefined,
      undoneLsn: lsn(last?.lsn ?? 0),
    });
    expect(await undoLosers(store)).toBe(1);
    expect(await store.entries()).toEqual(BEFORE);
  });
});
