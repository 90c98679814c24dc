import { assert, defined } from "../base/assert.ts";
import type { StoredKey } from "../data/key-codec.ts";
import { forgetIndex, searchKeys } from "./key-index.ts";
import type { SearchableKeys } from "./key-index.ts";
import { inlineEntryBytes } from "./leaf-cell.ts";
import { NODE_OVERHEAD_BYTES } from "./leaf-node.ts";
import type { LeafNode } from "./leaf-node.ts";
import { PAGE_HEADER_BYTES } from "./page-format.ts";
import type { PageId } from "./page-format.ts";

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

/**
 * Values above a quarter page go to overflow pages, and so do those that would fill more than half a page
 * together with their key: no entry is larger than half a page, so a split always gives two nodes that fit.
 */
export function goesToOverflow(keyBytes: number, valueBytes: number, pageBytes: number): boolean {
  const entryBytes = inlineEntryBytes(keyBytes, valueBytes);
  const entryBytesMax = (bodyBytesMax(pageBytes) - NODE_OVERHEAD_BYTES) >>> 1;
  return valueBytes > pageBytes >>> 2 || entryBytes > entryBytesMax;
}

export function branchEntryBytes(key: StoredKey): number {
  return BRANCH_ENTRY_BYTES + key.length;
}

export function makeBranch(keys: StoredKey[], children: PageId[]): BranchNode {
  assert(children.length === keys.length + 1, "a branch has one child more than separators");
  let bytes = NODE_OVERHEAD_BYTES + CHILD_BYTES;
  for (const key of keys) {
    bytes += branchEntryBytes(key);
  }
  return { kind: "branch", keys, children, bytes, index: undefined, searches: 0 };
}

/** A copy that can be changed without changing the original. */
export function copyBranch(branch: BranchNode): BranchNode {
  return { ...branch, keys: branch.keys.slice(), children: branch.children.slice() };
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
