import { expect, test } from "vitest";
import { crc32 } from "./checksum.ts";

const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

test("the checksum is the CRC-32 of ISO 3309, unsigned", () => {
  // The check value that every catalogue of CRCs gives for this polynomial.
  expect(crc32(ascii("123456789"))).toBe(0xcb_f4_39_26);
  expect(crc32(ascii("a"))).toBe(0xe8_b7_be_43);
});

test("the checksum of nothing is 0, so a zeroed area must be told apart by other means", () => {
  expect(crc32(new Uint8Array(0))).toBe(0);
  expect(crc32(new Uint8Array(4))).not.toBe(0);
});
