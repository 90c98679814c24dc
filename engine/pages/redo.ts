import { unreachable } from "../base/assert.ts";
import type { Lsn } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { PageAfterImage, PageChange, PageEdits } from "../log/page-change.ts";
import { decodeNode, encodedBytes } from "./node-codec.ts";
import type { LogRecord } from "../log/record.ts";
import { bodyBytesMax, META_PAGE } from "./node.ts";
import type { PageNode } from "./node.ts";
import { edited } from "./page-edits.ts";
import type { PageCache } from "./page-cache.ts";
import type { CachedPage } from "./cached-page.ts";
import type { PageId } from "./page-format.ts";

/*
 * Redo repeats history, page by page, in log order, from the redo point on: the lowest recovery LSN of the
 * dirty page table. A page that bears the LSN of a record, or a later one, has the change already. Doing
 * it again would bring back old contents, also for records of transactions that are undone later.
 */

/** A put or delete in one leaf. Values that go to overflow pages are structure changes. */
export interface LeafChange {
  readonly pageId: PageId;
  readonly key: StoredKey;
  /** Undefined: the key was removed. */
  readonly value: Uint8Array | undefined;
}

/** What redo did to the pages. */
export interface PageRedoCounts {
  /** Records that changed a page. */
  repeated: number;
  /** Of these, structure changes. */
  structures: number;
  /** Records that every page of theirs had already. */
  skipped: number;
  /** Pages that were not whole, and that the image in a structure change made anew. */
  rebuilt: number;
}

/** Repeats log records on the pages that do not have them. */
export class PageRedo {
  readonly counts: PageRedoCounts = { repeated: 0, structures: 0, skipped: 0, rebuilt: 0 };
  readonly #cache: PageCache;
  /** Pages that are not whole, and that no structure change has made anew yet. */
  readonly #damaged = new Set<PageId>();

  constructor(cache: PageCache) {
    this.#cache = cache;
  }

  /** Returns a promise only where something has to be waited for: the log has millions of records. */
  repeat(record: LogRecord, at: Lsn): Promise<void> | undefined {
    switch (record.kind) {
      case "put":
        return this.#leafChange({ pageId: record.page, key: record.key, value: record.value }, at);
      case "delete":
        return this.#leafChange({ pageId: record.page, key: record.key, value: undefined }, at);
      case "clr":
        return this.#leafChange(
          { pageId: record.page, key: record.key, value: record.restored },
          at,
        );
      case "structure":
        return this.#structure(record.pages, at);
      case "begin":
      case "commit":
      case "rollback":
      case "open":
      case "close":
        return undefined;
      default:
        return unreachable(record);
    }
  }

  /** After the last record. @throws SeawallError `CORRUPTION` for a page that nothing has made whole. */
  async end(): Promise<void> {
    if (this.#damaged.size === 0) {
      return;
    }
    const meta = await this.#cache.load(META_PAGE);
    const pageCount = meta.node.kind === "meta" ? meta.node.pageCount : Infinity;
    for (const pageId of this.#damaged) {
      if (pageId < pageCount) {
        // Throws, and says why.
        await this.#cache.load(pageId);
        // The device read it wrongly once: now it is whole, and records are missing on it.
        const what = "a page that could not be read when the log was repeated";
        throw this.#cache.pageFile.refusal(pageId, { kind: "malformed", what });
      }
    }
  }

  #leafChange(change: LeafChange, at: Lsn): Promise<void> | undefined {
    if (this.#damaged.has(change.pageId)) {
      // Also when the page can be read by now: an earlier record is missing on it.
      return undefined;
    }
    const page = this.#cache.peek(change.pageId);
    if (page === undefined) {
      return this.#loadForLeafChange(change, at);
    }
    this.#count(changeLeaf(this.#cache, page, change, at));
    return undefined;
  }

  #count(changed: boolean): void {
    this.counts.repeated += changed ? 1 : 0;
    this.counts.skipped += changed ? 0 : 1;
  }

  async #loadForLeafChange(change: LeafChange, at: Lsn): Promise<void> {
    const page = await this.#cache.loadIfWhole(change.pageId);
    if (page === undefined) {
      this.#damaged.add(change.pageId);
      return;
    }
    this.#count(changeLeaf(this.#cache, page, change, at));
  }

  async #structure(pages: readonly PageChange[], at: Lsn): Promise<void> {
    let changed = false;
    for (const page of pages) {
      const change = page.form === "image" ? this.#image(page, at) : this.#edits(page, at);
      changed = (await change) || changed;
    }
    this.#count(changed);
    this.counts.structures += changed ? 1 : 0;
    // New pages come without asking for room.
    if (this.#cache.isOverLimit) {
      await this.#cache.trim();
    }
  }

  /**
   * A page that is not whole is made anew: either it was never written, or it is damaged, and everything
   * that came after this image is in the log behind it. True when the page did not have the change yet.
   *
   * @throws SeawallError `CORRUPTION` for an image that is no page.
   */
  async #image({ pageId, kind, body }: PageAfterImage, at: Lsn): Promise<boolean> {
    const page = await this.#cache.loadIfWhole(pageId);
    this.#damaged.delete(pageId);
    if (page !== undefined && page.lsn >= at) {
      return false;
    }
    // A copy, or the page would keep all that was read of the log in memory.
    const found = decodeNode(kind, body.slice());
    if (found.kind === "malformed") {
      throw this.#cache.pageFile.refusal(pageId, found);
    }
    this.#cache.install(pageId, found.node, at);
    this.counts.rebuilt += page === undefined ? 1 : 0;
    return true;
  }

  /** True when the page did not have them yet. @throws SeawallError `CORRUPTION`: not for this page. */
  async #edits({ pageId, edits }: PageEdits, at: Lsn): Promise<boolean> {
    const page = this.#damaged.has(pageId) ? undefined : await this.#cache.loadIfWhole(pageId);
    if (page === undefined) {
      this.#damaged.add(pageId);
      return false;
    }
    if (page.lsn >= at) {
      return false;
    }
    let { node }: { node: PageNode } = page;
    for (const edit of edits) {
      const after = edited(node, edit);
      if (after === undefined) {
        const what = `a ${node.kind} page that record ${at} cannot have changed`;
        throw this.#cache.pageFile.refusal(pageId, { kind: "malformed", what });
      }
      node = after;
    }
    if (encodedBytes(node) > bodyBytesMax(this.#cache.pageFile.pageBytes)) {
      const what = `a ${node.kind} without room for what record ${at} puts there`;
      throw this.#cache.pageFile.refusal(pageId, { kind: "malformed", what });
    }
    this.#cache.install(pageId, node, at);
    return true;
  }
}

/**
 * Repeats a put or delete in its leaf. True when the page did not have it yet.
 *
 * @throws SeawallError `CORRUPTION` when the page is no leaf, or has no room: then this record was not
 * written for this page.
 */
function changeLeaf(
  cache: PageCache,
  page: CachedPage,
  { pageId, key, value }: LeafChange,
  record: Lsn,
): boolean {
  if (page.lsn >= record) {
    return false;
  }
  const { node } = page;
  if (node.kind !== "leaf") {
    const what = `a ${node.kind} page, and record ${record} changes a leaf`;
    throw cache.pageFile.refusal(pageId, { kind: "malformed", what });
  }
  node.set(key, value);
  if (node.bytes > bodyBytesMax(cache.pageFile.pageBytes)) {
    const what = `a leaf without room for what record ${record} puts there`;
    throw cache.pageFile.refusal(pageId, { kind: "malformed", what });
  }
  cache.stamp(page, record);
  return true;
}
