import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyDisk } from "../../properties/support/page-disk.ts";
import { keyOf, PageTree, sortedEntries, valueOf } from "../../properties/support/page-tree.ts";
import type { VirtualStore } from "../../properties/support/virtual-store.ts";
import { PrngChoices } from "../../sim/core/choices.ts";
import { SortedMap } from "../base/sorted-map.ts";
import type { Bound, RangeRead } from "../base/sorted-map.ts";
import type { Lsn } from "../base/units.ts";
import type { Problem } from "./verify.ts";

type Step =
  | { readonly kind: "put"; readonly n: number; readonly length: number }
  | { readonly kind: "delete"; readonly n: number }
  | { readonly kind: "delete-run"; readonly n: number; readonly count: number }
  | { readonly kind: "put-run"; readonly n: number; readonly count: number }
  | { readonly kind: "range"; readonly range: RangeRead }
  | { readonly kind: "flush"; readonly wait: boolean };

const n = fc.nat(300);
const count = fc.integer({ min: 1, max: 80 });
const length = fc.oneof(
  { weight: 6, arbitrary: fc.nat(100) },
  { weight: 2, arbitrary: fc.integer({ min: 900, max: 1030 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1025, max: 13_000 }) },
);
const bound: fc.Arbitrary<Bound | undefined> = fc.option(
  fc.record({ key: n.map(keyOf), inclusive: fc.boolean() }),
  { nil: undefined },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("put" as const), n, length }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete" as const), n }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("put-run" as const), n, count }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete-run" as const), n, count }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("flush" as const), wait: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("range" as const),
      range: fc.record({
        low: bound,
        high: bound,
        reverse: fc.boolean(),
        limit: fc.oneof(fc.nat(5), fc.constant(Infinity)),
      }),
    }),
  },
);
const batches = fc.array(fc.array(step, { minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 10,
});

class Model {
  readonly entries = new Map<string, Uint8Array>();
  /** After each log record, what a store that ends there holds. */
  readonly history = new Map<number, ReadonlyMap<string, Uint8Array>>();

  readonly #flushes: Promise<void>[] = [];

  async flushed(): Promise<void> {
    await Promise.all(this.#flushes);
  }

  /** Does it to both, and returns what differs from what a map would answer. */
  async apply(tree: PageTree, step: Step): Promise<unknown[]> {
    switch (step.kind) {
      case "put":
        await this.#put(tree, step.n, step.length);
        return [];
      case "put-run":
        for (let i = step.n; i < step.n + step.count; i += 1) {
          await this.#put(tree, i, 150);
        }
        return [];
      case "delete":
        return await this.#delete(tree, step.n);
      case "delete-run": {
        const different = [];
        for (let i = step.n; i < step.n + step.count; i += 1) {
          different.push(...(await this.#delete(tree, i)));
        }
        return different;
      }
      case "flush":
        this.#flushes.push(tree.cache.flush());
        // Without waiting, the steps behind change pages while they are written.
        await (step.wait ? this.flushed() : undefined);
        return [];
      case "range": {
        const found = await tree.read(step.range);
        const expected = this.#expected(step.range);
        return isDeepStrictEqual(found, expected) ? [] : [{ step, found, expected }];
      }
    }
  }

  async #put(tree: PageTree, n: number, length: number): Promise<void> {
    await tree.put(keyOf(n), valueOf(n + length, length));
    this.entries.set(keyOf(n), valueOf(n + length, length));
    this.#remember(tree);
  }

  async #delete(tree: PageTree, n: number): Promise<unknown[]> {
    const found = await tree.delete(keyOf(n));
    const expected = this.entries.delete(keyOf(n));
    this.#remember(tree);
    return found === expected ? [] : [{ n, found, expected }];
  }

  #remember(tree: PageTree): void {
    this.history.set(tree.log.records.length, new Map(this.entries));
  }

  #expected(range: RangeRead): unknown {
    const sorted = new SortedMap<Uint8Array>();
    for (const [key, value] of this.entries) {
      sorted.set(key, value);
    }
    const all = sorted.read(range);
    return (range.reverse ? all.toReversed() : all).slice(0, range.limit);
  }
}

test("a tree over a tiny cache does what a map does, and stays whole", async () => {
  await fc.assert(
    fc.asyncProperty(batches, fc.integer({ min: 1, max: 12 }), async (batches, cachePages) => {
      const world = await emptyDisk();
      await world.run(async () => {
        const tree = await PageTree.create(world, { cachePages });
        const model = new Model();
        for (const batch of batches) {
          for (const step of batch) {
            expect(await model.apply(tree, step)).toEqual([]);
          }
          expect(await tree.problems()).toEqual([]);
          expect(await tree.all()).toEqual(sortedEntries(model.entries));
        }
        await model.flushed();
      });
    }),
    { numRuns: 40 },
  );
}, 60_000);

/** How often the runs of the next test met what it is about. */
const met = { pagesOnDisk: 0, redoPointMoved: 0, recordsLost: 0, recordsRepeated: 0 };

test("pages flushed at any points, and the log behind the redo point, give the whole tree again", async () => {
  await fc.assert(
    fc.asyncProperty(
      batches,
      fc.integer({ min: 1, max: 40 }),
      fc.nat(3000),
      fc.nat(1000),
      async (batches, cachePages, steps, seed) => {
        const world = await emptyDisk(`${seed}`);
        const model = new Model();
        const state: { tree?: PageTree; redoPoint?: Lsn } = {};
        await world.runSteps(steps, async () => {
          const tree = await PageTree.create(world, { cachePages });
          state.tree = tree;
          state.redoPoint = tree.redoPoint();
          for (const batch of batches) {
            for (const step of batch) {
              await model.apply(tree, step);
            }
            // A fuzzy checkpoint: nothing is written for it, and the redo point moves on.
            state.redoPoint = tree.redoPoint();
          }
        });
        const { tree, redoPoint } = state;
        fc.pre(tree !== undefined && redoPoint !== undefined);
        // The log ends anywhere behind what was made durable; at least the redo point is in it.
        const records = tree.log.records.length;
        const least = Math.max(
          tree.log.durableCount,
          tree.log.records.filter(({ lsn }) => lsn <= redoPoint).length,
        );
        tree.log.durableCount = least + (seed % (records - least + 1));
        met.pagesOnDisk += tree.cache.counts.pagesWritten > 0 ? 1 : 0;
        met.redoPointMoved += redoPoint > (tree.log.records[0]?.lsn ?? 0) ? 1 : 0;
        met.recordsLost += tree.log.durableCount < records ? 1 : 0;
        met.recordsRepeated += redoPoint < tree.log.next ? 1 : 0;
        const crashed = { tree, redoPoint, model, seed, cachePages };
        const { problems, found, expected } = await recoverTwice(world, crashed);
        expect(problems).toEqual([]);
        expect(found).toEqual(expected);
      },
    ),
    { numRuns: 60 },
  );
  const least = Math.min(...Object.values(met));
  expect(least).toBeGreaterThan(5);
}, 60_000);

interface Crashed {
  readonly tree: PageTree;
  readonly redoPoint: Lsn;
  readonly model: Model;
  readonly seed: number;
  readonly cachePages: number;
}

interface Recovered {
  readonly problems: readonly Problem[];
  readonly found: unknown;
  readonly expected: unknown;
}

/** Twice: there is a crash in the middle of the first recovery, which has flushed some of its pages. */
async function recoverTwice(world: VirtualStore, crashed: Crashed): Promise<Recovered> {
  const { redoPoint, model, seed, cachePages } = crashed;
  const { log } = crashed.tree;
  const from = { log, redoPoint };
  world.crash("power", new PrngChoices(`first ${seed}`));
  await world.runSteps(seed, async () => {
    const half = await PageTree.recover(world, { cachePages: 2 }, from);
    await half.cache.flush();
  });
  world.crash("power", new PrngChoices(`second ${seed}`));
  return await world.run(async () => {
    const recovered = await PageTree.recover(world, { cachePages }, from);
    let expected: ReadonlyMap<string, Uint8Array> = new Map();
    for (let records = log.durableCount; records > 0; records -= 1) {
      const state = model.history.get(records);
      if (state !== undefined) {
        expected = state;
        break;
      }
    }
    return {
      problems: await recovered.problems(),
      found: await recovered.all(),
      expected: sortedEntries(expected),
    };
  });
}
