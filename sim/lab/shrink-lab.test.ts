import { expect, test } from "vitest";

import { generateLabScenario } from "./generate-lab.ts";
import { isCommit, type LabScenario } from "./lab-scenario.ts";
import { shrinkLabScenario } from "./shrink-lab.ts";

function longScenario(): LabScenario {
  for (let seed = 1; ; seed += 1) {
    const scenario = generateLabScenario(String(seed), { crash: "power" });
    if (scenario.steps.length >= 15 && scenario.slowSyncs.length > 0) {
      return scenario;
    }
  }
}

/** Three commits and a slow sync. */
function needsThree({ steps, slowSyncs }: LabScenario): boolean {
  return steps.filter((step) => isCommit(step)).length >= 3 && slowSyncs.length === 1;
}

test("a scenario shrinks to what it needs, and no further", () => {
  const { scenario, runs } = shrinkLabScenario(longScenario(), needsThree);
  expect(scenario.steps).toHaveLength(3);
  expect(scenario.slowSyncs).toHaveLength(1);
  expect(scenario.steps.every((step) => isCommit(step) && step.bytes === 0)).toBe(true);
  expect(scenario.timerLateUs).toBe(1);
  expect(runs).toBeLessThanOrEqual(400);
});

test("what cannot shrink stays as it is, and the search ends", () => {
  const from = longScenario();
  const { scenario, runs } = shrinkLabScenario(from, (one) => one === from, 100);
  expect(scenario).toBe(from);
  expect(runs).toBeLessThanOrEqual(100);
});

test("the same seed generates the same scenario, and steps are in order of time", () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const scenario = generateLabScenario(String(seed), { crash: "os" });
    expect(generateLabScenario(String(seed), { crash: "os" })).toEqual(scenario);
    const times = scenario.steps.map(({ atUs }) => atUs);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  }
});
