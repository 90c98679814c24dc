import type { StoredKey } from "../data/key-codec.ts";
import { readChain } from "./btree-read.ts";
import type { KeyPath, OverflowChain } from "./btree-read.ts";
import { isInline, leafEntryBytes } from "./leaf-cell.ts";
import type { LeafNode } from "./leaf-node.ts";
import { goesToOverflow } from "./node.ts";
import type { PageCache } from "./page-cache.ts";
import type { PageId } from "./page-format.ts";
import type { MissingPage } from "./page-lease.ts";

export interface Absent {
  readonly kind: "absent";
}

export const ABSENT: Absent = { kind: "absent" };

/** How much a put or delete would change. */
export interface ChangeSize {
  readonly leaf: PageId;
  /** What the leaf takes now, and how much more (or less) it would. */
  readonly leafBytes: number;
  readonly growth: number;
  /** Branches above the leaf, and what they take together. */
  readonly depth: number;
  readonly branchBytes: number;
  readonly oldBytes: number;
  /** Bytes that would go to overflow pages. */
  readonly overflowBytes: number;
  /** Overflow pages that would become free. */
  readonly freedPages: number;
}

/** What a put or delete would do, before it does it. */
export interface PreparedChange extends ChangeSize {
  readonly kind: "prepared";
  readonly way: KeyPath;
}

/** What a put or delete is going to do. */
export interface ChangePlan {
  readonly kind: "plan";
  readonly path: KeyPath;
  readonly key: StoredKey;
  /** Undefined: the key is removed. */
  readonly value: Uint8Array | undefined;
  /** The old value, when it is in overflow pages: they become free. */
  readonly oldChain: OverflowChain | undefined;
  readonly toOverflow: boolean;
  /** What the leaf will take. */
  readonly leafBytes: number;
}

const NOWHERE = { first: 0, length: 0 };

/** Plans a put, or a delete: value undefined. Changes nothing. */
export function planChange(
  cache: PageCache,
  path: KeyPath,
  key: StoredKey,
  value: Uint8Array | undefined,
): ChangePlan | Absent | MissingPage {
  const { leaf, found } = path;
  if (found < 0 && value === undefined) {
    return ABSENT;
  }
  const oldChain = found < 0 ? undefined : chainAt(cache, leaf, found);
  if (oldChain?.kind === "missing") {
    return oldChain;
  }
  const toOverflow =
    value !== undefined && goesToOverflow(key.length, value.length, cache.pageFile.pageBytes);
  const newBytes = value === undefined ? 0 : leafEntryBytes(key, toOverflow ? NOWHERE : value);
  const oldBytes = found < 0 ? 0 : leaf.entryBytesAt(found);
  const leafBytes = leaf.bytes + newBytes - oldBytes;
  return { kind: "plan", path, key, value, oldChain, toOverflow, leafBytes };
}

function chainAt(
  cache: PageCache,
  leaf: LeafNode,
  index: number,
): OverflowChain | MissingPage | undefined {
  if (leaf.isInlineAt(index)) {
    return undefined;
  }
  const value = leaf.valueAt(index);
  return isInline(value) ? undefined : readChain(cache, value);
}

/** The before-image. Shared with the page it is on: whoever keeps it for long takes a copy. */
export function oldValueOf({ path, oldChain }: ChangePlan): Uint8Array | undefined {
  if (oldChain !== undefined || path.found < 0) {
    return oldChain?.value;
  }
  const value = path.leaf.valueAt(path.found);
  return isInline(value) ? value : undefined;
}

export function preparedOf(plan: ChangePlan): PreparedChange {
  const { path, value, oldChain, toOverflow, leafBytes } = plan;
  const { leaf, found } = path;
  return {
    kind: "prepared",
    way: path,
    leaf: path.page.id,
    leafBytes: leaf.bytes,
    growth: leafBytes - leaf.bytes,
    depth: path.branches.length,
    branchBytes: path.branchBytes,
    oldBytes: found < 0 ? 0 : leaf.valueBytesAt(found),
    overflowBytes: toOverflow ? (value?.length ?? 0) : 0,
    freedPages: oldChain?.pages.length ?? 0,
  };
}
