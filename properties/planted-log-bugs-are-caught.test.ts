import { describe, expect, test } from "vitest";

import { loadMutant } from "../scripts/mutants/load-mutant.ts";
import { MUTANTS } from "../scripts/mutants/catalog.ts";
import { ScenarioRunner } from "../scripts/scenario-runner.ts";
import { generateScenario, type RunSettings } from "../sim/index.ts";
import { withoutFileSyncs } from "./support/deaf-files.ts";

const SEEDS_MAX = 200;

/** The property that the first seed breaks which breaks one, and which holds without the bug. */
async function firstCatch(settings: RunSettings): Promise<string | undefined> {
  const runner = await ScenarioRunner.create();
  for (let seed = 1; seed <= SEEDS_MAX; seed += 1) {
    const scenario = generateScenario(String(seed));
    const { violation } = await runner.run(scenario, settings);
    if (violation !== undefined && (await runner.run(scenario)).verdict === "held") {
      return violation.property;
    }
  }
  return undefined;
}

describe(`a planted bug of the log is caught within ${SEEDS_MAX} seeds`, () => {
  test("syncs that do nothing lose acknowledged commits, or the store", async () => {
    expect(await firstCatch({ wrapFiles: withoutFileSyncs })).toMatch(/^P[18]$/);
  });

  const some = new Set(["payload-not-checked", "losers-not-undone", "sync-error-ignored"]);
  for (const mutant of MUTANTS.filter(({ name }) => some.has(name))) {
    test(`${mutant.name}: ${mutant.about}`, async () => {
      const broken = await firstCatch({ engine: await loadMutant(mutant) });
      expect(mutant.expects).toContain(broken);
    });
  }
});
