import fc from "fast-check";
import { expect, test } from "vitest";
import { assert } from "../base/assert.ts";
import { makeLeaf } from "../../properties/support/make-leaf.ts";
import { LeafNode } from "./leaf-node.ts";
import type { LeafValue } from "../log/page-change.ts";
import { makeBranch } from "./node.ts";
import type { PageNode } from "./node.ts";
import { decodeNode, encodedBytes, encodeNode } from "./node-codec.ts";
import type { PageKind } from "./page-format.ts";

function encoded(node: PageNode, room = 4064): Uint8Array {
  const target = new Uint8Array(room);
  encodeNode(node, target);
  return target;
}

function hex(node: PageNode): string {
  return Buffer.from(encoded(node).subarray(0, encodedBytes(node))).toString("hex");
}

const NODES: readonly PageNode[] = [
  { kind: "meta", pageBytes: 4096, root: 2 ** 33, pageCount: 2 ** 34, freeHead: 7, freeCount: 3 },
  makeLeaf(["", "k\u00ff"], [Uint8Array.of(1, 2, 3), { first: 2 ** 33 + 1, length: 2 ** 20 }]),
  makeBranch(["m"], [4, 5]),
  { kind: "overflow", next: 9, chunk: Uint8Array.of(8, 9) },
  { kind: "free", next: 11 },
];

test("the bytes of each kind of body never change", () => {
  expect(NODES.map(hex)).toMatchInlineSnapshot(`
    [
      "00100000000000000000000002000000000000000400000007000000000000000300000000000000",
      "02000000030000000102030200000010806bff0100000002000000",
      "0100040000000000000001006d0500000000000000",
      "0900000000000000020000000809",
      "0b00000000000000",
    ]
  `);
});

/** As plain data: what a leaf holds is private to it. */
function plain(node: PageNode): unknown {
  return node instanceof LeafNode
    ? node.keys().map((key, i) => ({ key, value: node.valueAt(i), bytes: node.entryBytesAt(i) }))
    : node;
}

test.each(NODES.map((node) => [node.kind, node] as const))("a %s is read back", (kind, node) => {
  const found = decodeNode(kind, encoded(node));
  assert(found.kind === "node", "what was encoded is whole");
  expect(found.node.kind).toBe(kind);
  expect(encodedBytes(found.node)).toBe(encodedBytes(node));
  expect(plain(found.node)).toEqual(plain(node));
});

test("a leaf counts its bytes through every change", () => {
  const change = fc.tuple(
    fc.string({ maxLength: 3, unit: fc.constantFrom("a", "b", "\u00ff") }),
    fc.option(fc.uint8Array({ maxLength: 9 }), { nil: undefined }),
  );
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const leaf = LeafNode.empty();
      const model = new Map<string, LeafValue>();
      for (const [key, value] of changes) {
        leaf.set(key, value);
        if (value === undefined) {
          model.delete(key);
        } else {
          model.set(key, value);
        }
      }
      const keys = [...model.keys()].toSorted((a, b) => (a < b ? -1 : 1));
      const values = keys.map((key) => model.get(key) ?? new Uint8Array(0));
      const expected = makeLeaf(keys, values);
      expect(leaf.bytes).toBe(expected.bytes);
      expect(plain(leaf)).toEqual(plain(expected));
      expect(encoded(leaf)).toEqual(encoded(expected));
      for (const key of [...keys, "", "ab", "b\u00ff\u00ff\u00ff"]) {
        const found = leaf.find(key);
        expect(found < 0 ? -1 : found).toBe(keys.indexOf(key));
        expect(found < 0 ? ~found : found).toBe(keys.filter((other) => other < key).length);
      }
    }),
  );
});

test("a decoder accepts any bytes", () => {
  const kinds: readonly PageKind[] = ["meta", "leaf", "branch", "overflow", "free"];
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.constantFrom(...NODES).chain((node) =>
      fc.tuple(fc.nat(60), fc.nat(255)).map(([offset, byte]) => {
        const damaged = encoded(node, 80);
        damaged[offset] = byte;
        return damaged;
      }),
    ),
  );
  fc.assert(
    fc.property(fc.constantFrom(...kinds), bytes, (kind, body) => {
      const found = decodeNode(kind, body);
      const bytes = found.kind === "node" ? encodedBytes(found.node) : 0;
      expect(bytes).toBeLessThanOrEqual(body.length);
    }),
    { numRuns: 500 },
  );
});

test("a leaf or branch out of order is refused", () => {
  const leaf = makeLeaf(["b", "a"], [Uint8Array.of(1), Uint8Array.of(2)]);
  expect(decodeNode("leaf", encoded(leaf)).kind).toBe("malformed");
  expect(decodeNode("branch", encoded(makeBranch(["a", "a"], [1, 2, 3]))).kind).toBe("malformed");
});
