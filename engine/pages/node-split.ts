import { assert, defined } from "../base/assert.ts";
import { bytesOfByteString } from "../base/byte-reader.ts";
import type { StoredKey } from "../data/key-codec.ts";
import { LeafNode } from "./leaf-node.ts";
import { branchEntryBytes, makeBranch } from "./node.ts";
import type { BranchNode } from "./node.ts";

export type TreeNode = LeafNode | BranchNode;

/** Two nodes in the place of one, and what goes between them into their parent. */
export interface Split {
  readonly left: TreeNode;
  readonly separator: StoredKey;
  readonly right: TreeNode;
}

/**
 * Divides a node as evenly as its entries allow. No entry is larger than half a page, so both halves of a
 * node that is too large by one entry fit.
 */
export function splitNode(node: TreeNode): Split {
  return node.kind === "leaf"
    ? splitLeaf(node, middleOf(leafSizes(node), "beside"))
    : splitBranch(node, middleOf(node.keys.map(branchEntryBytes), "between"));
}

/** Leaves the last entry alone in a new leaf: keys that arrive in ascending order fill their pages. */
export function splitAtEnd(leaf: LeafNode): Split {
  return splitLeaf(leaf, leaf.count - 1);
}

/** The opposite: one node with the entries of two neighbours. It may be too large for a page. */
export function mergeNodes(left: TreeNode, separator: StoredKey, right: TreeNode): TreeNode {
  if (left.kind === "leaf" && right.kind === "leaf") {
    return LeafNode.joined(left, right);
  }
  assert(left.kind === "branch" && right.kind === "branch", "neighbours are of the same kind");
  return makeBranch(
    [...left.keys, separator, ...right.keys],
    [...left.children, ...right.children],
  );
}

function splitLeaf(leaf: LeafNode, at: number): Split {
  assert(at > 0 && at < leaf.count, `a leaf of ${leaf.count} entries cannot be split at ${at}`);
  return {
    left: leaf.slice(0, at),
    separator: shortestBetween(leaf.keyAt(at - 1), leaf.keyAt(at)),
    right: leaf.slice(at, leaf.count),
  };
}

/** The separator at `at` goes up: it is in neither half. */
function splitBranch({ keys, children }: BranchNode, at: number): Split {
  assert(
    at > 0 && at < keys.length - 1,
    `a branch of ${keys.length} keys cannot be split at ${at}`,
  );
  return {
    left: makeBranch(keys.slice(0, at), children.slice(0, at + 1)),
    separator: defined(keys[at], "separator"),
    right: makeBranch(keys.slice(at + 1), children.slice(at + 1)),
  };
}

function leafSizes(leaf: LeafNode): number[] {
  return Array.from({ length: leaf.count }, (_, i) => leaf.entryBytesAt(i));
}

/**
 * The place that makes the larger half smallest: before the entry at the result ("beside"), or with that
 * entry in neither half ("between").
 */
function middleOf(sizes: readonly number[], cut: "beside" | "between"): number {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const last = cut === "beside" ? sizes.length - 1 : sizes.length - 2;
  let best = 1;
  let bestLarger = Infinity;
  let left = defined(sizes[0], "entry");
  for (let at = 1; at <= last; at += 1) {
    const size = defined(sizes[at], "entry");
    const right = total - left - (cut === "beside" ? 0 : size);
    const larger = Math.max(left, right);
    if (larger < bestLarger) {
      best = at;
      bestLarger = larger;
    }
    left += size;
  }
  return best;
}

/** The shortest key that is above `left` and not above `right`: short separators keep branches wide. */
export function shortestBetween(left: StoredKey, right: StoredKey): StoredKey {
  assert(left < right, "keys on the left are below those on the right");
  let common = 0;
  while (common < left.length && left.charCodeAt(common) === right.charCodeAt(common)) {
    common += 1;
  }
  // A copy: V8 compares a slice of a long string ten times slower, and keeps the long string alive.
  const bytes = bytesOfByteString(right.slice(0, common + 1));
  return Reflect.apply(String.fromCharCode, undefined, bytes);
}
