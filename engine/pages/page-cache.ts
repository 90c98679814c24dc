import { defined, InvariantError } from "../base/assert.ts";
import { isSeawallError } from "../base/errors.ts";
import type { Lsn } from "../base/units.ts";
import { AREA_PAGES_MAX } from "./double-write-format.ts";
import type { PageImage } from "./double-write-format.ts";
import { EvictionQueues, VISITS_MAX } from "./eviction-queues.ts";
import { decodeNode, encodeNode } from "./node-codec.ts";
import type { PageNode } from "./node.ts";
import { PAGE_HEADER_BYTES, sealPage } from "./page-format.ts";
import type { PageFound, PageId } from "./page-format.ts";
import type { PageFile } from "./page-file.ts";

/** The log, as far as pages care. An LSN is that of a log record. */
export interface PageLog {
  isDurable(record: Lsn): boolean;
  /** Resolves once the record is durable; syncs the log for that when nobody else does. */
  durable(record: Lsn): Promise<void>;
}

/** Puts pages into their file. One call at a time. */
export interface PageWriter {
  write(images: readonly PageImage[]): Promise<void>;
}

export interface PageCacheOptions {
  readonly pageFile: PageFile;
  readonly doubleWrite: PageWriter;
  readonly log: PageLog;
  /** Counted in whole pages of the file. Pinned pages, and pages just made, may exceed it for a while. */
  readonly bytesMax: number;
}

/** A page in memory. Stays the same object for as long as the page is resident. */
export interface CachedPage {
  readonly id: PageId;
  node: PageNode;
  /** The log record that changed it last. */
  lsn: Lsn;
  visits: number;
  /** The first log record whose change the disk does not have. Undefined: it has all. */
  recoveryLsn: Lsn | undefined;
  /** While it is being written: what `recoveryLsn` was. */
  writingSince: Lsn | undefined;
}

/** An entry of the dirty page table: redo of this page must begin at `recoveryLsn`. */
export interface DirtyPage {
  readonly pageId: PageId;
  readonly recoveryLsn: Lsn;
}

export interface CacheCounts {
  loads: number;
  evictions: number;
  pagesWritten: number;
  /** Of these, for somebody who waited for room. */
  pagesWrittenForRoom: number;
}

/**
 * Keeps pages in memory, decoded. Reading a resident page is synchronous; loading another one may evict
 * clean pages (S3-FIFO, eviction-queues.ts) and write dirty ones first. Pages are evicted only inside
 * `load` and `trim`: whatever is resident stays so until the caller awaits something.
 *
 * A page may be written at any time (steal) and need not be (no-force), but never before the log is
 * durable up to its last change: the disk could otherwise show a change that the log knows nothing of.
 */
export class PageCache {
  readonly pageFile: PageFile;
  readonly counts: CacheCounts = {
    loads: 0,
    evictions: 0,
    pagesWritten: 0,
    pagesWrittenForRoom: 0,
  };
  readonly #doubleWrite: PageWriter;
  readonly #log: PageLog;
  readonly #pagesMax: number;
  readonly #queues: EvictionQueues<CachedPage>;
  readonly #pages = new Map<PageId, CachedPage>();
  readonly #loading = new Map<PageId, Promise<CachedPage | undefined>>();
  /** Pages that are being loaded: they need room before they come. */
  #reads = 0;
  readonly #pins = new Map<PageId, number>();
  readonly #dirty = new Set<CachedPage>();
  #lastTurn: Promise<void> = Promise.resolve();

  constructor(options: PageCacheOptions) {
    this.pageFile = options.pageFile;
    this.#doubleWrite = options.doubleWrite;
    this.#log = options.log;
    this.#pagesMax = Math.max(1, Math.floor(options.bytesMax / options.pageFile.pageBytes));
    this.#queues = new EvictionQueues(this.#pagesMax);
  }

  get residentPages(): number {
    return this.#pages.size;
  }

  get pagesMax(): number {
    return this.#pagesMax;
  }

  get dirtyCount(): number {
    return this.#dirty.size;
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
    page.recoveryLsn ??= record;
    this.#dirty.add(page);
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
    page.recoveryLsn = record;
    this.#dirty.add(page);
    return page;
  }

  /** The dirty page table, by page. Pages that are being written are in it until they are durable. */
  dirtyPages(): DirtyPage[] {
    const found: DirtyPage[] = [];
    for (const { id, recoveryLsn, writingSince } of this.#pages.values()) {
      const since = writingSince ?? recoveryLsn;
      if (since !== undefined) {
        found.push({ pageId: id, recoveryLsn: since });
      }
    }
    return found.toSorted((a, b) => a.pageId - b.pageId);
  }

  /**
   * Writes every page that is dirty now, or only those that are so since before `before`. They are durable
   * when this resolves; what was changed meanwhile stays dirty, from its first new change on.
   *
   * @throws SeawallError `NO_SPACE`: nothing is lost, try again; `IO`: no page is written any more.
   */
  async flush(before?: Lsn): Promise<void> {
    // In a turn of its own: a page that an earlier flush is writing is neither dirty nor durable, and dirty
    // again should that flush fail.
    const pages = await this.#inTurn(() => Promise.resolve(this.#oldestDirty(before)));
    for (let start = 0; start < pages.length; start += AREA_PAGES_MAX) {
      await this.#writeInTurn(pages.slice(start, start + AREA_PAGES_MAX));
    }
  }

  /** Whether the newest version of the page is in memory only, as far as is known. */
  isDirty(id: PageId): boolean {
    const page = this.#pages.get(id);
    return page?.recoveryLsn !== undefined || page?.writingSince !== undefined;
  }

  /** Does work while no page is being written. */
  async withoutWrites<T>(work: () => Promise<T>): Promise<T> {
    return await this.#inTurn(work);
  }

  /** Resolves when no page is being loaded or written. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#loading.values(), this.#lastTurn]);
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
      const pages = this.#oldestDirty().slice(0, AREA_PAGES_MAX);
      await this.#writeInTurn(pages);
      this.counts.pagesWrittenForRoom += pages.length;
    } catch (error) {
      if (!isSeawallError(error, "NO_SPACE")) {
        throw error;
      }
    }
  }

  async #read(id: PageId): Promise<CachedPage | undefined> {
    await this.trim();
    const found = await this.pageFile.read(id);
    this.counts.loads += 1;
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
      this.counts.evictions += 1;
    }
    return false;
  }

  #canLeave(page: CachedPage): boolean {
    return (
      page.recoveryLsn === undefined && page.writingSince === undefined && !this.#pins.has(page.id)
    );
  }

  #oldestDirty(before: number = Infinity): CachedPage[] {
    return [...this.#dirty]
      .filter(({ recoveryLsn }) => recoveryLsn !== undefined && recoveryLsn < before)
      .toSorted((a, b) => (a.recoveryLsn ?? 0) - (b.recoveryLsn ?? 0));
  }

  async #writeInTurn(pages: readonly CachedPage[]): Promise<void> {
    await this.#inTurn(async () => {
      await this.#writePages(pages.filter(({ recoveryLsn }) => recoveryLsn !== undefined));
    });
  }

  /** One after the other, because there is one double-write area. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastTurn.then(work);
    // A failure belongs to whoever asked for this turn, not to the next one.
    this.#lastTurn = turn.then(
      () => {},
      () => {},
    );
    return await turn;
  }

  async #writePages(pages: readonly CachedPage[]): Promise<void> {
    if (pages.length === 0) {
      return;
    }
    const inOrder = pages.toSorted((a, b) => a.id - b.id);
    const images = inOrder.map((page) => this.#imageOf(page));
    const last = inOrder.reduce(
      (most, { lsn }) => (lsn > most ? lsn : most),
      defined(inOrder[0], "page").lsn,
    );
    for (const page of inOrder) {
      page.writingSince = page.recoveryLsn;
      page.recoveryLsn = undefined;
      this.#dirty.delete(page);
    }
    let written = false;
    try {
      await this.#log.durable(last);
      if (!this.#log.isDurable(last)) {
        throw new InvariantError(`pages up to ${last} would overtake the log`);
      }
      await this.#doubleWrite.write(images);
      written = true;
    } finally {
      this.#endWrite(inOrder, written);
    }
  }

  #endWrite(pages: readonly CachedPage[], written: boolean): void {
    this.counts.pagesWritten += written ? pages.length : 0;
    for (const page of pages) {
      if (!written) {
        page.recoveryLsn = page.writingSince;
        this.#dirty.add(page);
      }
      page.writingSince = undefined;
    }
  }

  #imageOf({ id, lsn, node }: CachedPage): PageImage {
    const { pageBytes, storeId } = this.pageFile;
    const bytes = new Uint8Array(pageBytes);
    encodeNode(node, bytes.subarray(PAGE_HEADER_BYTES));
    sealPage(bytes, { pageId: id, storeId, kind: node.kind, lsn });
    return { pageId: id, lsn, bytes };
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
