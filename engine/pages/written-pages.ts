import { getUint32 } from "../base/bytes.ts";
import type { PageId } from "./page-format.ts";

/** Pages per piece of the table: one piece is 16 KiB. */
const PIECE_PAGES = 4096;

/**
 * The checksums of the pages that were written since the file was opened, four bytes for each page of
 * eight kilobytes. A page whose write the device lost without a word is whole, and bears the id and the
 * store of its place: only somebody who remembers what was written can tell that it is an old one.
 */
export class WrittenPages {
  readonly #pieces = new Map<number, Uint32Array>();

  /** These pages are about to be written: until they are, either version may be there. */
  writing(first: PageId, count: number): void {
    for (let pageId = first; pageId < first + count; pageId += 1) {
      const piece = this.#pieces.get(Math.floor(pageId / PIECE_PAGES));
      if (piece !== undefined) {
        piece[pageId % PIECE_PAGES] = 0;
      }
    }
  }

  /** They are in place, one behind the other in `bytes`. */
  written(first: PageId, bytes: Uint8Array, pageBytes: number): void {
    for (let start = 0; start < bytes.length; start += pageBytes) {
      const pageId = first + start / pageBytes;
      const index = Math.floor(pageId / PIECE_PAGES);
      const piece = this.#pieces.get(index) ?? new Uint32Array(PIECE_PAGES);
      this.#pieces.set(index, piece);
      piece[pageId % PIECE_PAGES] = getUint32(bytes, start);
    }
  }

  /** False when the page is another one than was written last. True when none was, as far as is known. */
  accepts(pageId: PageId, page: Uint8Array): boolean {
    const checksum = this.#pieces.get(Math.floor(pageId / PIECE_PAGES))?.[pageId % PIECE_PAGES];
    return checksum === undefined || checksum === 0 || checksum === getUint32(page, 0);
  }

  /** The file has only so many pages now. */
  truncated(pageCount: number): void {
    for (const [index, piece] of this.#pieces) {
      piece.fill(0, Math.max(0, Math.min(PIECE_PAGES, pageCount - index * PIECE_PAGES)));
    }
  }
}
