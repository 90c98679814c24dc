import fc from "fast-check";
import { expect, test } from "vitest";
import { isSeawallError } from "../base/errors.ts";
import { decodeValue, encodeValue } from "./value-codec.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("the stored form of each kind of value never changes", () => {
  expect(hex(encodeValue(Uint8Array.of(0, 255)))).toBe("0100ff");
  expect(hex(encodeValue("ü!"))).toBe("02c3bc21");
  expect(hex(encodeValue(null))).toBe("03c0");
  expect(hex(encodeValue({ a: [1, true] }))).toBe("0381a1619201c3");
});

test("strings, bytes and plain data come back as they were given", () => {
  const data = fc.jsonValue({ noUnicodeString: false, depthSize: "medium" });
  const noProto = data.filter((value) => !JSON.stringify(value).includes("__proto__"));
  const value = fc.oneof(
    // JSON, too, knows one zero only.
    noProto.map((value): unknown => JSON.parse(JSON.stringify(value))),
    fc.uint8Array(),
    fc.string({ unit: "grapheme-ascii" }),
    fc.double({ noDefaultInfinity: false }).filter((value) => !Object.is(value, -0)),
    fc.maxSafeInteger(),
  );
  fc.assert(
    fc.property(value, (value) => {
      expect(decodeValue(encodeValue(value))).toEqual(value);
    }),
  );
});

test("a negative zero comes back as zero, wherever it is", () => {
  expect(decodeValue(encodeValue(-0))).toBe(0);
  expect(decodeValue(encodeValue({ deep: [-0] }))).toEqual({ deep: [0] });
});

test("empty values, dates, large integers and nested bytes come back as they were given", () => {
  for (const value of [
    "",
    new Uint8Array(0),
    {},
    [],
    false,
    0,
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    2n ** 63n - 1n,
    -(2n ** 63n),
    2n ** 64n - 1n,
    new Date(1234),
    [Uint8Array.of(1), { deep: [[[Uint8Array.of(2)]]] }],
    { "": 1, ключ: "значение", "1": 2 },
    "x".repeat(100_000),
  ]) {
    expect(decodeValue(encodeValue(value))).toStrictEqual(value);
  }
});

test("what is stored does not change when the caller's object does", () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const structure = { list: [1], bytes };
  const [storedBytes, storedStructure] = [encodeValue(bytes), encodeValue(structure)];
  bytes[0] = 99;
  structure.list.push(2);
  expect(decodeValue(storedBytes)).toEqual(Uint8Array.of(1, 2, 3));
  expect(decodeValue(storedStructure)).toEqual({ list: [1], bytes: Uint8Array.of(1, 2, 3) });
});

test("what was read may be changed without changing what is stored, at any depth", () => {
  for (const value of [Uint8Array.of(1, 2, 3), { deep: [Uint8Array.of(1, 2, 3)] }]) {
    const stored = encodeValue(value);
    const before = hex(stored);
    const read: unknown = decodeValue(stored);
    const bytes = bytesIn(read);
    bytes.fill(99);
    expect(hex(stored)).toBe(before);
    expect(bytes.buffer).not.toBe(stored.buffer);
  }
});

function bytesIn(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) {
    return value;
  }
  if (typeof value === "object" && value !== null) {
    return bytesIn(Object.values(value)[0]);
  }
  throw new Error("no bytes in there");
}

const PROTO: unknown = JSON.parse('{"__proto__": 1}');

test.each([
  ["undefined", undefined, "INVALID_ARGUMENT"],
  ["a function", (): void => {}, "INVALID_ARGUMENT"],
  ["a symbol", Symbol("s"), "INVALID_ARGUMENT"],
  ["a lone surrogate", "a\ud800", "INVALID_ARGUMENT"],
  ["an integer beyond 64 bits", 2n ** 70n, "SERIALIZATION"],
])("%s is refused", (_, value, code) => {
  expect(() => encodeValue(value)).toThrow(expect.objectContaining({ code }));
});

test("a structure that contains itself is refused", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  expect(() => encodeValue(circle)).toThrow(expect.objectContaining({ code: "SERIALIZATION" }));
  expect(decodeValue(encodeValue({ after: "the refusal" }))).toEqual({ after: "the refusal" });
});

// The worst that a value can do is to come back as another one without an error.
test.each([
  ["a nested function", { f: (): void => {} }],
  ["a nested lone surrogate", { text: "a\ud800" }],
  ["an own key __proto__", PROTO],
  ["a Map", new Map([[1, 2]])],
  ["a Set", new Set([1])],
  ["a regular expression", /a/g],
  ["an error", new Error("e")],
  ["an array of 16-bit integers", Uint16Array.of(1, 2)],
  ["an array of floats", [new Float64Array(2)]],
  ["an ArrayBuffer", new ArrayBuffer(3)],
])("%s comes back as it was given, or is refused: never as something else", (_, value) => {
  expect([value, "refused"]).toContainEqual(comesBack(value));
});

function comesBack(value: unknown): unknown {
  try {
    return decodeValue(encodeValue(value));
  } catch (error) {
    return isSeawallError(error) ? "refused" : error;
  }
}

test("a stored form that is not known is refused, not guessed", () => {
  for (const stored of [[], [0], [4, 1], [2, 0xff], [3], [3, 0x92, 1]]) {
    expect(() => decodeValue(Uint8Array.from(stored))).toThrow(
      expect.objectContaining({ code: "SERIALIZATION" }),
    );
  }
});
