import { describe, expect, test } from "vitest";
import {
  parseCount,
  parseDuration,
  parseNamedOutputs,
  parseSeed,
  parseShard,
  parseWorkers,
} from "./arguments.ts";

describe("durations", () => {
  test.each([
    ["250ms", 250],
    ["60s", 60_000],
    ["1.5m", 90_000],
    ["2h", 7_200_000],
  ])("%s is %d milliseconds", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(["", "60", "s", "-5s", "0s", "5 s", "5d", "1e3s", "0.1ms", "60S"])(
    "%j is refused with an example",
    (text) => {
      expect(() => parseDuration(text)).toThrow(/such as 60s/);
    },
  );
});

describe("shards", () => {
  test("parts count from 1", () => {
    expect(parseShard("1/1")).toEqual({ index: 1, of: 1 });
    expect(parseShard("3/8")).toEqual({ index: 3, of: 8 });
  });

  test.each(["", "1", "0/4", "5/4", "1/0", "a/b", "1/2/3", "-1/2", "1/1000001"])(
    "%j is refused with an example",
    (text) => {
      expect(() => parseShard(text)).toThrow(/such as 1\/4/);
    },
  );
});

describe("numbers", () => {
  test("a count is at least 1, a seed may be 0", () => {
    expect(parseCount("12")).toBe(12);
    expect(parseSeed("0")).toBe(0);
    expect(() => parseCount("0")).toThrow(/at least 1/);
  });

  test.each(["", "-1", "1.5", "0x10", "ten", "99999999999999999999"])("%j is refused", (text) => {
    expect(() => parseCount(text)).toThrow(/whole number/);
    expect(() => parseSeed(text)).toThrow(/whole number/);
  });

  test("more workers than any machine has are refused", () => {
    expect(parseWorkers("256")).toBe(256);
    expect(() => parseWorkers("257")).toThrow(/at most 256/);
    expect(() => parseWorkers("0")).toThrow(/at least 1/);
  });

  test("a seed without room for a campaign behind it is refused", () => {
    expect(() => parseSeed(String(2 ** 52 + 1))).toThrow(/at most/);
  });
});

describe("reporters", () => {
  const parse = parseNamedOutputs(["pretty", "junit"]);

  test("the option repeats, with and without files", () => {
    const outputs = parse("junit=out/a=b.xml", parse("pretty", undefined));
    expect(outputs).toEqual([{ name: "pretty" }, { name: "junit", file: "out/a=b.xml" }]);
  });

  test.each(["", "html", "junit=", "=x"])("%j is refused with the known ones", (text) => {
    expect(() => parse(text, undefined)).toThrow(/pretty, junit/);
  });

  test("two reporters on the screen are refused: neither could be read", () => {
    expect(() => parse("junit", parse("pretty", undefined))).toThrow(/give this one a file/);
  });

  test("two reporters in one file are refused: the second would write over the first", () => {
    expect(() => parse("junit=a", parse("pretty=a", undefined))).toThrow(/its own/);
  });
});
