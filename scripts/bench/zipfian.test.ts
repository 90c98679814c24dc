import { expect, test } from "vitest";
import { createRandom } from "./random.ts";
import { createZipfian, scatter } from "./zipfian.ts";

function draw(seed: string, count: number, draws: number): number[] {
  const next = createZipfian(count, createRandom(seed));
  return Array.from({ length: draws }, () => next());
}

test("the same seed draws the same ranks, another seed draws others", () => {
  expect(draw("a", 1000, 50)).toEqual(draw("a", 1000, 50));
  expect(draw("a", 1000, 50)).not.toEqual(draw("b", 1000, 50));
});

test.each([1, 2, 3, 1000])("ranks of %d keys stay inside", (count) => {
  const ranks = draw("inside", count, 2000);
  expect(Math.min(...ranks)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...ranks)).toBeLessThan(count);
  expect(ranks.every(Number.isInteger)).toBe(true);
});

test("the hottest of a thousand keys gets about an eighth of the draws, and the upper half little", () => {
  const ranks = draw("skew", 1000, 20_000);
  const share = (is: (rank: number) => boolean): number => ranks.filter(is).length / ranks.length;
  expect(share((rank) => rank === 0)).toBeCloseTo(0.127, 1);
  expect(share((rank) => rank >= 500)).toBeLessThan(0.15);
});

test("scattering gives every rank a place of its own", () => {
  expect(new Set(Array.from({ length: 5000 }, (_, rank) => scatter(rank, 5000))).size).toBe(5000);
});
