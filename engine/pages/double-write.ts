import { assert, defined } from "../base/assert.ts";
import { isSeawallError, SeawallError } from "../base/errors.ts";
import { lsn } from "../base/units.ts";
import type { Lsn } from "../base/units.ts";
import type { FileHandle, FileIO } from "../platform/file-io.ts";
import { doing } from "../platform/io-errors.ts";
import { mirrored } from "../platform/mirrored-file.ts";
import type { ScrubCounts } from "../platform/read-copies.ts";
import { writeWhole } from "../platform/whole-io.ts";
import { readAreaBytes, scrubArea } from "./area-copies.ts";
import {
  AREA_HEADER_BYTES,
  AREA_PAGES_MAX,
  areaBytesMax,
  encodeArea,
  readAreaHeader,
} from "./double-write-format.ts";
import type { AreaShape, AreaStamp, PageImage } from "./double-write-format.ts";
import type { AreaFile, LastBatch } from "./last-batch.ts";
import { readLastBatch } from "./last-batch.ts";
import type { PageFile } from "./page-file.ts";
import type { PageFound, PageId } from "./page-format.ts";

/** Batches with even numbers use the first, those with odd ones the second. */
export const DOUBLE_WRITE_NAMES = ["pages-0.dwb", "pages-1.dwb"] as const;

export interface DoubleWriteOptions {
  /** A checkpoint says that pages on the disk have every change before this. @defaultValue 0 */
  readonly settledLsn?: Lsn;
  readonly files: FileIO;
  readonly directory: string;
  readonly pageFile: PageFile;
}

/** What the recovery of torn pages found and did. */
export interface DoubleWriteReport {
  /** "none": no batch was under way, or its area is torn and no page was written in place. */
  readonly area: "none" | "complete";
  /** Pages that were not whole in place, or older than in the area. */
  readonly restored: readonly PageId[];
  /** Of these, those that were not whole, and not zeros or an older version either. */
  readonly torn: readonly PageId[];
}

export interface AreasScrubbed extends ScrubCounts {
  /** Says which area it is that no copy can be read of. */
  readonly unreadable: readonly SeawallError[];
}

/**
 * Writes pages so that none is ever torn for good: first all of a batch to an area of its own, durably,
 * then each in place. A page that a power cut tears in place is whole in the area, and the other way round.
 */
export class DoubleWrite {
  readonly #areas: readonly AreaFile[];
  readonly #pageFile: PageFile;
  /** Pages that `restore` has to write. */
  #stale: readonly PageImage[] = [];
  /** Of the last batch. */
  #stamp: AreaStamp;
  #busy = false;
  #failure: unknown;

  private constructor(areas: readonly AreaFile[], pageFile: PageFile, stamp: AreaStamp) {
    this.#areas = areas;
    this.#pageFile = pageFile;
    this.#stamp = stamp;
  }

  /**
   * No page on the disk bears a higher LSN than this, and the log was durable up to it. A log that ends
   * before has lost its end to damage, and not to a crash. Changes nothing; zero when no page was written.
   *
   * @throws SeawallError `IO`.
   */
  static async readLogLsn(files: FileIO, directory: string, shape: AreaShape): Promise<Lsn> {
    const read = async (): Promise<Lsn> => {
      let highest = lsn(0);
      for (const name of DOUBLE_WRITE_NAMES) {
        const path = `${directory}/${name}`;
        const isThere = (await files.stat(path)) !== undefined;
        const start = isThere ? await readStart(files, path, shape) : new Uint8Array();
        const header = readAreaHeader(start, shape);
        // A header tells even when the pages behind it are torn: the log was durable before it was written.
        highest = header.kind === "header" && header.logLsn > highest ? header.logLsn : highest;
      }
      return highest;
    };
    return await doing("reading the double-write area", read());
  }

  /**
   * Opens the areas, or makes them, and finds what the last batch left torn. From then on the data file
   * reads as if that were restored; nothing is written before `restore`. No page of the data file may be
   * read before this resolves.
   *
   * @throws SeawallError `IO`, `NO_SPACE`.
   */
  static async open(
    options: DoubleWriteOptions,
  ): Promise<{ doubleWrite: DoubleWrite; report: DoubleWriteReport }> {
    const { files, directory, pageFile, settledLsn = lsn(0) } = options;
    const areas: AreaFile[] = [];
    const open = async (): Promise<LastBatch> => {
      for (const name of DOUBLE_WRITE_NAMES) {
        const file = await files.open(`${directory}/${name}`, "create");
        areas.push({ file, bytes: 0 });
      }
      // Their names, and that of the page file, before a page in them is relied on: a synced page in a file
      // that a power cut takes away is lost. And that of the log file in which the epoch began, before the
      // files that it replaced are used again.
      await files.syncDirectory(directory);
      return await readLastBatch(areas, pageFile, settledLsn);
    };
    try {
      const { stamp, images } = await doing("opening the double-write area", open());
      const doubleWrite = new DoubleWrite(areas, pageFile, stamp);
      const isSettled = stamp.logLsn < settledLsn;
      const report = await doubleWrite.#examine(images, isSettled);
      return { doubleWrite, report };
    } catch (error) {
      await closeAll(areas);
      throw error;
    }
  }

  /**
   * Makes durable in place what the last batch left torn. The areas are written over: until then the one
   * that seems to be free may have pages that are torn in place, when it is not what the store left there.
   */
  async restore(): Promise<void> {
    if (this.#stale.length > 0) {
      await this.#write(this.#stale);
      this.#stale = [];
      this.#pageFile.hold([]);
    }
  }

  /**
   * Writes pages in place, safely; when this resolves they are durable there. One call at a time. After it
   * rejects, only what the next open restores is certain: every later call rejects, too. A failed sync is
   * not tried again, because the system may have dropped what it could not store. Only running out of
   * space, which is found out before anything is written, may be tried again.
   */
  async write(images: readonly PageImage[]): Promise<void> {
    if (this.#stale.length > 0) {
      await this.restore();
    }
    await this.#write(images);
  }

  async #write(images: readonly PageImage[]): Promise<void> {
    assert(!this.#busy, "two writes through the double-write area at once");
    this.#assertNotFailed();
    this.#busy = true;
    try {
      await this.#makeRoom(images);
      for (let start = 0; start < images.length; start += AREA_PAGES_MAX) {
        await this.#writeBatch(images.slice(start, start + AREA_PAGES_MAX));
      }
    } finally {
      this.#busy = false;
    }
  }

  /** Why no page can be written any more; undefined while none of that is known. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Makes durable what a scrub has repaired. */
  async sync(): Promise<void> {
    const sync = async (): Promise<void> => {
      for (const area of this.#areas) {
        await area.file.datasync();
      }
    };
    await doing("syncing the double-write area", sync());
  }

  /**
   * Makes the copies of each area the same. Nothing may be written meanwhile; durable after `sync`. That one
   * cannot be read stops nothing: its pages are whole in their places, and the next batch writes it anew.
   */
  async scrub(): Promise<AreasScrubbed> {
    const counts = { repaired: 0, notRepaired: 0 };
    const unreadable: SeawallError[] = [];
    for (const { file } of this.#areas) {
      const scrubbed = await this.#scrubArea(file);
      if (isSeawallError(scrubbed)) {
        unreadable.push(scrubbed);
      } else {
        counts.repaired += scrubbed.repaired;
        counts.notRepaired += scrubbed.notRepaired;
      }
    }
    return { ...counts, unreadable };
  }

  async close(): Promise<void> {
    await doing("closing the double-write area", closeAll(this.#areas));
  }

  async #scrubArea(file: FileHandle): Promise<ScrubCounts | SeawallError> {
    const copies = mirrored(file);
    if (copies === undefined) {
      return { repaired: 0, notRepaired: 0 };
    }
    try {
      return await doing("reading the double-write area", scrubArea(copies, this.#pageFile));
    } catch (error) {
      if (!isSeawallError(error)) {
        throw error;
      }
      return error;
    }
  }

  async #makeRoom(images: readonly PageImage[]): Promise<void> {
    const pageCount = images.reduce((most, { pageId }) => Math.max(most, pageId + 1), 0);
    await this.#pageFile.extendTo(pageCount);
    await doing("extending the double-write area", this.#extend(images.length));
  }

  /** Room for as many pages in each area, before anything is written: running out of it loses nothing. */
  async #extend(pageCount: number): Promise<void> {
    const max = areaBytesMax(this.#pageFile.pageBytes);
    const bytes = Math.min(max, AREA_HEADER_BYTES + pageCount * this.#pageFile.pageBytes);
    for (const area of this.#areas) {
      if (bytes > area.bytes) {
        await area.file.preallocate(bytes);
        area.bytes = bytes;
      }
    }
  }

  async #writeBatch(images: readonly PageImage[]): Promise<void> {
    try {
      await this.#writeInPlace(images, await this.#writeArea(images));
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /**
   * Batches use the two areas in turn: the one before the last is free for the next, because the last
   * began only when the pages of that one were durable in place.
   */
  async #writeArea(images: readonly PageImage[]): Promise<Uint8Array> {
    const batchNumber = this.#stamp.batchNumber + 1;
    const logLsn = images.reduce(
      (most, image) => lsn(Math.max(most, image.lsn)),
      this.#stamp.logLsn,
    );
    const area = encodeArea(images, { batchNumber, logLsn }, this.#pageFile);
    const write = async (): Promise<void> => {
      const { file } = defined(this.#areas[batchNumber % DOUBLE_WRITE_NAMES.length], "area");
      await writeWhole(file, area, 0);
      // Before any page is touched in place: a power cut could otherwise tear both copies.
      await file.datasync();
    };
    await doing("writing the double-write area", write());
    this.#stamp = { batchNumber, logLsn };
    return area.subarray(AREA_HEADER_BYTES);
  }

  /** The pages lie one behind the other in `pages`: those that do so in the file, too, need one call. */
  async #writeInPlace(images: readonly PageImage[], pages: Uint8Array): Promise<void> {
    const { pageBytes } = this.#pageFile;
    for (let start = 0; start < images.length;) {
      const first = defined(images[start], "image").pageId;
      let end = start + 1;
      while (images[end]?.pageId === first + end - start) {
        end += 1;
      }
      await this.#pageFile.write(first, pages.subarray(start * pageBytes, end * pageBytes));
      start = end;
    }
    // Before the area may be used again.
    await this.#pageFile.datasync();
  }

  /**
   * The pages of a complete area are to be written in place again. Also those that are there already: after
   * a failed sync the system may show pages that the disk never got. For the same reason the area itself is
   * not trusted to be durable, but copied to the other one first; over itself it could be torn, while a page
   * in place is torn, too. A page that is newer in place than in the area is left alone, and so is one of a
   * batch that is known to be durable in place.
   */
  async #examine(images: readonly PageImage[], isSettled: boolean): Promise<DoubleWriteReport> {
    const stale: PageImage[] = [];
    const restored: PageId[] = [];
    const torn: PageId[] = [];
    for (const image of images) {
      const found = await this.#pageFile.read(image.pageId);
      if (found.kind === "newer") {
        throw this.#pageFile.refusal(image.pageId, found);
      }
      if (mustBeWritten(found, image, isSettled)) {
        stale.push(image);
      }
      if (found.kind !== "page" || found.lsn < image.lsn) {
        restored.push(image.pageId);
      }
      if (found.kind !== "page" && found.kind !== "zeros" && found.kind !== "old") {
        torn.push(image.pageId);
      }
    }
    // A full disk is met before redo is, which would be in vain.
    await this.#makeRoom(stale);
    this.#stale = stale;
    this.#pageFile.hold(stale);
    return { area: images.length === 0 ? "none" : "complete", restored, torn };
  }

  #assertNotFailed(): void {
    if (this.#failure !== undefined) {
      throw new SeawallError("IO", "an earlier write of pages failed: open the store again", {
        cause: this.#failure,
      });
    }
  }
}

function mustBeWritten(found: PageFound, image: PageImage, isSettled: boolean): boolean {
  return found.kind !== "page" || found.lsn < image.lsn || (found.lsn === image.lsn && !isSettled);
}

async function readStart(files: FileIO, path: string, shape: AreaShape): Promise<Uint8Array> {
  const file = await files.open(path, "read");
  try {
    return await readAreaBytes(file, shape, AREA_HEADER_BYTES);
  } finally {
    await file.close();
  }
}

/** Closes all of them, also when one fails. @throws the first failure. */
async function closeAll(areas: readonly AreaFile[]): Promise<void> {
  const outcomes = await Promise.allSettled(areas.map(({ file }) => file.close()));
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") {
      throw outcome.reason;
    }
  }
}
