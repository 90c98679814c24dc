import { assert, InvariantError } from "../base/assert.ts";
import { roundUp } from "../base/bytes.ts";
import { SeawallError } from "../base/errors.ts";
import type { Lsn } from "../base/units.ts";
import { isFileIOError } from "../platform/file-io.ts";
import type { FileHandle, FileIO } from "../platform/file-io.ts";
import { doing } from "../platform/io-errors.ts";
import { mirrored } from "../platform/mirrored-file.ts";
import { readWhole, writeWhole } from "../platform/whole-io.ts";
import type { PageImage } from "./double-write-format.ts";
import { PageCopies } from "./page-copies.ts";
import type { PageScrubbed } from "./page-copies.ts";
import { describeFound, isPageSize, lsnOfPage, readPage } from "./page-format.ts";
import type { PageFound, PageId } from "./page-format.ts";
import type { SettledPages } from "./settled-pages.ts";
import { WrittenPages } from "./written-pages.ts";

export const PAGE_FILE_NAME = "pages.db";

export interface PageFileOptions {
  /** @defaultValue PAGE_FILE_NAME */
  readonly name?: string;
  readonly files: FileIO;
  readonly directory: string;
  readonly pageBytes: number;
  readonly storeId: number;
  /** What is known of pages that an earlier open wrote. @defaultValue nothing */
  readonly settled?: SettledPages;
}

/** The file grows by a quarter of itself, within these limits: each extension costs a pass of zeros. */
const GROWTH_PAGES_MIN = 4;
const GROWTH_BYTES_MAX = 16 * 1024 * 1024;

function pathOf({ directory, name = PAGE_FILE_NAME }: PageFileOptions): string {
  return `${directory}/${name}`;
}

/** The data file: page n at n times the page size. Knows nothing of what the pages mean. */
export class PageFile {
  readonly path: string;
  readonly pageBytes: number;
  readonly storeId: number;
  readonly #file: FileHandle;
  readonly #written = new WrittenPages();
  /** Of a mirrored file. */
  readonly #copies: PageCopies | undefined;
  readonly #settled: SettledPages | undefined;
  /** Pages that are not in place yet, and count as if they were. */
  #held: ReadonlyMap<PageId, PageImage> = new Map();
  /** Pages that were written since the last sync began. */
  #unsynced = new Map<PageId, Lsn>();
  #bytes: number;
  /** Of a mirrored file that a power cut left with copies of two lengths on a full disk: the longer one's. */
  #longestBytes: number;
  /** One at a time: the zeros of a second extension could go over pages that the first made room for. */
  #extending: Promise<void> = Promise.resolve();

  private constructor(
    options: PageFileOptions,
    file: FileHandle,
    { least, most }: { readonly least: number; readonly most: number },
  ) {
    this.path = pathOf(options);
    this.pageBytes = options.pageBytes;
    this.storeId = options.storeId;
    this.#settled = options.settled;
    this.#file = file;
    this.#bytes = least;
    this.#longestBytes = most;
    const copies = mirrored(file);
    this.#copies =
      copies === undefined
        ? undefined
        : new PageCopies(copies, this.pageBytes, (pageId, bytes) => this.#judge(pageId, bytes));
  }

  /**
   * Opens the file, or makes it. A new file's name is durable once `DoubleWrite.open`, without which no
   * page is written, has resolved.
   *
   * @throws SeawallError `IO`, `NO_SPACE`.
   */
  static async open(options: PageFileOptions): Promise<PageFile> {
    assert(isPageSize(options.pageBytes), `not a page size: ${options.pageBytes}`);
    const open = async (): Promise<PageFile> => {
      const file = await options.files.open(pathOf(options), "create");
      await mirrored(file)?.lengthenShorter();
      const least = await file.size();
      const most = Math.max(least, ...((await mirrored(file)?.sizes()) ?? []));
      return new PageFile(options, file, { least, most });
    };
    return await doing("opening the page file", open());
  }

  /** What is at the place of a page. Behind the end of the file there are zeros. */
  async read(pageId: PageId): Promise<PageFound> {
    // The id may come from a damaged page.
    if (!Number.isSafeInteger(this.offsetOf(pageId + 1))) {
      return { kind: "malformed", what: "no page: its id is out of range" };
    }
    const held = this.#held.get(pageId);
    if (held !== undefined) {
      // A copy: who reads it may keep views of it.
      return await this.#judge(pageId, held.bytes.slice());
    }
    // A read error rejects: it is never taken for a page that is not there.
    return await doing(
      `reading page ${pageId}`,
      this.#copies === undefined ? this.#readOnly(pageId) : this.#copies.read(pageId),
    );
  }

  /** From here on these are what is read at their places, until others are held or none. */
  hold(images: readonly PageImage[]): void {
    this.#held = new Map(images.map((image) => [image.pageId, image]));
  }

  /** As `read`. Says whether copies of the page differed, and were made the same. */
  async scrub(pageId: PageId): Promise<PageScrubbed> {
    return this.#copies === undefined
      ? { kind: "same", found: await this.read(pageId) }
      : await doing(`reading page ${pageId}`, this.#copies.scrub(pageId));
  }

  async #readOnly(pageId: PageId): Promise<PageFound> {
    const bytes = new Uint8Array(this.pageBytes);
    await readWhole(this.#file, bytes, this.offsetOf(pageId));
    return await this.#judge(pageId, bytes);
  }

  async #judge(pageId: PageId, bytes: Uint8Array): Promise<PageFound> {
    const found = readPage(bytes, { pageId, storeId: this.storeId });
    if (found.kind !== "page") {
      return found;
    }
    const isNewest =
      this.#written.accepts(pageId, bytes) &&
      (this.#settled === undefined || (await this.#settled.accepts(pageId, found.lsn)));
    return isNewest ? found : { kind: "old", lsn: found.lsn };
  }

  /**
   * Overwrites a page in place, or several in a row. A power cut may leave any mixture of old and new, so the
   * double-write area must hold the pages, durably, before this is called.
   */
  async write(pageId: PageId, bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0 || bytes.length % this.pageBytes !== 0) {
      throw new InvariantError(`page ${pageId} has ${bytes.length} bytes`);
    }
    const end = this.offsetOf(pageId) + bytes.length;
    if (end > this.#bytes) {
      throw new InvariantError(`page ${pageId} is behind the end of the file: extend it first`);
    }
    const write = async (): Promise<void> => {
      this.#written.writing(pageId, bytes.length / this.pageBytes);
      await doing(`writing page ${pageId}`, writeWhole(this.#file, bytes, this.offsetOf(pageId)));
      this.#written.written(pageId, bytes, this.pageBytes);
      for (let start = 0; start < bytes.length; start += this.pageBytes) {
        this.#unsynced.set(pageId + start / this.pageBytes, lsnOfPage(bytes, start));
      }
    };
    await (this.#copies === undefined ? write() : this.#copies.inTurn(write));
  }

  /**
   * Makes room for pages below `pageCount`, so that later writes change no metadata and cannot run out of
   * space. Durable with the next `datasync`, which covers the size that its pages need. After `NO_SPACE`
   * nothing is lost, and it may be tried again.
   */
  async extendTo(pageCount: number): Promise<void> {
    if (this.hasRoomFor(pageCount)) {
      return;
    }
    const turn = this.#extending.then(() =>
      doing("extending the page file", this.#extend(pageCount)),
    );
    this.#extending = turn.catch(() => {});
    await turn;
  }

  /** Gives back what is behind the pages. Nobody may write there meanwhile. Durable when it resolves. */
  async truncateTo(pageCount: number): Promise<void> {
    const bytes = pageCount * this.pageBytes;
    const truncate = async (): Promise<void> => {
      await this.#file.truncate(bytes);
      await this.#file.sync();
      this.#written.truncated(pageCount);
      this.#bytes = Math.min(this.#bytes, bytes);
      this.#longestBytes = Math.min(this.#longestBytes, bytes);
    };
    const shorten = async (): Promise<void> =>
      await (this.#copies === undefined ? truncate() : this.#copies.inTurn(truncate));
    const turn = this.#extending.then(() => doing("shortening the page file", shorten()));
    this.#extending = turn.catch(() => {});
    await turn;
  }

  /** Whether pages below `pageCount` can be written without extending the file. */
  hasRoomFor(pageCount: number): boolean {
    return pageCount * this.pageBytes <= this.#bytes;
  }

  async #extend(pageCount: number): Promise<void> {
    if (this.hasRoomFor(pageCount)) {
      return;
    }
    const growth = Math.min(GROWTH_BYTES_MAX, Math.floor(this.#bytes / 4));
    const needed = Math.max(pageCount + GROWTH_PAGES_MIN, (this.#bytes + growth) / this.pageBytes);
    const bytes = roundUp(needed * this.pageBytes, this.pageBytes);
    const least = pageCount * this.pageBytes;
    try {
      await this.#file.preallocate(bytes);
      this.#bytes = bytes;
    } catch (error) {
      // The last room on the disk is for what is needed now.
      if (!isFileIOError(error, "ENOSPC") || bytes === least) {
        throw error;
      }
      // Of two copies one may be longer, with pages in it.
      await this.#file.truncate(Math.max(this.#bytes, this.#longestBytes));
      await this.#file.preallocate(least);
      this.#bytes = least;
    }
  }

  async datasync(): Promise<void> {
    const covered = this.#unsynced;
    this.#unsynced = new Map();
    await doing("syncing the page file", this.#file.datasync());
    for (const [pageId, lsn] of covered) {
      this.#settled?.note(pageId, lsn);
    }
  }

  async close(): Promise<void> {
    await doing("closing the page file", this.#file.close());
  }

  offsetOf(pageId: PageId): number {
    return pageId * this.pageBytes;
  }

  /** The error for what was found where a page should be. */
  refusal(pageId: PageId, found: Exclude<PageFound, { kind: "page" }>): SeawallError {
    const place = {
      file: this.path,
      offset: this.offsetOf(pageId),
      expected: `page ${pageId} of store ${this.storeId.toString(16)}`,
      found: describeFound(found),
    };
    return found.kind === "newer"
      ? new SeawallError("RECOVERY", "a page is written in a newer format", { place })
      : new SeawallError("CORRUPTION", "a page is damaged", { place });
  }
}
