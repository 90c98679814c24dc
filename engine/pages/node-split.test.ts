import fc from "fast-check";
import { expect, test } from "vitest";
import { assert } from "../base/assert.ts";
import { KEY_BYTES_MAX } from "../data/key-codec.ts";
import { mergeNodes, shortestBetween, splitAtEnd, splitNode } from "./node-split.ts";
import { LeafNode } from "./leaf-node.ts";
import type { LeafValue } from "../log/page-change.ts";
import { encodedBytes, encodeNode } from "./node-codec.ts";
import { bodyBytesMax, goesToOverflow, makeBranch } from "./node.ts";
import type { PageNode } from "./node.ts";

const PAGE_BYTES = 4096;
const BODY_MAX = bodyBytesMax(PAGE_BYTES);

function valueFor(key: string, bytes: number): LeafValue {
  return goesToOverflow(key.length, bytes, PAGE_BYTES)
    ? { first: 1, length: bytes }
    : new Uint8Array(bytes);
}

function bodyOf(node: PageNode): Uint8Array {
  const body = new Uint8Array(encodedBytes(node));
  encodeNode(node, body);
  return body;
}

const entry = fc.tuple(
  fc.integer({ min: 5, max: KEY_BYTES_MAX }),
  fc.oneof(fc.nat(40), fc.nat(1100)),
);

test("a leaf that is too large by one entry splits into two that fit", () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 4, maxLength: 60 }), (entries) => {
      const leaf = LeafNode.empty();
      for (const [i, [keyBytes, valueBytes]] of entries.entries()) {
        const key = String(i).padStart(5, "0").padEnd(keyBytes, "x");
        leaf.set(key, valueFor(key, valueBytes));
        if (leaf.bytes > BODY_MAX) {
          break;
        }
      }
      fc.pre(leaf.bytes > BODY_MAX);
      for (const { left, separator, right } of [splitNode(leaf), splitAtEnd(leaf)]) {
        expect(Math.max(left.bytes, right.bytes)).toBeLessThanOrEqual(BODY_MAX);
        assert(left.kind === "leaf" && right.kind === "leaf", "a leaf becomes two leaves");
        expect(left.keyAt(left.count - 1) < separator).toBe(true);
        expect(separator <= right.keyAt(0)).toBe(true);
        expect(bodyOf(mergeNodes(left, separator, right))).toEqual(bodyOf(leaf));
      }
    }),
  );
});

test("a branch that is too large by one separator splits into two that fit", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 5, max: KEY_BYTES_MAX }), { minLength: 4, maxLength: 90 }),
      (sizes) => {
        const keys: string[] = [];
        let branch = makeBranch([], [0]);
        for (const [i, size] of sizes.entries()) {
          keys.push(String(i).padStart(5, "0").padEnd(size, "x"));
          branch = makeBranch(
            [...keys],
            Array.from({ length: keys.length + 1 }, (_, at) => at),
          );
          if (branch.bytes > BODY_MAX) {
            break;
          }
        }
        fc.pre(branch.bytes > BODY_MAX);
        const { left, separator, right } = splitNode(branch);
        expect(Math.max(left.bytes, right.bytes)).toBeLessThanOrEqual(BODY_MAX);
        assert(left.kind === "branch" && right.kind === "branch", "a branch becomes two branches");
        expect(Math.min(left.keys.length, right.keys.length)).toBeGreaterThan(0);
        expect(mergeNodes(left, separator, right)).toEqual(branch);
      },
    ),
  );
});

test.each([
  ["a", "b", "b"],
  ["abc", "abd", "abd"],
  ["ab", "abcdef", "abc"],
  ["", "\u0000", "\u0000"],
  ["apple", "banana", "b"],
])("between %j and %j the shortest separator is %j", (left, right, expected) => {
  expect(shortestBetween(left, right)).toBe(expected);
});
