import * as fc from "fast-check";
import { expect, test } from "vitest";

import { ScenarioRunner } from "../scripts/scenario-runner.ts";
import { countOperations, ScenarioArbitrary } from "../sim/index.ts";
import { withoutFileSyncs } from "./support/deaf-files.ts";

test("a scenario that finds syncs which do nothing shrinks to a few calls and one crash", async () => {
  const runner = await ScenarioRunner.create();
  const property = fc.asyncProperty(
    new ScenarioArbitrary({ policy: "sync", profile: "paranoid", weather: "crashes" }),
    async (scenario) => {
      const { verdict } = await runner.run(scenario, { wrapFiles: withoutFileSyncs });
      return verdict === "held";
    },
  );
  const { counterexample, failed } = await fc.check(property, { numRuns: 20, seed: 5 });
  const [scenario] = counterexample ?? [];
  expect(failed).toBe(true);
  expect(scenario === undefined ? Infinity : countOperations(scenario)).toBeLessThanOrEqual(5);
  expect(scenario?.cycles.length).toBeLessThanOrEqual(1);
  expect(scenario?.faults).toEqual([]);
});
