import { assert } from "../base/assert.ts";
import { bytesEqual, getUint32, getUint64, putUint32, putUint64 } from "../base/bytes.ts";
import { crc32 } from "../base/checksum.ts";
import { lsnFromDisk } from "../base/units.ts";
import type { Lsn } from "../base/units.ts";
import { readPage } from "./page-format.ts";
import type { PageId } from "./page-format.ts";

/*
 * Two areas, `pages-0.dwb` and `pages-1.dwb`, which batches use in turn: a header, and at most 256 pages.
 * Integers are little-endian and unsigned.
 *
 *   offset  size  field
 *        0     8  magic          "SEAWALLD"
 *        8     4  checksum       crc-32 of the header from byte 12 to the end of the entries
 *       12     4  formatVersion
 *       16     4  pageBytes
 *       20     4  count          pages in this batch
 *       24     8  batchNumber    grows by one; odd and even batches have an area each
 *       32     8  storeId
 *       40     8  logLsn         no page in place bears a higher LSN: the log was durable up to here
 *       48    16  zeros
 *       64     -  count times:   8 page id, 4 checksum of the page (its first four bytes)
 *     4096     -  the pages, in this order
 *
 * An area is complete when the header's checksum, that of every page, and every page's id, store and entry
 * agree. It is made durable before the first of its pages is written in place, so an area that is not
 * complete says that none of them was.
 */
export const AREA_PAGES_MAX = 256;
export const AREA_HEADER_BYTES = 4096;
const ENTRIES_OFFSET = 64;
const ENTRY_BYTES = 12;
const FORMAT_VERSION = 1;

const MAGIC = Uint8Array.from("SEAWALLD", (letter) => letter.charCodeAt(0));

/** A sealed page, ready to be written. */
export interface PageImage {
  readonly pageId: PageId;
  readonly lsn: Lsn;
  readonly bytes: Uint8Array;
}

/** What a batch says of itself. */
export interface AreaStamp {
  readonly batchNumber: number;
  /** The highest LSN of any page of this batch or one before it. */
  readonly logLsn: Lsn;
}

export interface AreaShape {
  readonly pageBytes: number;
  readonly storeId: number;
}

/** The most that an area takes. */
export function areaBytesMax(pageBytes: number): number {
  return AREA_HEADER_BYTES + AREA_PAGES_MAX * pageBytes;
}

/** Where the entries of a header end. */
export function entriesEnd(count: number): number {
  return ENTRIES_OFFSET + count * ENTRY_BYTES;
}

/** The used part of an area. */
export function encodeArea(
  images: readonly PageImage[],
  { batchNumber, logLsn }: AreaStamp,
  shape: AreaShape,
): Uint8Array {
  assert(images.length > 0 && images.length <= AREA_PAGES_MAX, `${images.length} pages in a batch`);
  const bytes = new Uint8Array(AREA_HEADER_BYTES + images.length * shape.pageBytes);
  bytes.set(MAGIC);
  putUint32(bytes, 12, FORMAT_VERSION);
  putUint32(bytes, 16, shape.pageBytes);
  putUint32(bytes, 20, images.length);
  putUint64(bytes, 24, batchNumber);
  putUint64(bytes, 32, shape.storeId);
  putUint64(bytes, 40, logLsn);
  for (const [i, image] of images.entries()) {
    assert(image.bytes.length === shape.pageBytes, `page ${image.pageId} has the wrong size`);
    const entry = ENTRIES_OFFSET + i * ENTRY_BYTES;
    putUint64(bytes, entry, image.pageId);
    bytes.set(image.bytes.subarray(0, 4), entry + 8);
    bytes.set(image.bytes, AREA_HEADER_BYTES + i * shape.pageBytes);
  }
  const end = entriesEnd(images.length);
  putUint32(bytes, 8, crc32(bytes.subarray(12, end)));
  return bytes;
}

/** What an area holds. */
export type AreaFound =
  | (AreaStamp & { readonly kind: "complete"; readonly images: readonly PageImage[] })
  | { readonly kind: "incomplete" }
  /** Made by another store, or with another page size: nothing in it is ours. */
  | { readonly kind: "foreign" };

export function readArea(bytes: Uint8Array, shape: AreaShape): AreaFound {
  const header = readAreaHeader(bytes, shape);
  if (header.kind !== "header") {
    return header;
  }
  const images = imagesOf(bytes, header.count, shape);
  const { batchNumber, logLsn } = header;
  return images === undefined
    ? { kind: "incomplete" }
    : { kind: "complete", batchNumber, logLsn, images };
}

/** What the first `AREA_HEADER_BYTES` of an area are. The pages behind a whole header may be torn. */
export type AreaHeaderFound =
  | (AreaStamp & { readonly kind: "header"; readonly count: number })
  | Exclude<AreaFound, { kind: "complete" }>;

export function readAreaHeader(bytes: Uint8Array, shape: AreaShape): AreaHeaderFound {
  const count = getUint32(bytes, 20);
  const end = entriesEnd(count);
  const whole =
    bytes.length >= AREA_HEADER_BYTES &&
    count > 0 &&
    count <= AREA_PAGES_MAX &&
    bytesEqual(bytes.subarray(0, MAGIC.length), MAGIC) &&
    crc32(bytes.subarray(12, end)) === getUint32(bytes, 8);
  if (!whole) {
    return { kind: "incomplete" };
  }
  const ours =
    getUint32(bytes, 12) === FORMAT_VERSION &&
    getUint32(bytes, 16) === shape.pageBytes &&
    getUint64(bytes, 32) === shape.storeId;
  return ours
    ? {
        kind: "header",
        count,
        batchNumber: getUint64(bytes, 24),
        logLsn: lsnFromDisk(getUint64(bytes, 40)),
      }
    : { kind: "foreign" };
}

/** Undefined when any image is not what its entry says. */
function imagesOf(bytes: Uint8Array, count: number, shape: AreaShape): PageImage[] | undefined {
  const images: PageImage[] = [];
  for (let i = 0; i < count; i += 1) {
    const image = imageAt(bytes, i, shape);
    if (image === undefined) {
      return undefined;
    }
    images.push({ ...image, bytes: image.bytes.slice() });
  }
  return images;
}

/** Whether a page of an area, whose header is whole, is what its entry says. */
export function isPageWhole(bytes: Uint8Array, index: number, shape: AreaShape): boolean {
  return imageAt(bytes, index, shape) !== undefined;
}

/** A view of the area's bytes. */
function imageAt(bytes: Uint8Array, index: number, shape: AreaShape): PageImage | undefined {
  const entry = ENTRIES_OFFSET + index * ENTRY_BYTES;
  const start = AREA_HEADER_BYTES + index * shape.pageBytes;
  const image = bytes.subarray(start, start + shape.pageBytes);
  const pageId = getUint64(bytes, entry);
  const found = readPage(image, { pageId, storeId: shape.storeId });
  return found.kind === "page" && getUint32(image, 0) === getUint32(bytes, entry + 8)
    ? { pageId, lsn: found.lsn, bytes: image }
    : undefined;
}
