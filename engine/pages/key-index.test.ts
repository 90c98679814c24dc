import fc from "fast-check";
import { expect, test } from "vitest";
import { lowerBound } from "../base/sorted-map.ts";
import { forgetIndex, searchKeys } from "./key-index.ts";
import type { SearchableKeys } from "./key-index.ts";

const byteString = fc
  .array(fc.oneof(fc.constantFrom(0, 1, 255), fc.nat(255)), { maxLength: 9 })
  .map((bytes) => String.fromCharCode(...bytes));

/** Keys that share a beginning, and some that share much more than an index looks at. */
const keys = fc
  .tuple(byteString, fc.uniqueArray(byteString, { minLength: 8, maxLength: 60 }), byteString)
  .map(([prefix, ends, infix]) =>
    [...new Set(ends.flatMap((end) => [prefix + end, prefix + infix + end]))].toSorted((a, b) =>
      a < b ? -1 : 1,
    ),
  );

test("an index finds what a search of the keys finds, before and after it was made", () => {
  fc.assert(
    fc.property(keys, fc.array(byteString), (sorted, others) => {
      const node: SearchableKeys = { keys: sorted };
      const wanted = [...sorted, ...others, ...sorted.map((key) => `${key}\u0000`)];
      for (let round = 0; round < 3; round += 1) {
        for (const key of wanted) {
          expect(searchKeys(node, key)).toBe(lowerBound(sorted, key));
        }
      }
      expect(node.index).toBeDefined();
      sorted.shift();
      forgetIndex(node);
      for (const key of wanted) {
        expect(searchKeys(node, key)).toBe(lowerBound(sorted, key));
      }
    }),
  );
});
