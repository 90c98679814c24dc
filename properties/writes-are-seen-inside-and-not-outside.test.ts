import fc from "fast-check";
import { expect, test } from "vitest";
import type { Key } from "../engine/data/key-codec.ts";
import type { ScanOptions } from "../engine/transactions/range-scan.ts";
import type { Transaction } from "../engine/transactions/transaction.ts";
import { VirtualStore } from "./support/virtual-store.ts";

async function scanned(source: Pick<Transaction, "scan">, range?: ScanOptions): Promise<unknown> {
  const found: [Key, unknown][] = [];
  for await (const { key, value } of source.scan(range)) {
    found.push([key, value]);
  }
  return found;
}

test("a transaction sees its own puts and deletes at once, and nobody else does", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  await store.run(async () => {
    await db.put("old", 1);
    const [tx, other] = [db.begin(), db.begin()];
    await tx.put("new", 2);
    await tx.delete("old");
    expect([await tx.get("new"), await tx.get("old")]).toEqual([2, undefined]);
    expect(await scanned(tx)).toEqual([["new", 2]]);
    for (const outside of [db, other]) {
      expect([await outside.get("new"), await outside.get("old")]).toEqual([undefined, 1]);
      expect(await scanned(outside)).toEqual([["old", 1]]);
    }
    await tx.commit();
    expect(await scanned(db)).toEqual([["new", 2]]);
    expect(await scanned(other)).toEqual([["old", 1]]);
    expect(await scanned(db.begin())).toEqual([["new", 2]]);
  });
});

test("a rollback leaves what was there", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  await store.run(async () => {
    await db.put("a", "original");
    const tx = db.begin();
    await tx.put("a", "changed");
    await tx.put("b", "made");
    await tx.rollback();
    expect(await scanned(db)).toEqual([["a", "original"]]);
  });
  expect(db.stats()).toMatchObject({ openTransactions: 0, snapshots: 0, lastCommitNumber: 1 });
});

test("transactions interleave, each on its own snapshot", async () => {
  const store = new VirtualStore();
  const db = await store.open({ isolation: "snapshot" });
  await store.run(async () => {
    const t1 = db.begin();
    await t1.put("a", "t1");
    const t2 = db.begin();
    await t2.put("b", "t2");
    await t2.commit();
    const t3 = db.begin();
    expect(await scanned(t1)).toEqual([["a", "t1"]]);
    expect(await scanned(t3)).toEqual([["b", "t2"]]);
    await t3.put("b", "t3");
    await t1.commit();
    await t3.commit();
    expect(await scanned(db)).toEqual([
      ["a", "t1"],
      ["b", "t3"],
    ]);
    expect([t2, t1, t3].map(({ commitNumber }) => commitNumber)).toEqual([1, 2, 3]);
  });
});

test("a commit that is not durable yet is not seen by others under sync", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  await store.run(async () => {
    const written = db.put("a", 1);
    expect(await db.get("a")).toBeUndefined();
    expect(db.begin().snapshot).toBe(0);
    await written;
    expect(await db.get("a")).toBe(1);
  });
});

test("a batch happens as a whole, in order, or not at all", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  await store.run(async () => {
    await db.put("gone", 1);
    await db.batch([
      { type: "put", key: "a", value: 1 },
      { type: "put", key: "a", value: 2 },
      { type: "delete", key: "gone" },
      { type: "put", key: "b", value: 1 },
      { type: "delete", key: "b" },
    ]);
    expect(await scanned(db)).toEqual([["a", 2]]);
    const refused = db.batch([
      { type: "put", key: "c", value: 1 },
      { type: "put", key: "d", value: undefined },
    ]);
    await expect(refused).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(await scanned(db)).toEqual([["a", 2]]);
    expect(await db.batch([])).toMatchObject({ lsn: 0, commitNumber: 2 });
  });
});

test("deleting what is not there is a commit like any other", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  expect(await store.run(() => db.delete("nothing"))).toMatchObject({ commitNumber: 1 });
  store.crash();
  expect((await store.open()).recovery.lastCommitNumber).toBe(1);
});

const key = fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz".split("").flatMap((a) => [a, `${a}é`]));
const edit = fc.record({ key, value: fc.option(fc.nat({ max: 99 }), { nil: undefined }) });
const low = fc.oneof(fc.constant({}), fc.record({ gt: key }), fc.record({ gte: key }));
const high = fc.oneof(fc.constant({}), fc.record({ lt: key }), fc.record({ lte: key }));
const rest = fc.record({ reverse: fc.boolean(), limit: fc.nat({ max: 4 }) }, { requiredKeys: [] });
const range: fc.Arbitrary<ScanOptions> = fc
  .tuple(low, high, rest)
  .map(([low, high, rest]) => Object.assign({}, low, high, rest));

type Edits = readonly { readonly key: string; readonly value: number | undefined }[];

function applied(state: ReadonlyMap<string, number>, edits: Edits): Map<string, number> {
  const next = new Map(state);
  for (const { key, value } of edits) {
    next.delete(key);
    if (value !== undefined) {
      next.set(key, value);
    }
  }
  return next;
}

function order(a: Key, b: Key): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** What a scan should find: a filter over a sorted array. */
function modelScan(state: ReadonlyMap<string, number>, range: ScanOptions): [string, number][] {
  const inside = [...state].filter(
    ([key]) =>
      (range.gt === undefined || order(key, range.gt) > 0) &&
      (range.gte === undefined || order(key, range.gte) >= 0) &&
      (range.lt === undefined || order(key, range.lt) < 0) &&
      (range.lte === undefined || order(key, range.lte) <= 0),
  );
  const sorted = inside.toSorted(([a], [b]) => order(a, b));
  return (range.reverse === true ? sorted.toReversed() : sorted).slice(0, range.limit);
}

async function write(tx: Transaction, edits: Edits): Promise<void> {
  for (const { key, value } of edits) {
    await (value === undefined ? tx.delete(key) : tx.put(key, value));
  }
}

test("scans agree with a plain array: every bound, direction and limit, over commits and own writes", async () => {
  const edits = fc.array(edit, { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(edits, edits, edits, fc.array(range, { minLength: 3 }), async (...drawn) => {
      const [before, after, own, ranges] = drawn;
      const store = new VirtualStore();
      const db = await store.open({ isolation: "snapshot" });
      await store.run(async () => {
        await db.transaction((tx) => write(tx, before));
        const tx = db.begin();
        await write(tx, own);
        await db.transaction((other) => write(other, after));
        const [atBegin, inside] = [
          applied(new Map(), before),
          applied(new Map(), [...before, ...own]),
        ];
        const newest = applied(atBegin, after);
        for (const range of ranges) {
          expect(await scanned(tx, range)).toEqual(modelScan(inside, range));
          expect(await scanned(db, range)).toEqual(modelScan(newest, range));
        }
      });
    }),
    { numRuns: 25 },
  );
});

test("a scan over many chunks sees one commit, whatever is committed meanwhile", async () => {
  const store = new VirtualStore();
  const db = await store.open({ segmentBytes: 65_536 });
  const keys = Array.from({ length: 500 }, (_, index) => String(index).padStart(3, "0"));
  await store.run(async () => {
    await db.batch(keys.map((key) => ({ type: "put", key, value: 0 })));
    const found: unknown[] = [];
    for await (const { key, value } of db.scan()) {
      found.push(key);
      expect(value).toBe(0);
      if (found.length % 100 === 1) {
        await db.batch(keys.map((key) => ({ type: "put", key, value: found.length })));
        await db.delete(keys.at(-1) ?? "");
        await db.put(`${String(key)} new`, 1);
      }
    }
    expect(found).toEqual(keys);
  });
  expect(db.stats()).toMatchObject({ snapshots: 0, versions: 0 });
});

test("own writes that come during a scan are seen ahead of it and never twice", async () => {
  const store = new VirtualStore();
  const db = await store.open({ segmentBytes: 65_536 });
  const keys = Array.from({ length: 200 }, (_, index) => String(index).padStart(3, "0"));
  await store.run(async () => {
    await db.batch(keys.map((key) => ({ type: "put", key, value: 0 })));
    const tx = db.begin();
    const found: unknown[] = [];
    for await (const { key } of tx.scan()) {
      if (found.length === 0) {
        await tx.put("150 and a half", 1);
        await tx.delete("199");
        await tx.put("!", 1);
      }
      found.push(key);
    }
    expect(found).toEqual([...keys.slice(0, 151), "150 and a half", ...keys.slice(151, 199)]);
  });
});

test("a scan that is left early, or never begun, keeps nothing", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  await store.run(async () => {
    await db.batch(["a", "b", "c"].map((key) => ({ type: "put", key, value: 0 })));
    db.scan();
    for await (const { key } of db.scan()) {
      expect(key).toBe("a");
      break;
    }
    await db.put("a", 1);
  });
  await store.settle();
  expect(db.stats()).toMatchObject({ snapshots: 0, versions: 0 });
});
