import { describe, expect, test } from "vitest";

import { createDrain, inMacroTask, settle } from "../scripts/micro-tasks.ts";
import {
  generateScenario,
  runScenario,
  runScenarioAsync,
  type RunResult,
  type RunSettings,
  type Scenario,
} from "../sim/index.ts";

const SEEDS = Array.from({ length: 24 }, (_, index) => `trace-${index}`);

async function runDrained(scenario: Scenario, settings: RunSettings = {}): Promise<RunResult> {
  return await inMacroTask(() => {
    const drain = createDrain();
    if (drain === undefined) {
      throw new TypeError("this runtime cannot drain micro-tasks");
    }
    return runScenario(scenario, { ...settings, drain });
  });
}

describe("the same seed gives the same trace", () => {
  test("run twice, from the seed and from its scenario as JSON", async () => {
    for (const seed of SEEDS) {
      const first = await runDrained(generateScenario(seed));
      const copy: Scenario = JSON.parse(JSON.stringify(generateScenario(seed)));
      expect(await runDrained(copy)).toEqual(first);
    }
  });

  test("with micro-tasks drained synchronously and with one event-loop turn per step", async () => {
    for (const seed of SEEDS) {
      const scenario = generateScenario(seed);
      const slow = await runScenarioAsync(scenario, { settle });
      expect(await runDrained(scenario)).toEqual(slow);
    }
  });

  test("recorded, and played back from the recording", async () => {
    for (const seed of SEEDS) {
      const scenario = generateScenario(seed);
      const recorded = await runDrained(scenario, { record: true });
      const { tapes, path, ...rest } = recorded;
      expect(path).toHaveLength(4 * recorded.steps);
      const played = await runDrained(scenario, tapes === undefined ? {} : { tapes });
      expect(played).toEqual(rest);
    }
  });

  test("keeping the trace as text changes nothing", async () => {
    for (const seed of SEEDS.slice(0, 4)) {
      const scenario = generateScenario(seed);
      const { trace, ...rest } = await runDrained(scenario, { keepTrace: true });
      expect(trace?.length).toBeGreaterThan(50);
      expect(await runDrained(scenario)).toEqual(rest);
    }
  });
});

test("different seeds give different traces", async () => {
  const hashes = new Set<string>();
  for (const seed of SEEDS) {
    hashes.add((await runDrained(generateScenario(seed))).traceHash);
  }
  expect(hashes.size).toBe(SEEDS.length);
});
