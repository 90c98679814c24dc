import { expect, test } from "vitest";

import { ScenarioRunner } from "../scripts/scenario-runner.ts";
import { generateScenario, type RunSettings } from "../sim/index.ts";
import { withoutFileSyncs } from "./support/deaf-files.ts";

const SEEDS = 60;
/** Syncs that do nothing lose commits in most storms; fewer says that storms have become mild. */
const DEAD_MIN = 30;

async function deadAmong(seeds: number, settings: RunSettings): Promise<number> {
  const runner = await ScenarioRunner.create();
  let dead = 0;
  for (let seed = 1; seed <= seeds; seed += 1) {
    const scenario = generateScenario(`canary-${seed}`, {
      policy: "sync",
      profile: "paranoid",
      weather: "crashes",
    });
    dead += (await runner.run(scenario, settings)).violation === undefined ? 0 : 1;
  }
  return dead;
}

test(`a disk whose syncs do nothing is found out in at least ${DEAD_MIN} of ${SEEDS} storms`, async () => {
  expect(await deadAmong(SEEDS, { wrapFiles: withoutFileSyncs })).toBeGreaterThanOrEqual(DEAD_MIN);
});

test("and in none when they do what they say", async () => {
  expect(await deadAmong(SEEDS, {})).toBe(0);
});
