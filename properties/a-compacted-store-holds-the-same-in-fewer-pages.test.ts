import fc from "fast-check";
import { expect, test } from "vitest";
import type { Database } from "../engine/database.ts";
import { PrngChoices } from "../sim/core/choices.ts";
import { DIRECTORY, VirtualStore } from "./support/virtual-store.ts";

const OPTIONS = { pageBytes: 4096, cacheBytes: 64 * 1024, segmentBytes: 65_536 } as const;

const keyOf = (n: number): string => `key ${String(n).padStart(4, "0")}`;
const valueOf = (n: number): string => `${n} `.repeat(n % 17 === 0 ? 2500 : 30);

/** A store of many keys, of which every one that `keep` does not name was removed again. */
async function thinnedOut(store: VirtualStore, count: number, step: number): Promise<Database> {
  const db = await store.open(OPTIONS);
  await store.run(async () => {
    for (let n = 0; n < count; n += 50) {
      const keys = Array.from({ length: 50 }, (_, i) => n + i);
      await db.batch(
        keys.map((key) => ({ type: "put" as const, key: keyOf(key), value: valueOf(key) })),
      );
    }
    for (let n = 0; n < count; n += 1) {
      if (n % step !== 0) {
        await db.delete(keyOf(n));
      }
    }
  });
  return db;
}

function expected(count: number, step: number): [string, string][] {
  const left = Array.from({ length: count }, (_, n) => n).filter((n) => n % step === 0);
  return left.map((n) => [keyOf(n), valueOf(n)]);
}

async function pageFileBytes(store: VirtualStore): Promise<number | undefined> {
  const { files } = store.options().platform;
  return await store.run(async () => (await files.stat(`${DIRECTORY}/pages.db`))?.bytes);
}

test("no page is free afterwards, and the file is as long as its pages", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }).map((n) => n * 50),
      fc.integer({ min: 1, max: 20 }),
      async (count, step) => {
        const store = new VirtualStore();
        const db = await thinnedOut(store, count, step);
        const before = db.stats();
        await store.run(() => db.compact());
        const after = db.stats();
        expect(after).toMatchObject({ freePages: 0, pages: before.pages - before.freePages });
        expect(await pageFileBytes(store)).toBe(after.pages * OPTIONS.pageBytes);
        expect(await store.run(() => db.verify())).toEqual([]);
        expect(await store.entries(db)).toEqual(expected(count, step));
        // It grows again where it has to.
        await store.run(() => db.put("more", "m".repeat(20_000)));
        expect(await store.run(() => db.verify())).toEqual([]);
      },
    ),
    { numRuns: 15 },
  );
}, 60_000);

test("a crash at any step of it loses nothing", async () => {
  const whole = new VirtualStore();
  await thinnedOut(whole, 300, 7);
  await fc.assert(
    fc.asyncProperty(fc.nat(400), fc.nat(1000), async (steps, seed) => {
      whole.crash("process");
      const store = whole.fork();
      const db = await store.open(OPTIONS);
      await store.runSteps(steps, () => db.compact());
      store.crash("power", new PrngChoices(`crash ${seed}`));
      const again = await store.open(OPTIONS);
      expect(await store.run(() => again.verify())).toEqual([]);
      expect(await store.entries(again)).toEqual(expected(300, 7));
      await store.run(() => again.compact());
      expect(again.stats().freePages).toBe(0);
      expect(await store.entries(again)).toEqual(expected(300, 7));
    }),
    { numRuns: 40 },
  );
}, 60_000);
