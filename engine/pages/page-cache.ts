import { defined, InvariantError } from "../base/assert.ts";
import { isSeawallError } from "../base/errors.ts";
import type { Lsn } from "../base/units.ts";
import type { CachedPage } from "./cached-page.ts";
import { DirtyPages } from "./dirty-pages.ts";
import type { DirtyPage, DirtyPagesOptions } from "./dirty-pages.ts";
import { EvictionQueues, VISITS_MAX } from "./eviction-queues.ts";
import { decodeNode } from "./node-codec.ts";
import type { PageNode } from "./node.ts";
import type { PageFound, PageId } from "./page-format.ts";
import type { PageFile } from "./page-file.ts";

export interface PageCacheOptions extends DirtyPagesOptions {
  /** Counted in whole pages of the file. Pinned pages, and pages just made, may exceed it for a while. */
  readonly bytesMax: number;
}

export interface CacheCounts {
  readonly loads: number;
  readonly evictions: number;
  readonly pagesWritten: number;
  /** Of these, for somebody who waited for room. */
  readonly pagesWrittenForRoom: number;
}

/**
 * Keeps pages in memory, decoded. Reading a resident page is synchronous; loading another one may evict
 * clean pages (S3-FIFO, eviction-queues.ts) and write dirty ones first (dirty-pages.ts). Pages are evicted
 * only inside `load` and `trim`: whatever is resident stays so until the caller awaits something.
 */
export class PageCache {
  readonly pageFile: PageFile;
  readonly #pagesMax: number;
  readonly #queues: EvictionQueues<CachedPage>;
  readonly #pages = new Map<PageId, CachedPage>();
  readonly #loading = new Map<PageId, Promise<CachedPage | undefined>>();
  /** Pages that are being loaded: they need room before they come. */
  #reads = 0;
  readonly #pins = new Map<PageId, number>();
  readonly #dirty: DirtyPages;
  #loads = 0;
  #evictions = 0;
  #pagesWrittenForRoom = 0;

  constructor(options: PageCacheOptions) {
    this.pageFile = options.pageFile;
    this.#dirty = new DirtyPages(options);
    this.#pagesMax = Math.max(1, Math.floor(options.bytesMax / options.pageFile.pageBytes));
    this.#queues = new EvictionQueues(this.#pagesMax);
  }

  get counts(): CacheCounts {
    return {
      loads: this.#loads,
      evictions: this.#evictions,
      pagesWritten: this.#dirty.written,
      pagesWrittenForRoom: this.#pagesWrittenForRoom,
    };
  }

  get residentPages(): number {
    return this.#pages.size;
  }

  get pagesMax(): number {
    return this.#pagesMax;
  }

  get dirtyCount(): number {
    return this.#dirty.count;
  }

  /** More pages than there should be: `trim` has something to do. */
  get isOverLimit(): boolean {
    return this.#pages.size > this.#pagesMax;
  }

  /** The page when it is resident. */
  peek(id: PageId): CachedPage | undefined {
    const page = this.#pages.get(id);
    if (page !== undefined && page.visits < VISITS_MAX) {
      page.visits += 1;
    }
    return page;
  }

  /**
   * Makes the page resident. It stays so only until the next await, unless it is pinned.
   *
   * @throws SeawallError `CORRUPTION` when its place does not hold this page, whole; `RECOVERY` when it is
   * in a newer format; `IO`.
   */
  async load(id: PageId): Promise<CachedPage> {
    const page = await this.loadIfWhole(id);
    if (page !== undefined) {
      return page;
    }
    const found = await this.pageFile.read(id);
    throw this.pageFile.refusal(id, found.kind === "page" ? malformed(found) : found);
  }

  /**
   * As `load`, but undefined when the place does not hold the page: zeros, or damaged. For redo, where a
   * later record may hold all of the page.
   */
  async loadIfWhole(id: PageId): Promise<CachedPage | undefined> {
    const resident = this.#pages.get(id);
    if (resident !== undefined) {
      return resident;
    }
    const underWay = this.#loading.get(id);
    if (underWay !== undefined) {
      return await underWay;
    }
    this.#reads += 1;
    const loading = this.#read(id).finally(() => {
      this.#reads -= 1;
      this.#loading.delete(id);
    });
    this.#loading.set(id, loading);
    return await loading;
  }

  /** Keeps the page in memory, from when it is or becomes resident, until as many calls of `unpin`. */
  pin(id: PageId): void {
    this.#pins.set(id, (this.#pins.get(id) ?? 0) + 1);
  }

  unpin(id: PageId): void {
    const left = defined(this.#pins.get(id), `pin of page ${id}`) - 1;
    if (left === 0) {
      this.#pins.delete(id);
    } else {
      this.#pins.set(id, left);
    }
  }

  /** The page was changed by this log record. */
  stamp(page: CachedPage, record: Lsn): void {
    if (record <= page.lsn) {
      throw new InvariantError(`record ${record} changes page ${page.id}, which is at ${page.lsn}`);
    }
    if (this.#pages.get(page.id) !== page) {
      throw new InvariantError(`page ${page.id} was changed after it was evicted`);
    }
    page.lsn = record;
    this.#dirty.add(page, record);
  }

  /** Gives a page new contents, all of them, by this log record. Whether it is resident does not matter. */
  install(id: PageId, node: PageNode, record: Lsn): CachedPage {
    const resident = this.#pages.get(id);
    if (resident !== undefined) {
      this.stamp(resident, record);
      resident.node = node;
      return resident;
    }
    const page = this.#add(id, node, record);
    this.#dirty.add(page, record);
    return page;
  }

  /** The dirty page table, by page. Pages that are being written are in it until they are durable. */
  dirtyPages(): DirtyPage[] {
    return this.#dirty.table();
  }

  /**
   * Writes every page that is dirty now, or only those that are so since before `before`. They are durable
   * when this resolves; what was changed meanwhile stays dirty, from its first new change on.
   *
   * @throws SeawallError `NO_SPACE`: nothing is lost, try again; `IO`: no page is written any more.
   */
  async flush(before?: Lsn): Promise<void> {
    await this.#dirty.flush(before);
  }

  /** Resolves when no page is being loaded or written. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#loading.values(), this.#dirty.settled()]);
  }

  /** Gets back under the limit: new pages are made without asking for room, because that cannot wait. */
  async trim(): Promise<void> {
    // When a flush made no room, everything is pinned or changed faster than it is written: better too
    // large than stuck.
    for (let size = Infinity; this.#evict() && this.#pages.size < size;) {
      size = this.#pages.size;
      await this.#writeToMakeRoom();
    }
  }

  /** On a full disk the cache grows for a while: whoever reads has no part in it. */
  async #writeToMakeRoom(): Promise<void> {
    try {
      this.#pagesWrittenForRoom += await this.#dirty.writeSome();
    } catch (error) {
      if (!isSeawallError(error, "NO_SPACE")) {
        throw error;
      }
    }
  }

  async #read(id: PageId): Promise<CachedPage | undefined> {
    await this.trim();
    const found = await this.pageFile.read(id);
    this.#loads += 1;
    const resident = this.#pages.get(id);
    if (resident !== undefined) {
      return resident;
    }
    if (found.kind === "newer") {
      throw this.pageFile.refusal(id, found);
    }
    if (found.kind !== "page") {
      return undefined;
    }
    const decoded = decodeNode(found.pageKind, found.body);
    return decoded.kind === "node" ? this.#add(id, decoded.node, found.lsn) : undefined;
  }

  #add(id: PageId, node: PageNode, lsn: Lsn): CachedPage {
    const page: CachedPage = {
      id,
      node,
      lsn,
      visits: 0,
      recoveryLsn: undefined,
      writingSince: undefined,
    };
    this.#pages.set(id, page);
    this.#queues.add(page);
    return page;
  }

  /** Makes room for every page that is being loaded. True when there is still not enough. */
  #evict(): boolean {
    while (this.#pages.size + this.#reads > this.#pagesMax) {
      const page = this.#queues.take((candidate) => this.#canLeave(candidate));
      if (page === undefined) {
        return true;
      }
      this.#pages.delete(page.id);
      this.#evictions += 1;
    }
    return false;
  }

  #canLeave(page: CachedPage): boolean {
    return (
      page.recoveryLsn === undefined && page.writingSince === undefined && !this.#pins.has(page.id)
    );
  }
}

function malformed(
  found: Extract<PageFound, { kind: "page" }>,
): Exclude<PageFound, { kind: "page" }> {
  const decoded = decodeNode(found.pageKind, found.body);
  return {
    kind: "malformed",
    what: decoded.kind === "malformed" ? decoded.what : "a page that changed while it was read",
  };
}
