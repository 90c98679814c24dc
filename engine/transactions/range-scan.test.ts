import { expect, test } from "vitest";
import { resolveScan } from "./range-scan.ts";

test("without options a scan goes over everything, upward", () => {
  expect(resolveScan({}, "utf8")).toEqual({
    low: undefined,
    high: undefined,
    reverse: false,
    limit: Number.POSITIVE_INFINITY,
  });
});

test("bounds become bytes, open or closed", () => {
  expect(resolveScan({ gt: "ü", lte: Uint8Array.of(1), limit: 0, reverse: true }, "bytes")).toEqual(
    {
      low: { key: "\xc3\xbc", inclusive: false },
      high: { key: "\x01", inclusive: true },
      reverse: true,
      limit: 0,
    },
  );
  expect(resolveScan({ gte: "a", lt: "b" }, "utf8")).toMatchObject({
    low: { inclusive: true },
    high: { inclusive: false },
  });
});

test.each([
  ["both lower bounds", { gt: "a", gte: "a" }],
  ["both upper bounds", { lt: "a", lte: "a" }],
  ["a negative limit", { limit: -1 }],
  ["half an entry", { limit: 1.5 }],
  ["no number as limit", { limit: Number.NaN }],
  ["a text as limit", { limit: "2" }],
  ["a big integer as limit", { limit: 2n }],
  ["a bound of a wrong type", { gte: 5 }],
  ["a bound that is too long", { gte: "k".repeat(2000) }],
  ["a direction that is no boolean", { reverse: "yes" }],
  ["a direction that is an object of no class", { reverse: Object.create(null) }],
  ["null", null],
])("%s is refused", (_, options) => {
  expect(() => Reflect.apply(resolveScan, undefined, [options, "utf8"])).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT" }),
  );
});
