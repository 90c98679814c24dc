import type { Lsn } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import { decodeNode } from "./node-codec.ts";
import { bodyBytesMax, setInLeaf } from "./node.ts";
import type { PageCache } from "./page-cache.ts";
import type { PageId } from "./page-format.ts";
import type { PageAfterImage } from "./structure-change.ts";

/** A put or delete in one leaf. Values that go to overflow pages are structure changes. */
export interface LeafChange {
  readonly pageId: PageId;
  readonly key: StoredKey;
  /** Undefined: the key was removed. */
  readonly value: Uint8Array | undefined;
}

/*
 * Redo repeats history, page by page, in log order, from the redo point on: the lowest recovery LSN of the
 * dirty page table. A page that bears the LSN of a record, or a later one, has the change already. Doing
 * it again would bring back old contents, also for records of transactions that are undone later.
 */

/**
 * Repeats a structure change. A page that is not whole is made anew: either it was never written, or it is
 * damaged, and everything that came after this image is in the log behind it. Returns how many pages
 * changed.
 *
 * @throws SeawallError `CORRUPTION` for an image that is no page.
 */
export async function redoStructure(
  cache: PageCache,
  images: readonly PageAfterImage[],
  record: Lsn,
): Promise<number> {
  let changed = 0;
  for (const { pageId, kind, body } of images) {
    const page = await cache.loadIfWhole(pageId);
    if (page === undefined || page.lsn < record) {
      // A copy, or the page would keep all that was read of the log in memory.
      const found = decodeNode(kind, body.slice());
      if (found.kind === "malformed") {
        throw cache.pageFile.refusal(pageId, found);
      }
      cache.install(pageId, found.node, record);
      changed += 1;
    }
  }
  return changed;
}

/**
 * Repeats a put or delete in its leaf. True when the page did not have it yet.
 *
 * @throws SeawallError `CORRUPTION` when the page is damaged, or no leaf, or has no room: then this record
 * was not written for this page.
 */
export async function redoLeafChange(
  cache: PageCache,
  change: LeafChange,
  record: Lsn,
): Promise<boolean> {
  const { pageId, key, value } = change;
  const page = await cache.load(pageId);
  if (page.lsn >= record) {
    return false;
  }
  const { node } = page;
  if (node.kind !== "leaf") {
    const what = `a ${node.kind} page, and record ${record} changes a leaf`;
    throw cache.pageFile.refusal(pageId, { kind: "malformed", what });
  }
  setInLeaf(node, key, value);
  if (node.bytes > bodyBytesMax(cache.pageFile.pageBytes)) {
    const what = `a leaf without room for what record ${record} puts there`;
    throw cache.pageFile.refusal(pageId, { kind: "malformed", what });
  }
  cache.stamp(page, record);
  return true;
}
