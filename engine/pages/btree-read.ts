import { assert, defined } from "../base/assert.ts";
import { isAbove, isBelow, lowerBound } from "../base/sorted-map.ts";
import type { Bound, MapEntry, RangeRead } from "../base/sorted-map.ts";
import type { SeawallError } from "../base/errors.ts";
import type { StoredKey } from "../data/key-codec.ts";
import { isInline } from "./leaf-cell.ts";
import type { LeafValue, OverflowReference } from "../log/page-change.ts";
import type { LeafNode } from "./leaf-node.ts";
import { childIndex, overflowChunkBytes } from "./node.ts";
import type { BranchNode } from "./node.ts";
import type { PageCache } from "./page-cache.ts";
import type { CachedPage } from "./cached-page.ts";
import type { PageId } from "./page-format.ts";
import type { MissingPage } from "./page-lease.ts";

/** No tree that fits a disk is deeper: a walk that goes on is in a circle. */
const DEPTH_MAX = 48;

/** A branch on the way to a leaf, and which of its children was taken. */
export interface PathStep {
  readonly id: PageId;
  readonly index: number;
}

/** The way from the root to a leaf. */
export interface TreePath {
  readonly kind: "path";
  readonly branches: readonly PathStep[];
  /** What the branches take together. */
  readonly branchBytes: number;
  readonly page: CachedPage;
  readonly leaf: LeafNode;
}

/** The way to where a key is, or would be. */
export interface KeyPath extends TreePath {
  /** As LeafNode.find has it, and what the leaf's count of changes was then. */
  readonly found: number;
  readonly leafChanges: number;
  /** Structure changes that there had been when it was found. */
  readonly structures: number;
}

/** The leaf that holds the key if any does. */
export function findLeaf(cache: PageCache, root: PageId, key: StoredKey): LeafNode | MissingPage {
  let id = root;
  for (let depth = 0; depth < DEPTH_MAX; depth += 1) {
    const page = cache.peek(id);
    if (page === undefined) {
      return { kind: "missing", cache, page: id };
    }
    const { node } = page;
    if (node.kind === "leaf") {
      return node;
    }
    if (node.kind !== "branch") {
      throw damagedTree(cache, id, `a ${node.kind} page`);
    }
    id = childAt(node, childIndex(node, key));
  }
  throw damagedTree(cache, root, "a tree that is too deep");
}

/** `structures`: how many structure changes there were so far. */
export function findPath(
  cache: PageCache,
  root: PageId,
  key: StoredKey,
  structures: number,
): KeyPath | MissingPage {
  const path = descend(cache, root, (branch) => childIndex(branch, key));
  if (path.kind === "missing") {
    return path;
  }
  const { branches, branchBytes, page, leaf } = path;
  const found = leaf.find(key);
  return {
    kind: "path",
    branches,
    branchBytes,
    page,
    leaf,
    found,
    leafChanges: leaf.changes,
    structures,
  };
}

function descend(
  cache: PageCache,
  root: PageId,
  choose: (branch: BranchNode) => number,
): TreePath | MissingPage {
  const branches: PathStep[] = [];
  let branchBytes = 0;
  let id = root;
  while (branches.length < DEPTH_MAX) {
    const page = cache.peek(id);
    if (page === undefined) {
      return { kind: "missing", cache, page: id };
    }
    const { node } = page;
    if (node.kind === "leaf") {
      return { kind: "path", branches, branchBytes, page, leaf: node };
    }
    if (node.kind !== "branch") {
      throw damagedTree(cache, id, `a ${node.kind} page`);
    }
    const index = choose(node);
    branches.push({ id, index });
    branchBytes += node.bytes;
    id = childAt(node, index);
  }
  throw damagedTree(cache, root, "a tree that is too deep");
}

/** The pages of a value that is not in its leaf. */
export interface OverflowChain {
  readonly kind: "chain";
  readonly pages: readonly PageId[];
  readonly value: Uint8Array;
}

export function readChain(
  cache: PageCache,
  { first, length }: OverflowReference,
): OverflowChain | MissingPage {
  const pages: PageId[] = [];
  const chunks: Uint8Array[] = [];
  const pagesMax = Math.ceil(length / overflowChunkBytes(cache.pageFile.pageBytes));
  let bytes = 0;
  for (let id = first; id !== 0;) {
    const page = cache.peek(id);
    if (page === undefined) {
      return { kind: "missing", cache, page: id };
    }
    const { node } = page;
    if (node.kind !== "overflow" || pages.length === pagesMax) {
      throw damagedTree(cache, id, `a ${node.kind} page in a chain of ${pagesMax} overflow pages`);
    }
    pages.push(id);
    chunks.push(node.chunk);
    bytes += node.chunk.length;
    id = node.next;
  }
  if (bytes !== length) {
    throw damagedTree(cache, first, `a chain of ${bytes} bytes for a value of ${length}`);
  }
  const value = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    value.set(chunk, at);
    at += chunk.length;
  }
  return { kind: "chain", pages, value };
}

/** Entries of a range, or those in front of a page that is missing: a caller may take them and go on behind. */
export type RangeFound =
  | { readonly kind: "entries"; readonly entries: readonly MapEntry<Uint8Array>[] }
  | (MissingPage & { readonly entries: readonly MapEntry<Uint8Array>[] });

/**
 * Leaves are not linked. From one to the next the way goes through the separator between them, from the
 * root: splits and merges then touch no leaf but their own.
 */
export function readRange(cache: PageCache, root: PageId, range: RangeRead): RangeFound {
  const entries: MapEntry<Uint8Array>[] = [];
  let bounds: RangeRead | undefined = range;
  while (bounds !== undefined) {
    const path = descendToEnd(cache, root, bounds);
    const missing = path.kind === "missing" ? path : takeEntries(cache, path.leaf, bounds, entries);
    if (missing !== undefined) {
      return { ...missing, entries };
    }
    assert(path.kind === "path", "nothing is missing");
    bounds = entries.length < range.limit ? rangeBehind(cache, path, bounds) : undefined;
  }
  return { kind: "entries", entries };
}

/** To the leaf where the rest of the range begins, or ends when it is read in reverse. */
function descendToEnd(cache: PageCache, root: PageId, range: RangeRead): TreePath | MissingPage {
  const { low, high } = range;
  if (!range.reverse) {
    return descend(cache, root, (branch) => (low === undefined ? 0 : childIndex(branch, low.key)));
  }
  return descend(cache, root, (branch) => {
    if (high === undefined) {
      return branch.keys.length;
    }
    // What is below a separator is in the child in front of it.
    return high.inclusive ? childIndex(branch, high.key) : lowerBound(branch.keys, high.key);
  });
}

function takeEntries(
  cache: PageCache,
  leaf: LeafNode,
  range: RangeRead,
  entries: MapEntry<Uint8Array>[],
): MissingPage | undefined {
  const { low, high, reverse, limit } = range;
  const start = leaf.firstIn(low);
  const end = leaf.lastIn(high);
  for (let i = start; i <= end && entries.length < limit; i += 1) {
    const index = reverse ? start + end - i : i;
    const value = wholeValue(cache, leaf.valueAt(index));
    if (value.kind === "missing") {
      return value;
    }
    entries.push([leaf.keyAt(index), value.value]);
  }
  return undefined;
}

/** What is left of the range behind this leaf; undefined: nothing. */
function rangeBehind(cache: PageCache, path: TreePath, range: RangeRead): RangeRead | undefined {
  const separator = nearestSeparator(cache, path, range.reverse);
  if (separator === undefined) {
    return undefined;
  }
  const bound: Bound = { key: separator, inclusive: !range.reverse };
  if (range.reverse) {
    return isBelow(separator, range.low) ? undefined : { ...range, high: bound };
  }
  return isAbove(separator, range.high) ? undefined : { ...range, low: bound };
}

/** The separator that bounds the leaf below (in reverse) or above; undefined at the end of the tree. */
function nearestSeparator(
  cache: PageCache,
  { branches }: TreePath,
  reverse: boolean,
): StoredKey | undefined {
  for (const { id, index } of branches.toReversed()) {
    const node = cache.peek(id)?.node;
    assert(node?.kind === "branch", "a path leads through resident branches");
    const separator = node.keys[reverse ? index - 1 : index];
    if (separator !== undefined) {
      return separator;
    }
  }
  return undefined;
}

export type ValueFound = { readonly kind: "value"; readonly value: Uint8Array };

export function wholeValue(cache: PageCache, value: LeafValue): ValueFound | MissingPage {
  if (isInline(value)) {
    return { kind: "value", value };
  }
  const chain = readChain(cache, value);
  return chain.kind === "missing" ? chain : { kind: "value", value: chain.value };
}

function childAt(branch: BranchNode, index: number): PageId {
  return defined(branch.children[index], "child");
}

/** Every page was whole when it was loaded, but they do not make a tree. */
export function damagedTree(cache: PageCache, id: PageId, what: string): SeawallError {
  return cache.pageFile.refusal(id, { kind: "malformed", what });
}
