import fc from "fast-check";
import { expect, test } from "vitest";
import { WriteSet } from "./write-set.ts";

const value = Uint8Array.of(1);

test("the last write to a key counts, and removing is a write", () => {
  const writes = new WriteSet();
  writes.set("a", value);
  writes.set("a", undefined);
  expect(writes.get("a")).toEqual({ key: "a", value: undefined });
  expect(writes.get("b")).toBeUndefined();
  writes.set("a", value);
  expect(writes.get("a")).toEqual({ key: "a", value });
  expect(writes.size).toBe(1);
});

test("writes are in key order, whatever order they came in, also inside a range", () => {
  const key = fc.string({ maxLength: 3 });
  const bound = fc.option(fc.record({ key, inclusive: fc.boolean() }), { nil: undefined });
  fc.assert(
    fc.property(fc.array(key), bound, bound, (keys, low, high) => {
      const writes = new WriteSet();
      keys.forEach((key) => writes.set(key, value));
      const sorted = [...new Set(keys)].toSorted((a, b) => (a < b ? -1 : 1));
      expect(writes.inOrder().map(({ key }) => key)).toEqual(sorted);
      const inside = sorted.filter(
        (key) =>
          (low === undefined || key > low.key || (low.inclusive && key === low.key)) &&
          (high === undefined || key < high.key || (high.inclusive && key === high.key)),
      );
      expect(writes.range({ low, high }).map(([key]) => key)).toEqual(inside);
    }),
  );
});
