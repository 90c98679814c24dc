import fc from "fast-check";
import { expect, test } from "vitest";
import { byteStringOf, bytesOfByteString } from "./byte-reader.ts";
import { isAscii, stringOfUtf8, utf8ByteString } from "./utf8.ts";

const BORDERS = ["", "a", "\0", "\x7f", "\u0080", "\u07ff", "\u0800", "\uffff", "😀", "\u{10ffff}"];

test("a string becomes the bytes that TextEncoder makes of it, and comes back", () => {
  const point = fc.nat({ max: 0x10_ffff }).filter((point) => point < 0xd800 || point > 0xdfff);
  const text = fc.oneof(
    fc.constantFrom(...BORDERS),
    fc.array(point).map((points) => String.fromCodePoint(...points)),
  );
  fc.assert(
    fc.property(text, (text) => {
      const bytes = utf8ByteString(text) ?? "";
      expect(bytesOfByteString(bytes)).toEqual(Uint8Array.from(new TextEncoder().encode(text)));
      expect(stringOfUtf8(bytes)).toBe(text);
    }),
  );
});

test("a lone surrogate has no bytes, wherever it stands", () => {
  for (const text of ["\ud800", "a\udc00", "\ud800a", "\udfff\ud800", "😀\ud83d"]) {
    expect(utf8ByteString(text)).toBeUndefined();
  }
});

test("bytes are taken for UTF-8 exactly when TextDecoder takes them", () => {
  const near = fc.uint8Array({ maxLength: 4, min: 0x70 });
  fc.assert(
    fc.property(fc.oneof(near, fc.uint8Array({ maxLength: 12 })), (bytes) => {
      let expected: string | undefined;
      try {
        expected = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch {
        expected = undefined;
      }
      expect(stringOfUtf8(byteStringOf(bytes))).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});

test("overlong forms, surrogates and points beyond the last are refused", () => {
  for (const bytes of ["\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5"]) {
    expect(stringOfUtf8(bytes)).toBeUndefined();
  }
});

test("ASCII is what ends at 0x7f", () => {
  expect(isAscii("\0 ~\x7f")).toBe(true);
  expect(isAscii("\x80")).toBe(false);
});
