import { describe, expect, test } from "vitest";

import { medianOf, verdictOf, type HuntResult } from "./hunt.ts";
import type { Mutant } from "./mutant.ts";
import { mutantsReport } from "./mutants-report.ts";

const BUG: Mutant = {
  name: "a-bug",
  about: "",
  edits: [{ file: "engine/a.ts", anchor: "a", replacement: "b" }],
  expects: ["P1"],
};
const CONTROL: Mutant = { ...BUG, name: "a-control", expects: [] };

function result(mutant: Mutant, properties: HuntResult["properties"] = []): HuntResult {
  return {
    mutant,
    properties,
    seedsToCatch: properties.map(() => 3),
    catchSeconds: [2],
    seconds: 3,
  };
}

describe("a hunt", () => {
  test("has caught a bug by the property that was expected, or is surprised by another", () => {
    expect(verdictOf(result(BUG, ["P1", "P1"]))).toBe("caught");
    expect(verdictOf(result(BUG, ["P1", "P2"]))).toBe("surprise");
  });

  test("lets no bug escape", () => {
    expect(verdictOf(result(BUG))).toBe("escaped");
  });

  test("expects nothing of a control", () => {
    expect(verdictOf(result(CONTROL))).toBe("held");
    expect(verdictOf(result(CONTROL, ["P1"]))).toBe("called-a-bug");
  });
});

test("the median counts ranges without a catch as the largest", () => {
  expect(medianOf([5, undefined, 1])).toBe(5);
  expect(medianOf([undefined, undefined, 1])).toBeUndefined();
  expect(medianOf([])).toBeUndefined();
});

test("the report counts what escaped", () => {
  const text = mutantsReport([result(BUG), result(CONTROL), result(BUG, ["P1"])], false);
  expect(text).toContain("mutants     1 caught, 1 escaped\n");
  expect(text).toContain(
    "seeds       3 to the first catch (median of medians), 3 at most; in 2.0 s (median)",
  );
  expect(text).toContain("controls    1 held, 0 called a bug");
});
