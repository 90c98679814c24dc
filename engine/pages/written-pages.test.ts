import { expect, test } from "vitest";

import { putUint32 } from "../base/bytes.ts";
import { WrittenPages } from "./written-pages.ts";

const PAGE_BYTES = 4096;

/** Pages one behind the other, of which only the checksums matter here. */
function pages(...checksums: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(checksums.length * PAGE_BYTES);
  for (const [index, checksum] of checksums.entries()) {
    putUint32(bytes, index * PAGE_BYTES, checksum);
  }
  return bytes;
}

test("a page is the one that was written last, or nothing is known of it", () => {
  const known = new WrittenPages();
  expect(known.accepts(5000, pages(1))).toBe(true);
  known.written(4095, pages(7, 8), PAGE_BYTES);
  expect(known.accepts(4095, pages(7))).toBe(true);
  expect(known.accepts(4095, pages(8))).toBe(false);
  expect(known.accepts(4096, pages(8))).toBe(true);
  expect(known.accepts(4096, pages(6))).toBe(false);
  expect(known.accepts(4097, pages(6))).toBe(true);
});

test("while it is written, either version may be there", () => {
  const known = new WrittenPages();
  known.written(3, pages(7, 8), PAGE_BYTES);
  known.writing(3, 1);
  expect(known.accepts(3, pages(1))).toBe(true);
  expect(known.accepts(4, pages(1))).toBe(false);
});

test("what was cut off is forgotten", () => {
  const known = new WrittenPages();
  known.written(4094, pages(7, 8, 9), PAGE_BYTES);
  known.truncated(4095);
  expect(known.accepts(4094, pages(1))).toBe(false);
  expect(known.accepts(4095, pages(1))).toBe(true);
  expect(known.accepts(4096, pages(1))).toBe(true);
});
