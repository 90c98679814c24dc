import { describe, expect, test } from "vitest";

import { parseBudget } from "./budget.ts";

describe("a budget is read as people write it", () => {
  test.each([
    ["lose nothing", { loss: { kind: "nothing" } }],
    ["lose at most 50 ms", { loss: { kind: "suffix", milliseconds: 50 } }],
    [
      "Lose at most 1.5 s, p99 under 2 ms",
      { loss: { kind: "suffix", milliseconds: 1500 }, p99MsMax: 2 },
    ],
    ["lose at most 64 KiB", { loss: { kind: "suffix", bytes: 65_536 } }],
    ["lose at most 10 commits, at least 5000 commits/s", { commitsPerSecondMin: 5000 }],
    ["p50 under 800 us", { p50MsMax: 0.8 }],
  ])("%s", (text, expected) => {
    expect(parseBudget(text)).toMatchObject(expected);
  });

  test.each(["lose 50 ms", "p99 under 2", "cheap", "lose at most 1.2.3 ms", ""])(
    "%j is refused, and not guessed",
    (text) => {
      expect(() => parseBudget(text)).toThrow(/budget|number/);
    },
  );
});
