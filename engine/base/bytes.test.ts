import fc from "fast-check";
import { expect, test } from "vitest";
import { InvariantError } from "./assert.ts";
import {
  bytesEqual,
  getUint32,
  getUint64,
  isAllZero,
  putUint32,
  putUint64,
  roundUp,
} from "./bytes.ts";

test("integers are little-endian, and exact up to 2^53 - 1", () => {
  const bytes = new Uint8Array(13);
  putUint32(bytes, 1, 0xfe_dc_ba_98);
  putUint64(bytes, 5, 0x1f_fe_dc_ba_98_76_54);
  expect(Buffer.from(bytes).toString("hex")).toBe("0098badcfe547698badcfe1f00");
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      putUint64(bytes, 3, value);
      expect(getUint64(bytes, 3)).toBe(value);
    }),
  );
  expect(getUint32(bytes, 13)).toBe(0);
});

test("the sign bit of a 32-bit integer is a bit like the others", () => {
  const bytes = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
  expect(getUint32(bytes, 0)).toBe(2 ** 32 - 1);
  expect(Number.isSafeInteger(getUint64(bytes, 0))).toBe(false);
});

test("writing what 53 bits do not hold is a bug of the caller", () => {
  for (const value of [-1, 1.5, 2 ** 53]) {
    expect(() => putUint64(new Uint8Array(8), 0, value)).toThrow(InvariantError);
  }
});

test("rounding up is exact where 32-bit arithmetic would wrap", () => {
  expect(roundUp(0, 512)).toBe(0);
  expect(roundUp(1, 512)).toBe(512);
  expect(roundUp(512, 512)).toBe(512);
  for (const base of [2 ** 31, 2 ** 32, 2 ** 40, 2 ** 52]) {
    expect(roundUp(base - 1, 4096)).toBe(base);
    expect(roundUp(base, 4096)).toBe(base);
    expect(roundUp(base + 1, 4096)).toBe(base + 4096);
  }
});

test("comparing looks at every byte and at the length", () => {
  expect(isAllZero(new Uint8Array(9))).toBe(true);
  expect(isAllZero(Uint8Array.of(0, 0, 1))).toBe(false);
  expect(bytesEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
  expect(bytesEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
  expect(bytesEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).toBe(false);
});
