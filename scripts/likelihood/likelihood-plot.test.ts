import { expect, test } from "vitest";

import { likelihoodPlot, likelihoodSummary } from "./likelihood-plot.ts";

const POINTS = [
  { step: 0, runs: 40, failed: 2 },
  { step: 50, runs: 40, failed: 4 },
  { step: 100, runs: 40, failed: 40 },
];

test("one bar per step, as long as the chance", () => {
  expect(likelihoodPlot(POINTS)).toMatchInlineSnapshot(`
    "step chance of the failure, with all choices before it kept
       0 ##...................................... 5.0 %  2 of 40 (1.4 % to 17 %)
      50 ####....................................  10 %  4 of 40 (4.0 % to 23 %)
     100 ######################################## 100 %  40 of 40 (91 % to 100 %)"
  `);
});

test("the summary says where the failure became likelier", () => {
  expect(likelihoodSummary(POINTS)).toBe(
    "played afresh the scenario fails in 5.0 % of all runs\n" +
      "the failure became likelier most between steps 50 and 100: from 10 % to 100 %",
  );
});

test("clean futures exclude a rate", () => {
  expect(likelihoodSummary([{ step: 0, runs: 1000, failed: 0 }])).toBe(
    "none of 1,000 futures failed: a failure in more than 1 in 334 is excluded, at 95 %",
  );
});
