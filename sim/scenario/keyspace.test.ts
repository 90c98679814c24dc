import { describe, expect, test } from "vitest";

import { Keyspace } from "./keyspace.ts";

function rankedNames(keys: readonly string[]): unknown[] {
  const keyspace = new Keyspace(keys, "text");
  return keys.map((_, rank) => keyspace.key(rank));
}

describe("the key space", () => {
  test("text keys are in the order of their UTF-8 bytes, not of JavaScript's code units", () => {
    const keys = ["\u{1F600}", "\uFFFD", "z", "a\0", "a", "\0", "é"];
    const expected = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(rankedNames(keys)).toEqual(expected);
    expect(keys.toSorted()).not.toEqual(expected);
  });

  test("byte keys are one byte per character", () => {
    const keyspace = new Keyspace(["\u00FF", "\0", "a"], "bytes");
    expect(keyspace.key(0)).toEqual(Uint8Array.of(0));
    expect(keyspace.key(2)).toEqual(Uint8Array.of(0xff));
    expect(keyspace.rankOfKey(Uint8Array.of(0xff))).toBe(2);
    expect(keyspace.rankOfKey(Uint8Array.of(1))).toBeUndefined();
  });

  test("scan bounds become ranges of ranks", () => {
    const keyspace = new Keyspace(["c", "a", "b", "d"], "text");
    const scan = { do: "scan", reverse: false } as const;
    expect(keyspace.range(scan)).toEqual({ from: 0, to: 4 });
    expect(keyspace.range({ ...scan, gt: 1, lte: 0 })).toEqual({ from: 1, to: 3 });
    expect(keyspace.range({ ...scan, gte: 2, lt: 3 })).toEqual({ from: 1, to: 3 });
    expect(keyspace.range({ ...scan, gt: 3, lt: 1 })).toEqual({ from: 4, to: 0 });
  });
});
