import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeKey, encodeKey, KEY_BYTES_MAX, nameOfType } from "./key-codec.ts";

const scalar = fc.nat({ max: 0x10_ffff }).filter((point) => point < 0xd800 || point > 0xdfff);
const text = fc.array(scalar, { maxLength: 8 }).map((points) => String.fromCodePoint(...points));

test("string keys and byte keys are ordered by their bytes, as memcmp orders them", () => {
  const key = fc.oneof(text, fc.uint8Array({ maxLength: 8 }));
  fc.assert(
    fc.property(key, key, (a, b) => {
      const [left, right] = [encodeKey(a, "bytes"), encodeKey(b, "bytes")];
      const order = Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(left < right ? -1 : Number(left > right)).toBe(order);
    }),
  );
});

test("a key comes back as it was given", () => {
  fc.assert(
    fc.property(text, fc.uint8Array({ maxLength: 20 }), (text, bytes) => {
      expect(decodeKey(encodeKey(text, "utf8"), "utf8")).toBe(text);
      expect(decodeKey(encodeKey(bytes, "bytes"), "bytes")).toEqual(bytes);
    }),
  );
});

test("a string and its UTF-8 bytes are the same key", () => {
  const bytes = new TextEncoder().encode("schlüssel\0😀");
  expect(encodeKey(bytes, "utf8")).toBe(encodeKey("schlüssel\0😀", "utf8"));
  expect(decodeKey(encodeKey("ü", "utf8"), "bytes")).toEqual(Uint8Array.of(0xc3, 0xbc));
});

test("the empty key and keys of zero bytes are keys", () => {
  for (const key of ["", "\0", "\0\0"]) {
    expect(decodeKey(encodeKey(key, "utf8"), "utf8")).toBe(key);
  }
});

test("a key is limited by its bytes, not by its characters", () => {
  expect(encodeKey("k".repeat(KEY_BYTES_MAX), "utf8")).toHaveLength(KEY_BYTES_MAX);
  expect(encodeKey("ü".repeat(KEY_BYTES_MAX / 2), "utf8")).toHaveLength(KEY_BYTES_MAX);
  for (const key of [
    "k".repeat(KEY_BYTES_MAX + 1),
    "ü".repeat(KEY_BYTES_MAX / 2 + 1),
    new Uint8Array(KEY_BYTES_MAX + 1),
  ]) {
    expect(() => encodeKey(key, "utf8")).toThrow(
      expect.objectContaining({
        code: "INVALID_ARGUMENT",
        message: expect.stringMatching(/the most is 1024/) as unknown,
      }),
    );
  }
});

test("what has no UTF-8 form is refused, and says what to do instead", () => {
  expect(() => encodeKey("a\ud800", "utf8")).toThrow(/lone surrogate/);
  expect(() => encodeKey(Uint8Array.of(0xff), "utf8")).toThrow(/keyEncoding: "bytes"/);
  expect(encodeKey(Uint8Array.of(0xff), "bytes")).toBe("\xff");
  expect(() => decodeKey("\xff", "utf8")).toThrow(
    expect.objectContaining({ code: "SERIALIZATION" }),
  );
});

test("what is neither string nor bytes is refused by name", () => {
  const cases: [unknown, string][] = [
    [5, "number"],
    [null, "null"],
    [undefined, "undefined"],
    [["a"], "Array"],
    [new Uint16Array(1), "Uint16Array"],
  ];
  for (const [key, name] of cases) {
    expect(() => Reflect.apply(encodeKey, undefined, [key, "utf8"])).toThrow(
      expect.objectContaining({
        code: "INVALID_ARGUMENT",
        message: `key must be a string or a Uint8Array, not ${name}`,
      }),
    );
  }
});

test("an object of no class has a name as well", () => {
  expect(typeof nameOfType(Object.create(null))).toBe("string");
});

test("a key does not change when the caller's bytes do", () => {
  const bytes = Uint8Array.of(1, 2);
  const stored = encodeKey(bytes, "bytes");
  bytes[0] = 9;
  expect(stored).toBe("\x01\x02");
});
