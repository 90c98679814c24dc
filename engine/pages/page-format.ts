import { assert } from "../base/assert.ts";
import { getUint32, getUint64, isAllZero, putUint32, putUint64 } from "../base/bytes.ts";
import { crc32 } from "../base/checksum.ts";
import { lsnFromDisk } from "../base/units.ts";
import type { Lsn } from "../base/units.ts";
import { PAGE_KINDS } from "../log/page-change.ts";
import type { PageId, PageKind } from "../log/page-change.ts";

export type { PageId, PageKind };

/*
 * One page of `pages.db`; page n lies at n times the page size. Integers are little-endian and unsigned.
 *
 *   offset  size  field
 *        0     4  checksum       crc-32 of everything behind it, to the end of the page
 *        4     1  formatVersion
 *        5     1  kind           1 meta, 2 leaf, 3 branch, 4 overflow, 5 free
 *        6     2  zeros
 *        8     8  pageId         that of its place: a misdirected write or read is found out
 *       16     8  lsn            the log record that changed the page last: redo repeats only later ones
 *       24     8  storeId        a page of another store is found out
 *       32     -  body           node-codec.ts; zeros behind it
 *
 * formatVersion is not zero, so that a page of zeros, which has crc-32 of zeros and not zero as its
 * checksum, is no page.
 */
export const PAGE_HEADER_BYTES = 32;

const LSN_OFFSET = 16;

export const PAGE_FORMAT_VERSION = 1;

export const PAGE_BYTES_MIN = 4096;
export const PAGE_BYTES_MAX = 65_536;
export const PAGE_BYTES_DEFAULT = 8192;

/** What a page must say of itself to be the one that was asked for. */
export interface PageAddress {
  readonly pageId: PageId;
  readonly storeId: number;
}

export interface PageHeader extends PageAddress {
  readonly kind: PageKind;
  readonly lsn: Lsn;
}

export function isPageSize(bytes: number): boolean {
  return bytes >= PAGE_BYTES_MIN && bytes <= PAGE_BYTES_MAX && Number.isInteger(Math.log2(bytes));
}

/** Writes the header in front of a body that is already in place; bytes behind the body must be zero. */
export function sealPage(page: Uint8Array, header: PageHeader): void {
  assert(isPageSize(page.length), `not a page size: ${page.length}`);
  page[4] = PAGE_FORMAT_VERSION;
  page[5] = PAGE_KINDS.indexOf(header.kind);
  page[6] = 0;
  page[7] = 0;
  putUint64(page, 8, header.pageId);
  putUint64(page, LSN_OFFSET, header.lsn);
  putUint64(page, 24, header.storeId);
  putUint32(page, 0, crc32(page.subarray(4)));
}

/** What the bytes at a page's place are. */
export type PageFound =
  | {
      readonly kind: "page";
      readonly pageKind: PageKind;
      readonly lsn: Lsn;
      readonly body: Uint8Array;
    }
  | { readonly kind: "zeros" }
  | { readonly kind: "bad-checksum" }
  | { readonly kind: "misdirected"; readonly pageId: number; readonly storeId: number }
  /** Whole, and not what was written there last. */
  | { readonly kind: "old"; readonly lsn: Lsn }
  | { readonly kind: "newer"; readonly formatVersion: number }
  | { readonly kind: "malformed"; readonly what: string };

/** The body of a page that is found is a view of `bytes`, not a copy. */
export function readPage(bytes: Uint8Array, expected: PageAddress): PageFound {
  if (bytes.length < PAGE_HEADER_BYTES || crc32(bytes.subarray(4)) !== getUint32(bytes, 0)) {
    return isAllZero(bytes) ? { kind: "zeros" } : { kind: "bad-checksum" };
  }
  const formatVersion = bytes[4] ?? 0;
  if (formatVersion !== PAGE_FORMAT_VERSION) {
    return formatVersion === 0
      ? { kind: "malformed", what: "format version 0" }
      : { kind: "newer", formatVersion };
  }
  const pageId = getUint64(bytes, 8);
  const storeId = getUint64(bytes, 24);
  if (pageId !== expected.pageId || storeId !== expected.storeId) {
    return { kind: "misdirected", pageId, storeId };
  }
  const pageKind = PAGE_KINDS[bytes[5] ?? 0];
  if (pageKind === undefined) {
    return { kind: "malformed", what: `page kind ${bytes[5] ?? 0}` };
  }
  const lsn = lsnFromDisk(getUint64(bytes, LSN_OFFSET));
  return { kind: "page", pageKind, lsn, body: bytes.subarray(PAGE_HEADER_BYTES) };
}

/** The LSN that a sealed page bears, which begins at `start`. */
export function lsnOfPage(bytes: Uint8Array, start: number): Lsn {
  return lsnFromDisk(getUint64(bytes, start + LSN_OFFSET));
}

/** For messages: what was found where a page should be. */
export function describeFound(found: Exclude<PageFound, { kind: "page" }>): string {
  switch (found.kind) {
    case "zeros":
      return "zeros";
    case "bad-checksum":
      return "a wrong checksum";
    case "misdirected":
      return `page ${found.pageId} of store ${found.storeId.toString(16)}`;
    case "old":
      return `an older version of the page, of LSN ${found.lsn}: a write was lost`;
    case "newer":
      return `format version ${found.formatVersion}`;
    case "malformed":
      return found.what;
  }
}
