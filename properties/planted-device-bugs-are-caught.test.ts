import { describe, expect, test } from "vitest";

import { loadMutant } from "../scripts/mutants/load-mutant.ts";
import { DEVICE_MUTANTS } from "../scripts/mutants/catalog/device.ts";
import { ScenarioRunner } from "../scripts/scenario-runner.ts";
import { type EnginePort, type GenerateOptions, generateScenario } from "../sim/index.ts";

const FIRST_SEED = 2_000_001;
const SEEDS_MAX = 400;

/** The property that the first seed breaks which breaks one, and which holds without the bug. */
async function firstCatch(engine: EnginePort, where: GenerateOptions): Promise<string | undefined> {
  const runner = await ScenarioRunner.create();
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS_MAX; seed += 1) {
    const scenario = generateScenario(String(seed), where);
    const { violation } = await runner.run(scenario, { engine });
    if (violation !== undefined && (await runner.run(scenario)).verdict === "held") {
      return violation.property;
    }
  }
  return undefined;
}

describe(`a planted bug is caught within ${SEEDS_MAX} seeds of devices that do not what they say`, () => {
  for (const mutant of DEVICE_MUTANTS) {
    test(`${mutant.name}: ${mutant.about}`, async () => {
      const property = await firstCatch(await loadMutant(mutant), mutant.where ?? {});
      expect(property).toMatch(/^P[1-8]$|^isolation$/);
    });
  }
});
