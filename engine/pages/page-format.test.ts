import { expect, test } from "vitest";
import { putUint32 } from "../base/bytes.ts";
import { crc32 } from "../base/checksum.ts";
import { lsn } from "../base/units.ts";
import { isPageSize, PAGE_HEADER_BYTES, readPage, sealPage } from "./page-format.ts";
import type { PageHeader } from "./page-format.ts";

const HEADER: PageHeader = {
  pageId: 2 ** 33 + 5,
  storeId: 0x1f_00_00_00_00_00_01,
  kind: "leaf",
  lsn: lsn(2 ** 40 + 7),
};

function page(): Uint8Array {
  const bytes = new Uint8Array(4096);
  bytes.set([1, 2, 3], PAGE_HEADER_BYTES);
  sealPage(bytes, HEADER);
  return bytes;
}

function resealed(bytes: Uint8Array): Uint8Array {
  putUint32(bytes, 0, crc32(bytes.subarray(4)));
  return bytes;
}

test("the bytes of a page header never change", () => {
  const bytes = page();
  expect([0, 16, 32].map((at) => Buffer.from(bytes.subarray(at, at + 16)).toString("hex")))
    .toMatchInlineSnapshot(`
    [
      "3f6a61a4010200000500000002000000",
      "07000000000100000100000000001f00",
      "01020300000000000000000000000000",
    ]
  `);
});

test("a page is read back as it was written", () => {
  expect(readPage(page(), HEADER)).toEqual({
    kind: "page",
    pageKind: "leaf",
    lsn: HEADER.lsn,
    body: page().subarray(PAGE_HEADER_BYTES),
  });
});

test("a page with any single bit flipped is no page", () => {
  for (let bit = 0; bit < 4096 * 8; bit += bit < 512 ? 1 : 97) {
    const damaged = page();
    const offset = bit >>> 3;
    damaged[offset] = (damaged[offset] ?? 0) ^ (1 << (bit & 7));
    expect(readPage(damaged, HEADER), `bit ${bit}`).toEqual({ kind: "bad-checksum" });
  }
});

test("a page at the wrong place, or of another store, is told from a damaged one", () => {
  const { pageId, storeId } = HEADER;
  const misdirected = { kind: "misdirected", pageId, storeId };
  expect(readPage(page(), { pageId: 5, storeId })).toEqual(misdirected);
  expect(readPage(page(), { pageId, storeId: 1 })).toEqual(misdirected);
});

test("zeros, cut off bytes, a newer format and an unknown kind are told apart", () => {
  expect(readPage(new Uint8Array(4096), HEADER)).toEqual({ kind: "zeros" });
  expect(readPage(new Uint8Array(0), HEADER)).toEqual({ kind: "zeros" });
  expect(readPage(page().subarray(0, 2048), HEADER)).toEqual({ kind: "bad-checksum" });
  const newer = page();
  newer[4] = 9;
  expect(readPage(resealed(newer), HEADER)).toEqual({ kind: "newer", formatVersion: 9 });
  const unknown = page();
  unknown[5] = 77;
  expect(readPage(resealed(unknown), HEADER)).toEqual({ kind: "malformed", what: "page kind 77" });
});

test("pages are 4 to 64 KiB, and a power of two", () => {
  expect([4096, 8192, 16_384, 32_768, 65_536].every(isPageSize)).toBe(true);
  expect([0, 512, 2048, 4097, 12_288, 131_072].some(isPageSize)).toBe(false);
});
