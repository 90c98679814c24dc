import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Database } from "../engine/database.ts";
import type { Entry } from "../engine/transactions/range-scan.ts";
import type { Transaction } from "../engine/transactions/transaction.ts";
import { PrngChoices } from "../sim/core/choices.ts";
import { codeOf } from "./support/outcomes.ts";
import { VirtualStore } from "./support/virtual-store.ts";

/** So little memory that a few writes go to the pages, and a few pages to the disk. */
const OPTIONS = {
  pageBytes: 4096,
  cacheBytes: 16 * 1024,
  transactionBytesMax: 1024,
  segmentBytes: 65_536,
  checkpointBytes: 32_768,
} as const;

const keyOf = (n: number): string => `key ${String(n).padStart(4, "0")}`;

type Contents = Map<string, string>;

async function contentsOf(entries: AsyncIterable<Entry>): Promise<Contents> {
  const found: Contents = new Map();
  for await (const { key, value } of entries) {
    found.set(String(key), String(value));
  }
  return found;
}

function before(count: number): Contents {
  return new Map(
    Array.from({ length: count }, (_, n) => [keyOf(n * 2), `old ${n} ${"o".repeat(n % 150)}`]),
  );
}

async function fill(db: Database, contents: Contents): Promise<void> {
  await db.batch(Array.from(contents, ([key, value]) => ({ type: "put" as const, key, value })));
}

interface Write {
  readonly n: number;
  readonly length: number | undefined;
}

const writes = fc.array(
  fc.record({
    n: fc.nat(250),
    length: fc.oneof(
      { weight: 6, arbitrary: fc.nat(200) },
      { weight: 3, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.integer({ min: 1000, max: 6000 }) },
    ),
  }),
  { minLength: 20, maxLength: 150 },
);

async function write(tx: Transaction, model: Contents, all: readonly Write[]): Promise<void> {
  for (const { n, length } of all) {
    const key = keyOf(n);
    if (length === undefined) {
      await tx.delete(key);
      model.delete(key);
    } else {
      const value = `new ${n} ${"n".repeat(length)}`;
      await tx.put(key, value);
      model.set(key, value);
    }
  }
}

function sorted(contents: Contents): [string, string][] {
  return [...contents].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

test("it sees its own writes, others see none of them, and a rollback takes all of them back", async () => {
  await fc.assert(
    fc.asyncProperty(writes, fc.boolean(), fc.boolean(), async (all, commits, reverse) => {
      const store = new VirtualStore();
      const db = await store.open(OPTIONS);
      const old = before(100);
      const model = new Map(old);
      const seen = await store.run(async () => {
        await fill(db, old);
        const tx = db.begin();
        const reader = db.begin({ isolation: "snapshot" });
        await write(tx, model, all);
        const seen = {
          own: sorted(await contentsOf(tx.scan({ reverse }))),
          others: sorted(await contentsOf(db.scan({ reverse }))),
          reader: sorted(await contentsOf(reader.scan({ reverse }))),
          gets: await Promise.all(all.map(async ({ n }) => [keyOf(n), await tx.get(keyOf(n))])),
          otherGets: await Promise.all(all.map(async ({ n }) => await db.get(keyOf(n)))),
        };
        await (commits ? tx.commit() : tx.rollback());
        return {
          ...seen,
          readerAfter: sorted(await contentsOf(reader.scan({ reverse }))),
          after: sorted(await contentsOf(db.scan())),
          problems: await db.verify(),
        };
      });
      expect(seen.own).toEqual(sorted(model));
      expect(seen.gets).toEqual(all.map(({ n }) => [keyOf(n), model.get(keyOf(n))]));
      expect(seen.otherGets).toEqual(all.map(({ n }) => old.get(keyOf(n))));
      for (const contents of [seen.others, seen.reader, seen.readerAfter]) {
        expect(contents).toEqual(sorted(old));
      }
      expect(seen.after).toEqual(sorted(commits ? model : old));
      expect(seen.problems).toEqual([]);
      await store.run(() => db.close());
      expect(store.openFiles()).toBe(0);
      expect(store.disk.files().filter(({ path }) => path.includes("spill"))).toEqual([]);
      const again = await store.open(OPTIONS);
      expect(again.recovery).toMatchObject({ cleanShutdown: true, recordsRedone: 0 });
      expect(sorted(await store.run(() => contentsOf(again.scan())))).toEqual(
        sorted(commits ? model : old),
      );
    }),
    { numRuns: 40 },
  );
}, 60_000);

/** How often the crash met what the next test is about. */
const met = { undone: 0, committed: 0, redone: 0, undoneAgain: 0 };

test("a crash at any step, and crashes in the undo of it, leave all of it or nothing", async () => {
  await fc.assert(
    fc.asyncProperty(
      writes,
      fc.constantFrom("commit", "roll back"),
      fc.nat(1500),
      fc.record({ nested: fc.array(fc.nat(200), { maxLength: 3 }), seed: fc.nat(1000) }),
      async (all, ending, steps, { nested, seed }) => {
        const store = new VirtualStore();
        const db = await store.open(OPTIONS);
        const old = before(100);
        await store.run(() => fill(db, old));
        const model = new Map(old);
        const state = { acknowledged: false };
        await store.runSteps(steps, async () => {
          const tx = db.begin();
          await write(tx, model, all);
          await (ending === "commit" ? tx.commit() : tx.rollback());
          state.acknowledged = ending === "commit";
        });
        store.crash("power", new PrngChoices(`crash ${seed}`));
        for (const [index, stepsOfOpen] of nested.entries()) {
          await store.runSteps(stepsOfOpen, () => Database.open(store.options(OPTIONS)));
          store.crash("power", new PrngChoices(`nested ${seed} ${index}`));
        }
        const again = await store.open(OPTIONS);
        const { transactionsUndone, changesUndone, recordsRedone } = again.recovery;
        const found = await store.run(() => contentsOf(again.scan()));
        const isNew = isDeepStrictEqual(sorted(found), sorted(model));
        const committed = ending === "commit" && (isNew || state.acknowledged);
        expect(sorted(found)).toEqual(sorted(committed ? model : old));
        expect(await store.run(() => again.verify())).toEqual([]);
        met.undone += changesUndone > 0 ? 1 : 0;
        met.undoneAgain += changesUndone > 0 && nested.length > 0 ? 1 : 0;
        met.committed += state.acknowledged && transactionsUndone === 0 ? 1 : 0;
        met.redone += recordsRedone > 0 ? 1 : 0;
      },
    ),
    { numRuns: 150 },
  );
  expect(Math.min(...Object.values(met))).toBeGreaterThan(3);
}, 120_000);

test("other commits wait for it, and see what it did", async () => {
  const store = new VirtualStore();
  const db = await store.open(OPTIONS);
  await store.run(async () => {
    const tx = db.begin();
    for (let n = 0; n < 50; n += 1) {
      await tx.put(keyOf(n), "x".repeat(100));
    }
    const order: string[] = [];
    const other = db.put("other", 1).then(() => order.push("other"));
    await db.get(keyOf(1));
    await tx.commit().then(() => order.push("large"));
    await other;
    expect(order).toEqual(["large", "other"]);
  });
});

test("whoever read what it changed has a conflict", async () => {
  const store = new VirtualStore();
  const db = await store.open(OPTIONS);
  await store.run(async () => {
    const reader = db.begin();
    await reader.get(keyOf(1));
    await reader.put("summary", 1);
    await db.transaction(async (tx) => {
      for (let n = 0; n < 50; n += 1) {
        await tx.put(keyOf(n), "x".repeat(100));
      }
    });
    expect(await codeOf(() => reader.commit())).toBe("CONFLICT");
  });
});
