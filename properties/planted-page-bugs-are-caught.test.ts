import { describe, expect, test } from "vitest";

import { loadMutant } from "../scripts/mutants/load-mutant.ts";
import { PLANTED_PAGE_BUGS } from "../scripts/mutants/planted-bugs.ts";
import { ScenarioRunner } from "../scripts/scenario-runner.ts";
import { generateScenario, type RunSettings } from "../sim/index.ts";

const SEEDS_MAX = 600;

/** The property that the first seed breaks which breaks one, and which holds without the bug. */
async function firstCatch(settings: RunSettings): Promise<string | undefined> {
  const runner = await ScenarioRunner.create();
  for (let seed = 1; seed <= SEEDS_MAX; seed += 1) {
    // By time alone: the seeds that this took before some of them were given to another order of steps.
    const scenario = generateScenario(String(seed), { order: "time" });
    const { violation } = await runner.run(scenario, settings);
    if (violation !== undefined && (await runner.run(scenario)).verdict === "held") {
      return violation.property;
    }
  }
  return undefined;
}

describe(`a planted bug of the pages is caught within ${SEEDS_MAX} seeds`, () => {
  for (const mutant of PLANTED_PAGE_BUGS) {
    test(`${mutant.name}: ${mutant.about}`, async () => {
      expect(await firstCatch({ engine: await loadMutant(mutant) })).toMatch(/^P[1-8]$/);
    });
  }
});
