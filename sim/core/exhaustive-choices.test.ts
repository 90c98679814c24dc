import { describe, expect, it } from "vitest";

import { anyOf } from "./choices.ts";
import { enumerateChoices } from "./exhaustive-choices.ts";

describe("an enumeration of choices", () => {
  it("tries every combination once, all zeros first", () => {
    const seen: string[] = [];
    const result = enumerateChoices((choices) => {
      seen.push(`${choices.below(2)}${choices.below(3)}`);
    });
    expect(seen).toEqual(["00", "01", "02", "10", "11", "12"]);
    expect(result).toEqual({ runs: 6, complete: true });
  });

  it("follows runs whose later questions depend on earlier answers", () => {
    const seen: string[] = [];
    enumerateChoices((choices) => {
      const first = choices.below(3);
      seen.push(first === 1 ? `1${choices.below(2)}` : `${first}`);
    });
    expect(seen).toEqual(["0", "10", "11", "2"]);
  });

  it("sees the first of outcomes that are alike", () => {
    const seen: string[] = [];
    enumerateChoices((choices) => {
      seen.push(`${choices.below(2)}${anyOf(choices, 1000)}`);
    });
    expect(seen).toEqual(["00", "10"]);
  });

  it("runs once when nothing is asked, also when only bounds of 1 are", () => {
    expect(enumerateChoices((choices) => void choices.below(1))).toEqual({
      runs: 1,
      complete: true,
    });
  });

  it("says when it stopped early", () => {
    const endless = enumerateChoices((choices) => void choices.below(1000), { runsMax: 10 });
    expect(endless).toEqual({ runs: 10, complete: false });
    const enough = enumerateChoices((choices) => choices.below(1000) < 4);
    expect(enough).toEqual({ runs: 5, complete: false });
  });

  it("refuses a run that changes its questions", () => {
    let bound = 5;
    expect(() =>
      enumerateChoices((choices) => {
        bound -= 1;
        choices.below(bound);
        choices.below(2);
      }),
    ).toThrow("not deterministic");
  });
});
