import { expect, test } from "vitest";

import { ScenarioRunner } from "../../scripts/scenario-runner.ts";
import { PROFILES } from "../disk/profiles.ts";
import { generateScenario } from "../scenario/generate.ts";
import type { ProfileName } from "../disk/profiles.ts";

const SEEDS = 60;

/** How many runs with such a plan had a sync report an error that an earlier one had kept. */
async function lateErrors(profile: ProfileName): Promise<{ planned: number; fired: number }> {
  const runner = await ScenarioRunner.create();
  let planned = 0;
  let fired = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const scenario = generateScenario(String(seed), { weather: "firmware", profile });
    if (scenario.faults.some(({ kind }) => kind === "late-error")) {
      planned += 1;
      const { ledger } = await runner.run(scenario);
      fired += ledger["late-error.fired"] ?? 0;
    }
  }
  return { planned, fired };
}

test("a sync that failed says so later only where the profile allows it", async () => {
  expect(PROFILES.paranoid.failedSyncReports).toBe("maybe-later");
  const paranoid = await lateErrors("paranoid");
  expect(paranoid.fired).toBeGreaterThan(0);
  expect(PROFILES.xfs.failedSyncReports).toBe("at-once");
  expect(await lateErrors("xfs")).toEqual({ planned: paranoid.planned, fired: 0 });
}, 60_000);
