import { defined, InvariantError, unreachable } from "../base/assert.ts";
import { byteStringAt } from "../base/byte-reader.ts";
import { getUint16, getUint32, getUint64, putUint16, putUint32, putUint64 } from "../base/bytes.ts";
import { LeafNode } from "./leaf-node.ts";
import { branchEntryBytes, OVERFLOW_OVERHEAD_BYTES } from "./node.ts";
import type { BranchNode, MetaNode, OverflowNode, PageNode } from "./node.ts";
import type { PageKind } from "./page-format.ts";

/*
 * The body of a page, by its kind. Integers are little-endian and unsigned. Keys are in ascending order
 * of their bytes, each once.
 *
 *   meta      0     4  pageBytes
 *             4     4  zeros
 *             8     8  root        page id
 *            16     8  pageCount   pages in use or free
 *            24     8  freeHead    page id; 0: no free page
 *            32     8  freeCount
 *   leaf      0     2  count
 *             2     -  count times:  2 keyBytes, 4 valueBytes (top bit: in overflow pages), the key,
 *                      the value, or the id of its first overflow page (8)
 *   branch    0     2  count of separators
 *             2     8  id of the first child
 *            10     -  count times:  2 keyBytes, the separator, 8 id of the child behind it
 *   overflow  0     8  next        page id; 0: the last
 *             8     4  chunkBytes
 *            12     -  chunk
 *   free      0     8  next        page id; 0: the last
 */
const META_BYTES = 40;
const FREE_BYTES = 8;

/** Bytes that the encoded body takes. */
export function encodedBytes(node: PageNode): number {
  switch (node.kind) {
    case "meta":
      return META_BYTES;
    case "leaf":
    case "branch":
      return node.bytes;
    case "overflow":
      return OVERFLOW_OVERHEAD_BYTES + node.chunk.length;
    case "free":
      return FREE_BYTES;
    default:
      return unreachable(node);
  }
}

/** Writes the body into `target`, which begins with it and has zeros where it ends. */
export function encodeNode(node: PageNode, target: Uint8Array): void {
  const bytes = encodedBytes(node);
  if (bytes > target.length) {
    throw new InvariantError(`a ${node.kind} of ${bytes} bytes for a page of ${target.length}`);
  }
  const end = encodeByKind(node, target);
  if (end !== bytes) {
    throw new InvariantError(`a ${node.kind} counted ${bytes} bytes and took ${end}`);
  }
}

function encodeByKind(node: PageNode, target: Uint8Array): number {
  switch (node.kind) {
    case "meta":
      putUint32(target, 0, node.pageBytes);
      putUint64(target, 8, node.root);
      putUint64(target, 16, node.pageCount);
      putUint64(target, 24, node.freeHead);
      putUint64(target, 32, node.freeCount);
      return META_BYTES;
    case "leaf":
      return node.encode(target);
    case "branch":
      return encodeBranch(node, target);
    case "overflow":
      putUint64(target, 0, node.next);
      putUint32(target, 8, node.chunk.length);
      target.set(node.chunk, OVERFLOW_OVERHEAD_BYTES);
      return OVERFLOW_OVERHEAD_BYTES + node.chunk.length;
    case "free":
      putUint64(target, 0, node.next);
      return FREE_BYTES;
    default:
      return unreachable(node);
  }
}

function encodeBranch(branch: BranchNode, target: Uint8Array): number {
  putUint16(target, 0, branch.keys.length);
  putUint64(target, 2, defined(branch.children[0], "child"));
  let at = 10;
  for (const [i, key] of branch.keys.entries()) {
    putUint16(target, at, key.length);
    putKey(target, at + 2, key);
    putUint64(target, at + 2 + key.length, defined(branch.children[i + 1], "child"));
    at += branchEntryBytes(key);
  }
  return at;
}

/** A node, which takes the body over: nobody else changes it any more. Or what is wrong with the body. */
export type NodeFound =
  | { readonly kind: "node"; readonly node: PageNode }
  | { readonly kind: "malformed"; readonly what: string };

export function decodeNode(kind: PageKind, body: Uint8Array): NodeFound {
  const node = decodeByKind(kind, body);
  return typeof node === "string" ? { kind: "malformed", what: node } : { kind: "node", node };
}

function decodeByKind(kind: PageKind, body: Uint8Array): PageNode | string {
  switch (kind) {
    case "meta":
      return decodeMeta(body);
    case "leaf":
      return LeafNode.decode(body);
    case "branch":
      return decodeBranch(body);
    case "overflow":
      return decodeOverflow(body);
    case "free":
      return body.length < FREE_BYTES
        ? "a free page that is too short"
        : { kind: "free", next: getUint64(body, 0) };
    default:
      return unreachable(kind);
  }
}

function decodeMeta(body: Uint8Array): MetaNode | string {
  if (body.length < META_BYTES) {
    return "a meta page that is too short";
  }
  return {
    kind: "meta",
    pageBytes: getUint32(body, 0),
    root: getUint64(body, 8),
    pageCount: getUint64(body, 16),
    freeHead: getUint64(body, 24),
    freeCount: getUint64(body, 32),
  };
}

function decodeBranch(body: Uint8Array): BranchNode | string {
  const keys: string[] = [];
  const count = getUint16(body, 0);
  const children: number[] = [getUint64(body, 2)];
  let at = 10;
  for (let i = 0; i < count; i += 1) {
    const keyEnd = at + 2 + getUint16(body, at);
    if (keyEnd + 8 > body.length) {
      return `separator ${i} of the branch ends outside it`;
    }
    keys.push(byteStringAt(body, at + 2, keyEnd));
    children.push(getUint64(body, keyEnd));
    at = keyEnd + 8;
  }
  if (at > body.length) {
    return "a branch that is too short";
  }
  return (
    orderProblem(keys) ?? {
      kind: "branch",
      keys,
      children,
      bytes: at,
      index: undefined,
      searches: 0,
    }
  );
}

function decodeOverflow(body: Uint8Array): OverflowNode | string {
  const end = OVERFLOW_OVERHEAD_BYTES + getUint32(body, 8);
  if (end > body.length) {
    return "a chunk that ends outside its page";
  }
  return {
    kind: "overflow",
    next: getUint64(body, 0),
    chunk: body.subarray(OVERFLOW_OVERHEAD_BYTES, end),
  };
}

/** Binary search would go astray in a node that is out of order, and find nothing wrong. */
function orderProblem(keys: readonly string[]): string | undefined {
  for (let i = 1; i < keys.length; i += 1) {
    if (defined(keys[i - 1], "key") >= defined(keys[i], "key")) {
      return `key ${i} is not above the one before it`;
    }
  }
  return undefined;
}

function putKey(target: Uint8Array, offset: number, key: string): void {
  for (let i = 0; i < key.length; i += 1) {
    target[offset + i] = key.charCodeAt(i);
  }
}
