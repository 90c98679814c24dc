import { describe, expect, test } from "vitest";

import { loadMutant } from "../scripts/mutants/load-mutant.ts";
import { DEVICE_MUTANTS } from "../scripts/mutants/catalog/device.ts";
import { ScenarioRunner } from "../scripts/scenario-runner.ts";
import { type EnginePort, generateScenario } from "../sim/index.ts";

const SEEDS_MAX = 400;

/** The property that the first seed breaks which breaks one, and which holds without the bug. */
async function firstCatch(engine: EnginePort): Promise<string | undefined> {
  const runner = await ScenarioRunner.create();
  for (let seed = 1; seed <= SEEDS_MAX; seed += 1) {
    const scenario = generateScenario(String(seed), { weather: "firmware", profile: "paranoid" });
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
      expect(await firstCatch(await loadMutant(mutant))).toMatch(/^P[1-8]$|^isolation$/);
    });
  }
});
