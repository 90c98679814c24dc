import { describe, expect, test } from "vitest";

import { ScenarioRunner } from "../scripts/scenario-runner.ts";
import {
  generateScenario,
  type GenerateOptions,
  POLICY_NAMES,
  PROFILE_NAMES,
  type RunResult,
} from "../sim/index.ts";

const SEEDS_PER_CELL = 25;

/** The first broken run of some seeds, as the one command that replays it. */
async function firstBroken(options: GenerateOptions): Promise<string | undefined> {
  const runner = await ScenarioRunner.create();
  for (let seed = 1; seed <= SEEDS_PER_CELL; seed += 1) {
    const result = await runner.run(generateScenario(String(seed), options));
    expect(result.checks).toBeGreaterThan(0);
    if (result.verdict === "broken") {
      return describeBroken(result, seed, options);
    }
  }
  return undefined;
}

function describeBroken(result: RunResult, seed: number, options: GenerateOptions): string {
  const { property, message } = result.violation ?? { property: "harness", message: "no verdict" };
  const chosen = Object.entries(options).map(([name, value]) => `--${name} ${value}`);
  return `${property}: ${message}\n  npx seawall replay ${seed} ${chosen.join(" ")}`;
}

describe("whatever crashes and fails, what was promised is there afterwards", () => {
  for (const policy of POLICY_NAMES) {
    test(`under the policy ${policy}`, async () => {
      expect(await firstBroken({ policy })).toBeUndefined();
    });
  }

  for (const profile of PROFILE_NAMES) {
    test(`on a disk like ${profile}`, async () => {
      expect(await firstBroken({ profile })).toBeUndefined();
    });
  }
});
