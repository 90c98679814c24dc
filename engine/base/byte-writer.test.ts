import fc from "fast-check";
import { expect, test } from "vitest";
import { InvariantError } from "./assert.ts";
import { byteStringOf, ByteReader, bytesOfByteString } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";

const BORDERS = [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40];

test("an integer up to 2^53 - 1 is read as it was written", () => {
  const whole = fc.oneof(
    fc.constantFrom(...BORDERS, Number.MAX_SAFE_INTEGER),
    fc.maxSafeNat(),
    fc.nat({ max: 300 }),
  );
  fc.assert(
    fc.property(fc.array(whole), (values) => {
      const writer = new ByteWriter(1);
      values.forEach((value) => writer.varint(value));
      const reader = new ByteReader(writer.view());
      expect(values.map(() => reader.varint())).toEqual(values);
      expect(reader.atEnd).toBe(true);
      expect(reader.failed).toBe(false);
    }),
  );
});

test("small integers take few bytes", () => {
  const sizes = [0, 127, 128, 2 ** 32, Number.MAX_SAFE_INTEGER].map((value) => {
    const writer = new ByteWriter();
    writer.varint(value);
    return writer.length;
  });
  expect(sizes).toEqual([1, 1, 2, 5, 8]);
});

test("what is no unsigned integer is a bug of the caller", () => {
  for (const value of [-1, 0.5, Number.NaN, 2 ** 53]) {
    expect(() => new ByteWriter().varint(value)).toThrow(InvariantError);
  }
});

test("bytes and byte strings of any length come back, copied", () => {
  const blob = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(fc.array(fc.tuple(blob, blob)), (pairs) => {
      const writer = new ByteWriter(4);
      for (const [bytes, text] of pairs) {
        writer.blob(bytes);
        writer.byteString(byteStringOf(text));
      }
      const reader = new ByteReader(writer.view());
      const found = pairs.map(() => [reader.blob(), bytesOfByteString(reader.byteString())]);
      expect(found).toEqual(pairs);
    }),
  );
});

test("reset begins again without old bytes", () => {
  const writer = new ByteWriter();
  writer.bytes(Uint8Array.of(1, 2, 3));
  writer.reset();
  writer.uint8(9);
  expect([...writer.view()]).toEqual([9]);
});
