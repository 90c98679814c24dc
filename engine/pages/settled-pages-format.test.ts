import fc from "fast-check";
import { expect, test } from "vitest";
import { putUint32 } from "../base/bytes.ts";
import { crc32 } from "../base/checksum.ts";
import {
  BLOCK_BYTES,
  encodeBlock,
  PAGES_PER_BLOCK,
  readBlock,
  slotOffset,
} from "./settled-pages-format.ts";
import type { SettledBlock } from "./settled-pages-format.ts";

const BLOCK: SettledBlock = {
  number: 3,
  storeId: 0x1f_00_00_00_00_00_01,
  sequence: 2 ** 33 + 6,
  lsns: Float64Array.from({ length: PAGES_PER_BLOCK }, (_, index) => (index % 3) * 2 ** 40 + index),
};

test("the bytes of a block never change", () => {
  const bytes = encodeBlock(BLOCK);
  const rows = [0, 16, 32, 48, 64, 80].map((at) => bytes.subarray(at, at + 16));
  expect(rows.map((row) => Buffer.from(row).toString("hex"))).toMatchInlineSnapshot(`
    [
      "53454157414c4c5308a066f901000000",
      "03000000000000000100000000001f00",
      "06000000020000000000000000000000",
      "00000000000000000000000000000000",
      "00000000000000000100000000010000",
      "02000000000200000300000000000000",
    ]
  `);
  expect(Buffer.from(bytes.subarray(0, 8)).toString()).toBe("SEAWALLS");
  expect(bytes).toHaveLength(BLOCK_BYTES);
});

test("a block is read as it was written; another one, another store's, or another format is none", () => {
  const bytes = encodeBlock(BLOCK);
  expect(readBlock(bytes, BLOCK)).toEqual(BLOCK);
  expect(readBlock(bytes, { ...BLOCK, number: 4 })).toBeUndefined();
  expect(readBlock(bytes, { ...BLOCK, storeId: 5 })).toBeUndefined();
  expect(readBlock(bytes.subarray(0, 512), BLOCK)).toBeUndefined();
  expect(readBlock(new Uint8Array(BLOCK_BYTES), BLOCK)).toBeUndefined();
  putUint32(bytes, 12, 2);
  putUint32(bytes, 8, crc32(bytes.subarray(12)));
  expect(readBlock(bytes, BLOCK)).toBeUndefined();
});

test("a block with any changed bit is none", () => {
  const whole = encodeBlock(BLOCK);
  fc.assert(
    fc.property(fc.nat(BLOCK_BYTES - 1), fc.nat(7), (at, bit) => {
      const bytes = whole.slice();
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      expect(readBlock(bytes, BLOCK)).toBeUndefined();
    }),
  );
});

test("every slot has a place of its own, and the two of a block are 64 KiB apart", () => {
  const places = new Set<number>();
  for (let number = 0; number < 40; number += 1) {
    const [even, odd] = [slotOffset(number, 8), slotOffset(number, 9)];
    expect(odd - even).toBe(65_536);
    places.add(even).add(odd);
  }
  expect(places.size).toBe(80);
  expect([...places].every((offset) => offset % BLOCK_BYTES === 0)).toBe(true);
});
