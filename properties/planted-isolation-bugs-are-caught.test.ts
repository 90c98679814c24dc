import { describe, expect, test } from "vitest";

import { loadMutant } from "../scripts/mutants/load-mutant.ts";
import { ISOLATION_MUTANTS } from "../scripts/mutants/catalog/isolation.ts";
import { ScenarioRunner } from "../scripts/scenario-runner.ts";
import { generateScenario } from "../sim/index.ts";
import type { EnginePort } from "../sim/index.ts";

const SEEDS_MAX = 300;

/**
 * The first seed that breaks isolation, and holds without the bug. One that breaks another property before
 * (a conflict where nobody changed what was read, say) is no answer: each property has to have eyes of its own.
 */
async function firstCatch(engine: EnginePort): Promise<number | undefined> {
  const runner = await ScenarioRunner.create();
  for (let seed = 1; seed <= SEEDS_MAX; seed += 1) {
    const scenario = generateScenario(String(seed));
    const { violation } = await runner.run(scenario, { engine });
    const isCaught = violation?.property === "isolation";
    if (isCaught && (await runner.run(scenario)).verdict === "held") {
      return seed;
    }
  }
  return undefined;
}

describe(`a planted bug of isolation is caught within ${SEEDS_MAX} seeds`, () => {
  for (const mutant of ISOLATION_MUTANTS) {
    test(`${mutant.name}: ${mutant.about}`, async () => {
      expect(await firstCatch(await loadMutant(mutant))).toBeDefined();
    });
  }
});
