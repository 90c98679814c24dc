import { unreachable } from "../base/assert.ts";
import type { PageAfterImage, PageChange } from "../log/page-change.ts";
import type { LogRecord } from "../log/record.ts";
import { decodeNode } from "./node-codec.ts";
import type { NodeFound } from "./node-codec.ts";
import { META_PAGE } from "./node.ts";
import type { PageNode } from "./node.ts";
import type { PageCache } from "./page-cache.ts";
import type { PageFound, PageId } from "./page-format.ts";

type NotWhole = Exclude<PageFound, { kind: "page" }>;

/**
 * Finds out whether `PageRedo` will come to its end, before anything is written: of every page that a record
 * changes there has to be a whole version, in memory, on the disk, or as an image in the log. Reads each page
 * once, keeps none, and changes nothing. Pages in memory count with what redo has made of them so far: no
 * page that was changed has left it yet.
 */
export class RedoRehearsal {
  readonly #cache: PageCache;
  readonly #whole = new Set<PageId>();
  /** Pages that are not whole, and that no structure change has made anew yet. */
  readonly #damaged = new Map<PageId, NotWhole>();
  /** As the last image of the meta page says. */
  #pageCount: number | undefined;

  constructor(cache: PageCache) {
    this.#cache = cache;
  }

  /** The next record that redo repeats. Returns a promise only where a page has to be read. */
  repeat(record: LogRecord): Promise<void> | undefined {
    switch (record.kind) {
      case "put":
      case "delete":
      case "clr":
        return this.#need(record.page);
      case "structure":
        return this.#structure(record.pages);
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

  /** After the last record. @throws SeawallError `CORRUPTION` for a page that nothing can make whole. */
  async end(): Promise<void> {
    if (this.#damaged.size === 0) {
      return;
    }
    const pageCount = this.#pageCount ?? (await this.#storedPageCount());
    for (const [pageId, found] of this.#damaged) {
      if (pageId < pageCount) {
        throw this.#cache.pageFile.refusal(pageId, found);
      }
    }
  }

  async #structure(pages: readonly PageChange[]): Promise<void> {
    for (const change of pages) {
      if (change.form === "edits") {
        await this.#need(change.pageId);
      } else {
        this.#image(change);
      }
    }
  }

  #image({ pageId, kind, body }: PageAfterImage): void {
    this.#damaged.delete(pageId);
    this.#whole.add(pageId);
    if (pageId === META_PAGE) {
      this.#pageCount = pageCountIn(decodeNode(kind, body));
    }
  }

  /** A record cannot be repeated unless the page is whole. */
  #need(pageId: PageId): Promise<void> | undefined {
    if (this.#whole.has(pageId) || this.#damaged.has(pageId)) {
      return undefined;
    }
    if (this.#cache.peek(pageId) !== undefined) {
      this.#whole.add(pageId);
      return undefined;
    }
    return this.#find(pageId);
  }

  async #find(pageId: PageId): Promise<void> {
    const found = await this.#notWhole(pageId);
    if (found === undefined) {
      this.#whole.add(pageId);
    } else {
      this.#damaged.set(pageId, found);
    }
  }

  async #notWhole(pageId: PageId): Promise<NotWhole | undefined> {
    const found = await this.#cache.pageFile.read(pageId);
    if (found.kind !== "page") {
      return found;
    }
    const decoded = decodeNode(found.pageKind, found.body);
    return decoded.kind === "malformed" ? decoded : undefined;
  }

  async #storedPageCount(): Promise<number> {
    const resident = this.#cache.peek(META_PAGE);
    if (resident !== undefined) {
      return pageCountOf(resident.node);
    }
    const found = await this.#cache.pageFile.read(META_PAGE);
    return found.kind === "page" ? pageCountIn(decodeNode(found.pageKind, found.body)) : Infinity;
  }
}

function pageCountIn(found: NodeFound): number {
  return found.kind === "node" ? pageCountOf(found.node) : Infinity;
}

/** How many pages there are, where this is a meta page: every one counts where it is not. */
function pageCountOf(node: PageNode): number {
  return node.kind === "meta" ? node.pageCount : Infinity;
}
