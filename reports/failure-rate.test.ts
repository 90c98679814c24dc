import { describe, expect, test } from "vitest";
import { chanceInterval, excludedRate, excludedText } from "./failure-rate.ts";
import { grouped } from "./pretty-reporter.ts";

describe("what clean runs exclude", () => {
  test("is about three in as many runs", () => {
    expect(excludedRate(1000)).toBeCloseTo(3 / 1000, 3);
    expect(excludedText(10_000, grouped)).toBe("1 in 3,338");
  });

  test("is nothing when there was no run", () => {
    expect(excludedRate(0)).toBe(1);
  });
});

describe("an interval", () => {
  test("holds the share that was seen, and narrows with more runs", () => {
    const [low, high] = chanceInterval(10, 40);
    expect(low).toBeLessThan(0.25);
    expect(high).toBeGreaterThan(0.25);
    const [more, less] = chanceInterval(100, 400);
    expect(less - more).toBeLessThan(high - low);
  });

  test("is not a point where nothing or everything failed", () => {
    expect(chanceInterval(0, 40)[1]).toBeGreaterThan(0.05);
    expect(chanceInterval(40, 40)[0]).toBeLessThan(0.95);
  });
});
