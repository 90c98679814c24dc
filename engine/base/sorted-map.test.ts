import fc from "fast-check";
import { expect, test } from "vitest";
import { SortedMap } from "./sorted-map.ts";
import type { Bound, KeyRange } from "./sorted-map.ts";

const key = fc.oneof(
  fc.nat({ max: 400 }).map((value) => String(value).padStart(3, "0")),
  fc.string({ maxLength: 3 }),
);
const bound = fc.option(fc.record({ key, inclusive: fc.boolean() }), { nil: undefined });
const range: fc.Arbitrary<KeyRange> = fc.record({ low: bound, high: bound });

type Model = Map<string, number>;

function isInside(key: string, low: Bound | undefined, high: Bound | undefined): boolean {
  const above = low === undefined || key > low.key || (low.inclusive && key === low.key);
  const below = high === undefined || key < high.key || (high.inclusive && key === high.key);
  return above && below;
}

function readModel(model: Model, { low, high }: KeyRange): [string, number][] {
  return [...model]
    .filter(([key]) => isInside(key, low, high))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

test("gets, sets, deletes and range reads agree with a plain map", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ set: key }) },
    { weight: 2, arbitrary: fc.record({ delete: key }) },
    { weight: 1, arbitrary: fc.record({ range }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 500, size: "max" }), (steps) => {
      const map = new SortedMap<number>();
      const model: Model = new Map();
      const seen: unknown[] = [];
      const expected: unknown[] = [];
      for (const [index, step] of steps.entries()) {
        if ("set" in step) {
          map.set(step.set, index);
          model.set(step.set, index);
        } else if ("delete" in step) {
          seen.push(map.get(step.delete), map.delete(step.delete), map.get(step.delete));
          expected.push(model.get(step.delete), model.delete(step.delete), undefined);
        } else {
          seen.push(map.read(step.range), map.size);
          expected.push(readModel(model, step.range), model.size);
        }
      }
      expect(seen).toEqual(expected);
    }),
    { numRuns: 40 },
  );
});

test("a map of thousands of keys, filled in any order and emptied, keeps its order", () => {
  const map = new SortedMap<number>();
  const keys = Array.from({ length: 3000 }, (_, index) => String((index * 7919) % 3000));
  keys.forEach((key, index) => map.set(key, index));
  const all: KeyRange = {};
  expect(map.read(all).map(([key]) => key)).toEqual(keys.toSorted());
  keys.forEach((key) => map.delete(key));
  expect(map.read(all)).toEqual([]);
  expect(map.size).toBe(0);
  map.set("again", 1);
  expect(map.read(all)).toEqual([["again", 1]]);
});
