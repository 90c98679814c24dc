import { expect, test } from "vitest";
import { HELD_RUN } from "../../properties/support/held-run.ts";
import { violation } from "../oracle/verdict.ts";
import { generateScenario } from "../scenario/generate.ts";
import { minimise, type Place } from "./numbers.ts";
import { Shrinking, type Case } from "./shrinking.ts";

const BROKEN = violation("P1", "lost");
const CASE: Case = { scenario: generateScenario("1"), tapes: { a: [10_000] }, offTape: "gentlest" };

const PLACE: Place = {
  read: ({ tapes }) => tapes["a"]?.[0],
  write: (into, value) => ({ ...into, tapes: { a: [value] } }),
};

/** Runs what is asked for, which fails with every number from `least` on. */
function minimised(least: number): { readonly value: number; readonly runs: number } {
  const state = new Shrinking(CASE, BROKEN, 1000);
  const passing = minimise(state, PLACE);
  let next = passing.next();
  while (next.done !== true) {
    const { tapes } = next.value;
    const fails = (tapes["a"]?.[0] ?? 0) >= least;
    next = passing.next({ ...HELD_RUN, tapes, ...(fails ? { violation: BROKEN } : {}) });
  }
  return { value: PLACE.read(state.best) ?? 0, runs: state.runs };
}

test.each([0, 1, 2, 77, 4096, 9999, 10_000])(
  "a number is made as small as %i in a dozen runs, when all from there on fail",
  (least) => {
    const { value, runs } = minimised(least);
    expect(value).toBe(least);
    expect(runs).toBeLessThanOrEqual(16);
  },
);
