import { assert, defined } from "../base/assert.ts";
import type { StoredKey } from "../data/key-codec.ts";
import { forgetIndex, searchKeys } from "./key-index.ts";
import type { SearchableKeys } from "./key-index.ts";
import { PAGE_HEADER_BYTES } from "./page-format.ts";
import type { PageId } from "./page-format.ts";

/** A value that lies in a chain of overflow pages of its own. */
export interface OverflowReference {
  readonly first: PageId;
  readonly length: number;
}

/** What a leaf holds for a key. */
export type LeafValue = Uint8Array | OverflowReference;

/** Entries in key order. `bytes` is what the encoded body takes, kept up to date by every change. */
export interface LeafNode extends SearchableKeys {
  readonly kind: "leaf";
  readonly values: LeafValue[];
  bytes: number;
}

/** `keys[i]` separates: keys under `children[i]` are below it, keys under `children[i + 1]` are not. */
export interface BranchNode extends SearchableKeys {
  readonly kind: "branch";
  readonly children: PageId[];
  bytes: number;
}

export interface OverflowNode {
  readonly kind: "overflow";
  /** 0: the last of its chain. */
  readonly next: PageId;
  readonly chunk: Uint8Array;
}

export interface FreeNode {
  readonly kind: "free";
  /** 0: the last of the free list. */
  readonly next: PageId;
}

/** Page 0: where everything else is found. */
export interface MetaNode {
  readonly kind: "meta";
  readonly pageBytes: number;
  readonly root: PageId;
  /** Pages in use or free: the next page that was never used. */
  readonly pageCount: number;
  /** First page of the free list; 0: there is none. */
  readonly freeHead: PageId;
  readonly freeCount: number;
}

export type PageNode = MetaNode | LeafNode | BranchNode | OverflowNode | FreeNode;

export const META_PAGE: PageId = 0;

export const NODE_OVERHEAD_BYTES = 2;
const LEAF_ENTRY_BYTES = 6;
const REFERENCE_BYTES = 8;
const BRANCH_ENTRY_BYTES = 10;
const CHILD_BYTES = 8;
export const OVERFLOW_OVERHEAD_BYTES = 12;

/** Bytes of a page that a node's body may take. */
export function bodyBytesMax(pageBytes: number): number {
  return pageBytes - PAGE_HEADER_BYTES;
}

/** A node that takes less should be merged with a neighbour, or get entries from it. */
export function bodyBytesMin(pageBytes: number): number {
  return bodyBytesMax(pageBytes) >>> 2;
}

export function overflowChunkBytes(pageBytes: number): number {
  return bodyBytesMax(pageBytes) - OVERFLOW_OVERHEAD_BYTES;
}

export function isInline(value: LeafValue): value is Uint8Array {
  return value instanceof Uint8Array;
}

/**
 * Values above a quarter page go to overflow pages, and so do those that would fill more than half a page
 * together with their key: no entry is larger than half a page, so a split always gives two nodes that fit.
 */
export function goesToOverflow(keyBytes: number, valueBytes: number, pageBytes: number): boolean {
  const entryBytes = LEAF_ENTRY_BYTES + keyBytes + valueBytes;
  const entryBytesMax = (bodyBytesMax(pageBytes) - NODE_OVERHEAD_BYTES) >>> 1;
  return valueBytes > pageBytes >>> 2 || entryBytes > entryBytesMax;
}

export function leafEntryBytes(key: StoredKey, value: LeafValue): number {
  return LEAF_ENTRY_BYTES + key.length + (isInline(value) ? value.length : REFERENCE_BYTES);
}

export function branchEntryBytes(key: StoredKey): number {
  return BRANCH_ENTRY_BYTES + key.length;
}

export function makeLeaf(keys: StoredKey[] = [], values: LeafValue[] = []): LeafNode {
  let bytes = NODE_OVERHEAD_BYTES;
  for (const [i, key] of keys.entries()) {
    bytes += leafEntryBytes(key, defined(values[i], "value"));
  }
  return { kind: "leaf", keys, values, bytes, index: undefined, searches: 0 };
}

export function makeBranch(keys: StoredKey[], children: PageId[]): BranchNode {
  assert(children.length === keys.length + 1, "a branch has one child more than separators");
  let bytes = NODE_OVERHEAD_BYTES + CHILD_BYTES;
  for (const key of keys) {
    bytes += branchEntryBytes(key);
  }
  return { kind: "branch", keys, children, bytes, index: undefined, searches: 0 };
}

/** A copy that can be changed without changing the original. Keys and values are shared: nobody changes them. */
export function copyNode<N extends LeafNode | BranchNode>(node: N): N {
  return node.kind === "leaf"
    ? { ...node, keys: node.keys.slice(), values: node.values.slice() }
    : { ...node, keys: node.keys.slice(), children: node.children.slice() };
}

export function leafValue(leaf: LeafNode, key: StoredKey): LeafValue | undefined {
  const index = searchKeys(leaf, key);
  return leaf.keys[index] === key ? leaf.values[index] : undefined;
}

/** Bytes the leaf would take more (or less) with this value under the key. */
export function leafGrowth(leaf: LeafNode, key: StoredKey, value: LeafValue): number {
  const old = leafValue(leaf, key);
  return leafEntryBytes(key, value) - (old === undefined ? 0 : leafEntryBytes(key, old));
}

/** Gives a key a value, or removes it. The leaf may be too large for its page afterwards. */
export function setInLeaf(leaf: LeafNode, key: StoredKey, value: LeafValue | undefined): void {
  const index = searchKeys(leaf, key);
  const there = leaf.keys[index] === key;
  if (there) {
    leaf.bytes -= leafEntryBytes(key, defined(leaf.values[index], "value"));
  }
  if (value !== undefined) {
    leaf.bytes += leafEntryBytes(key, value);
  }
  if (there && value !== undefined) {
    leaf.values[index] = value;
  } else if (there) {
    forgetIndex(leaf);
    leaf.keys.splice(index, 1);
    leaf.values.splice(index, 1);
  } else if (value !== undefined) {
    forgetIndex(leaf);
    leaf.keys.splice(index, 0, key);
    leaf.values.splice(index, 0, value);
  }
}

/** Index of the child whose subtree holds the key: that behind the last separator not above it. */
export function childIndex(branch: BranchNode, key: StoredKey): number {
  const index = searchKeys(branch, key);
  return branch.keys[index] === key ? index + 1 : index;
}

/** Puts a new child with its separator behind the child at `index`. */
export function addChild(branch: BranchNode, index: number, key: StoredKey, child: PageId): void {
  forgetIndex(branch);
  branch.keys.splice(index, 0, key);
  branch.children.splice(index + 1, 0, child);
  branch.bytes += branchEntryBytes(key);
}

/** Removes the separator at `index` and the child behind it. */
export function removeChild(branch: BranchNode, index: number): void {
  const key = defined(branch.keys[index], "separator");
  forgetIndex(branch);
  branch.keys.splice(index, 1);
  branch.children.splice(index + 1, 1);
  branch.bytes -= branchEntryBytes(key);
}

export function replaceSeparator(branch: BranchNode, index: number, key: StoredKey): void {
  forgetIndex(branch);
  branch.bytes += key.length - defined(branch.keys[index], "separator").length;
  branch.keys[index] = key;
}
