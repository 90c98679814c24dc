import fc from "fast-check";
import { expect, test } from "vitest";
import { SHARD_STRIDE, SeedCursor, shardRange, type SeedRange } from "./seed-range.ts";

function seedsOf(range: SeedRange): number[] {
  return Array.from({ length: range.count }, (_, index) => range.first + index);
}

test("the shards of a counted campaign are disjoint and together exactly its seeds", () => {
  const sizes = fc.record({ first: fc.nat(1e6), count: fc.integer({ min: 1, max: 300 }) });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 40 }), (range, of) => {
      const shards = Array.from({ length: of }, (_, i) => shardRange(range, { index: i + 1, of }));
      expect(shards.flatMap(seedsOf)).toEqual(seedsOf(range));
      const counts = shards.map((shard) => shard.count);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }),
  );
});

test("the shards of a timed campaign have a billion seeds each and never touch", () => {
  const endless = { first: 5, count: Infinity };
  expect(shardRange(endless)).toEqual(endless);
  const one = shardRange(endless, { index: 1, of: 3 });
  const two = shardRange(endless, { index: 2, of: 3 });
  expect(one).toEqual({ first: 5, count: SHARD_STRIDE });
  expect(two.first).toBe(one.first + one.count);
});

test("a cursor hands out every seed once, in order, and then nothing", () => {
  const cursor = new SeedCursor({ first: 10, count: 7 });
  expect([cursor.take(3), cursor.take(3), cursor.take(3), cursor.take(3)]).toEqual([
    { first: 10, count: 3 },
    { first: 13, count: 3 },
    { first: 16, count: 1 },
    undefined,
  ]);
});

test("what is given back around a lost seed is handed out again, without that seed", () => {
  const chunk = { first: 10, count: 5 };
  for (const [lost, rest] of [
    [10, [11, 12, 13, 14]],
    [12, [10, 11, 13, 14]],
    [14, [10, 11, 12, 13]],
  ] as const) {
    const cursor = new SeedCursor(chunk);
    cursor.take(5);
    cursor.giveBackAround(chunk, lost);
    const again: number[] = [];
    for (let range = cursor.take(1); range !== undefined; range = cursor.take(1)) {
      again.push(...seedsOf(range));
    }
    expect(again).toEqual(rest);
  }
});
