import { describe, expect, it } from "vitest";

import {
  chance,
  type Choices,
  GentleChoices,
  pick,
  PrngChoices,
  RecordingChoices,
  ReplayedChoices,
} from "./choices.ts";

function draws(choices: Choices, count: number, bound: number): number[] {
  return Array.from({ length: count }, () => choices.below(bound));
}

describe("choices from a seed", () => {
  it("are the same for the same seed and others for another", () => {
    const first = draws(new PrngChoices("seed"), 50, 1000);
    expect(draws(new PrngChoices("seed"), 50, 1000)).toEqual(first);
    expect(draws(new PrngChoices("seeds"), 50, 1000)).not.toEqual(first);
  });

  it("stay below every bound and reach every value", () => {
    for (const bound of [2, 3, 5, 7, 8, 10, 64, 100]) {
      const seen = new Set(draws(new PrngChoices(`bound ${bound}`), bound * 40, bound));
      expect(seen.size).toBe(bound);
      expect(Math.max(...seen)).toBe(bound - 1);
      expect(Math.min(...seen)).toBe(0);
    }
  });

  it("are even for a bound that does not divide the generator's range", () => {
    const counts = Array.from({ length: 3 }, () => 0);
    for (const value of draws(new PrngChoices("even"), 30_000, 3)) {
      counts[value] = (counts[value] ?? 0) + 1;
    }
    for (const count of counts) {
      expect(Math.abs(count - 10_000)).toBeLessThan(400);
    }
  });

  it("pair freely across streams that differ in one letter", () => {
    const pairs = new Set<string>();
    for (let seed = 0; seed < 400; seed += 1) {
      const one = new PrngChoices(`${seed}/a`).below(4);
      const two = new PrngChoices(`${seed}/b`).below(4);
      pairs.add(`${one} ${two}`);
    }
    expect(pairs.size).toBe(16);
  });

  it("refuse a bound that is no count", () => {
    const choices = new PrngChoices("x");
    for (const bound of [0, -1, 1.5, Number.NaN, 2 ** 31 + 1]) {
      expect(() => choices.below(bound)).toThrow("a choice needs a bound");
    }
    expect(choices.below(2 ** 31)).toBeGreaterThanOrEqual(0);
  });
});

describe("a bound of 1", () => {
  it("draws nothing and records nothing", () => {
    const plain = new PrngChoices("one");
    const asked = new PrngChoices("one");
    asked.below(1);
    expect(asked.below(1000)).toBe(plain.below(1000));
    const recording = new RecordingChoices(new PrngChoices("one"));
    recording.below(1);
    expect(recording.taken).toEqual([]);
  });
});

describe("a tape", () => {
  it("plays back what was recorded", () => {
    const recording = new RecordingChoices(new PrngChoices("tape"));
    const taken = [
      recording.below(10),
      recording.below(3),
      recording.below(1),
      recording.below(99),
    ];
    const replay = new ReplayedChoices(recording.taken);
    const replayed = [replay.below(10), replay.below(3), replay.below(1), replay.below(99)];
    expect(replayed).toEqual(taken);
    expect(replay.divergence).toBeUndefined();
    expect(replay.left).toBe(0);
  });

  it("notes the first value that does not fit and goes on gently", () => {
    const replay = new ReplayedChoices([1, 7, 2]);
    expect(draws(replay, 4, 3)).toEqual([1, 0, 2, 0]);
    expect(replay.divergence).toEqual({ index: 1, bound: 3, value: 7 });
  });

  it("notes its end and asks the fallback from there", () => {
    const replay = new ReplayedChoices([1], { below: (bound) => bound - 1 });
    expect(draws(replay, 3, 5)).toEqual([1, 4, 4]);
    expect(replay.divergence).toEqual({ index: 1, bound: 5, value: undefined });
  });
});

describe("the gentlest draw", () => {
  it("is never a chance taken and always the first of a list", () => {
    const gentle = new GentleChoices();
    expect(chance(gentle, 99, 100)).toBe(false);
    expect(pick(gentle, ["calm", "storm"])).toBe("calm");
  });
});

describe("a chance", () => {
  it("comes as often as its odds say, and never draws at odds of 0", () => {
    const recording = new RecordingChoices(new PrngChoices("odds"));
    expect(chance(recording, 0, 10)).toBe(false);
    expect(recording.taken).toEqual([]);
    const taken = Array.from({ length: 10_000 }, () => chance(recording, 3, 10)).filter(Boolean);
    expect(Math.abs(taken.length - 3000)).toBeLessThan(200);
  });
});
