import { defined, InvariantError } from "../base/assert.ts";
import type { Lsn } from "../base/units.ts";
import { AREA_PAGES_MAX } from "./double-write-format.ts";
import type { PageImage } from "./double-write-format.ts";
import { encodeNode } from "./node-codec.ts";
import type { CachedPage } from "./cached-page.ts";
import type { PageFile } from "./page-file.ts";
import { PAGE_HEADER_BYTES, sealPage } from "./page-format.ts";
import type { PageId } from "./page-format.ts";

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

export interface DirtyPagesOptions {
  readonly pageFile: PageFile;
  readonly doubleWrite: PageWriter;
  readonly log: PageLog;
}

/** An entry of the dirty page table: redo of this page must begin at `recoveryLsn`. */
export interface DirtyPage {
  readonly pageId: PageId;
  readonly recoveryLsn: Lsn;
}

/**
 * The pages in memory that the disk does not have as they are, and how they get there. A page may be
 * written at any time (steal) and need not be (no-force), but never before the log is durable up to its
 * last change: the disk could otherwise show a change that the log knows nothing of.
 */
export class DirtyPages {
  readonly #options: DirtyPagesOptions;
  /** Changed since they were last handed to a write. */
  readonly #dirty = new Set<CachedPage>();
  /** On their way to the disk: maybe dirty again. */
  #writing: readonly CachedPage[] = [];
  #written = 0;
  #lastTurn: Promise<void> = Promise.resolve();

  constructor(options: DirtyPagesOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#dirty.size;
  }

  /** Pages that were written so far. */
  get written(): number {
    return this.#written;
  }

  /** The page was changed by this log record. */
  add(page: CachedPage, record: Lsn): void {
    page.recoveryLsn ??= record;
    this.#dirty.add(page);
  }

  /** The dirty page table, by page. Pages that are being written are in it until they are durable. */
  table(): DirtyPage[] {
    const found: DirtyPage[] = [];
    for (const { id, recoveryLsn, writingSince } of new Set([...this.#dirty, ...this.#writing])) {
      const since = writingSince ?? recoveryLsn;
      if (since !== undefined) {
        found.push({ pageId: id, recoveryLsn: since });
      }
    }
    return found.toSorted((a, b) => a.pageId - b.pageId);
  }

  /** See PageCache.flush. */
  async flush(before?: Lsn): Promise<void> {
    // In a turn of its own: a page that an earlier flush is writing is neither dirty nor durable, and dirty
    // again should that flush fail.
    const pages = await this.#inTurn(() => Promise.resolve(this.#oldest(before)));
    for (let start = 0; start < pages.length; start += AREA_PAGES_MAX) {
      await this.#writeInTurn(pages.slice(start, start + AREA_PAGES_MAX));
    }
  }

  /** Writes those that are dirty for longest, as many as one write takes. Returns how many. */
  async writeSome(): Promise<number> {
    const pages = this.#oldest().slice(0, AREA_PAGES_MAX);
    await this.#writeInTurn(pages);
    return pages.length;
  }

  /** Resolves when no page is being written. */
  async settled(): Promise<void> {
    await this.#lastTurn;
  }

  #oldest(before: number = Infinity): CachedPage[] {
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
    const { log, doubleWrite } = this.#options;
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
    this.#writing = inOrder;
    let written = false;
    try {
      await log.durable(last);
      if (!log.isDurable(last)) {
        throw new InvariantError(`pages up to ${last} would overtake the log`);
      }
      await doubleWrite.write(images);
      written = true;
    } finally {
      this.#endWrite(inOrder, written);
    }
  }

  #endWrite(pages: readonly CachedPage[], written: boolean): void {
    this.#written += written ? pages.length : 0;
    this.#writing = [];
    for (const page of pages) {
      if (!written) {
        page.recoveryLsn = page.writingSince;
        this.#dirty.add(page);
      }
      page.writingSince = undefined;
    }
  }

  #imageOf({ id, lsn, node }: CachedPage): PageImage {
    const { pageBytes, storeId } = this.#options.pageFile;
    const bytes = new Uint8Array(pageBytes);
    encodeNode(node, bytes.subarray(PAGE_HEADER_BYTES));
    sealPage(bytes, { pageId: id, storeId, kind: node.kind, lsn });
    return { pageId: id, lsn, bytes };
  }
}
