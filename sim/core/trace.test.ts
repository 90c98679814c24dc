import { describe, expect, it } from "vitest";

import { PrngChoices } from "./choices.ts";
import { Hash64 } from "./hash64.ts";
import { Trace } from "./trace.ts";

function hashOf(add: (hash: Hash64) => void): string {
  const hash = new Hash64();
  add(hash);
  return hash.hex;
}

function someBytes(length: number, seed = "bytes"): Uint8Array {
  const choices = new PrngChoices(seed);
  return Uint8Array.from({ length }, () => choices.below(256));
}

describe("a trace", () => {
  it("has the same hash with and without its lines", () => {
    const kept = new Trace({ keep: true });
    const hashed = new Trace();
    for (const trace of [kept, hashed]) {
      trace.event("write", 1, 2 ** 40, "wal");
      trace.bytes(someBytes(1000));
      trace.event("sync", 1);
    }
    expect(kept.hash).toBe(hashed.hash);
    expect(kept.hash).toMatch(/^[0-9a-f]{16}$/);
    expect(kept.lines).toEqual([`write 1 ${2 ** 40} wal`, "sync 1"]);
    expect(hashed.lines).toEqual([]);
    expect(hashed.events).toBe(2);
  });

  it("tells runs apart by any detail, and by order", () => {
    const hashes = new Set(
      [
        ["write", 1, 2],
        ["write", 2, 1],
        ["write", 1],
        ["write", 1, 2, 0],
        ["writ", "e", 1, 2],
        ["write", "1", 2],
        ["write", 1, 2 + 2 ** 32],
        ["write", 1, -2],
      ].map(([kind = "", ...details]) => {
        const trace = new Trace();
        trace.event(kind, ...details);
        return trace.hash;
      }),
    );
    expect(hashes.size).toBe(8);
  });
});

describe("the hash", () => {
  it("changes with every bit of the bytes, at every length around a block and a scratch buffer", () => {
    for (const length of [1, 3, 4, 31, 32, 33, 64, 511, 16_383, 16_384, 16_385]) {
      const bytes = someBytes(length);
      const hash = hashOf((to) => to.bytes(bytes));
      for (const at of [0, length >> 1, length - 1]) {
        for (let bit = 0; bit < 8; bit += 1) {
          const flipped = bytes.slice();
          flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
          expect(hashOf((to) => to.bytes(flipped))).not.toBe(hash);
        }
      }
    }
  });

  it("does not cancel two changes of the same bit", () => {
    const bytes = new Uint8Array(256);
    for (const bit of [0x80, 0x40, 0x10, 0x01]) {
      const seen = new Set<string>();
      for (let one = 3; one < 256; one += 4) {
        for (let two = one + 4; two < 256; two += 4) {
          bytes[one] = bit;
          bytes[two] = bit;
          seen.add(hashOf((to) => to.bytes(bytes)));
          bytes[one] = 0;
          bytes[two] = 0;
        }
      }
      expect(seen.size).toBe((64 * 63) / 2);
    }
  });

  it("does not depend on where the bytes lie in memory", () => {
    const bytes = someBytes(100);
    const hash = hashOf((to) => to.bytes(bytes));
    for (let shift = 1; shift < 5; shift += 1) {
      const buffer = new Uint8Array(200);
      buffer.set(bytes, shift);
      expect(hashOf((to) => to.bytes(buffer.subarray(shift, shift + 100)))).toBe(hash);
    }
  });

  it("tells zeros of different lengths apart, and one array from two", () => {
    const lengths = Array.from({ length: 100 }, (_, length) => new Uint8Array(length));
    expect(new Set(lengths.map((bytes) => hashOf((to) => to.bytes(bytes)))).size).toBe(100);
    const whole = hashOf((to) => to.bytes(new Uint8Array(64)));
    const halves = hashOf((to) => {
      to.bytes(new Uint8Array(32));
      to.bytes(new Uint8Array(32));
    });
    expect(whole).not.toBe(halves);
  });

  it("is pinned, so that records of old runs stay comparable", () => {
    const hash = hashOf((to) => {
      to.number(42);
      to.number(-1);
      to.number(2 ** 52);
      to.string("seawall");
      to.bytes(Uint8Array.from({ length: 77 }, (_, index) => index));
    });
    expect(hash).toBe("2c425de260f6643c");
  });
});
