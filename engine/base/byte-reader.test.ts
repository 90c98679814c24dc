import fc from "fast-check";
import { expect, test } from "vitest";
import { byteStringOf, ByteReader, bytesOfByteString } from "./byte-reader.ts";

test("reading anything from any bytes throws nothing and stays inside them", () => {
  const call = fc.constantFrom<((reader: ByteReader) => unknown)[]>(
    (reader) => reader.uint8(),
    (reader) => reader.varint(),
    (reader) => reader.blob(),
    (reader) => reader.byteString(),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.array(call), (bytes, calls) => {
      const reader = new ByteReader(bytes);
      for (const call of calls) {
        call(reader);
        expect(reader.position).toBeLessThanOrEqual(bytes.length);
      }
    }),
  );
});

test("once a read failed, the reader stays failed", () => {
  const reader = new ByteReader(Uint8Array.of(5, 1));
  expect(reader.blob()).toEqual(new Uint8Array(0));
  expect(reader.failed).toBe(true);
  expect(reader.blob()).toEqual(new Uint8Array(0));
  expect(reader.failed).toBe(true);
});

test("an integer that does not end, or passes 2^53 - 1, is a failure", () => {
  for (const bytes of [
    [0x80],
    Array.from({ length: 9 }, () => 0x80),
    [...Array.from({ length: 7 }, () => 0xff), 0x7f],
  ]) {
    const reader = new ByteReader(Uint8Array.from(bytes));
    expect(reader.varint()).toBe(0);
    expect(reader.failed).toBe(true);
  }
});

test("a length that lies about what follows is a failure, whatever its size", () => {
  const reader = new ByteReader(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 1));
  expect(reader.blob()).toHaveLength(0);
  expect(reader.failed).toBe(true);
});

test("byte strings hold every byte, also beyond one chunk, and compare as memcmp does", () => {
  const bytes = fc.uint8Array({ maxLength: 80 });
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      expect(bytesOfByteString(byteStringOf(a))).toEqual(a);
      const [left, right] = [byteStringOf(a), byteStringOf(b)];
      expect(Math.sign(Buffer.compare(a, b))).toBe(left < right ? -1 : Number(left > right));
    }),
  );
  const long = Uint8Array.from({ length: 10_000 }, (_, index) => index % 256);
  expect(bytesOfByteString(byteStringOf(long))).toEqual(long);
});
