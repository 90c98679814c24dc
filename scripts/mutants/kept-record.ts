import { performance } from "node:perf_hooks";
import { countOperations, formatRecord, replaySettings, type EnginePort } from "../../sim/index.ts";
import { readRecord } from "../records/record-files.ts";
import type { ScenarioRunner } from "../scenario-runner.ts";
import type { HuntResult } from "./hunt.ts";
import type { Mutant } from "./mutant.ts";

/**
 * Replays a mutant's kept record: it has to fail with the mutant and hold without it. Undefined when it no
 * longer does, as after a change of the engine that moved what the record relies on.
 */
export async function replayKept(
  runner: ScenarioRunner,
  mutant: Mutant,
  engine: EnginePort,
  file: string,
): Promise<HuntResult | undefined> {
  const began = performance.now();
  const record = readRecord(file);
  const settings = replaySettings(record, {});
  const result = await runner.run(record.scenario, { ...settings, engine });
  const itself = await runner.run(record.scenario, settings);
  const property = result.violation?.property;
  if (property === undefined || property === "harness" || itself.violation !== undefined) {
    return undefined;
  }
  return {
    mutant,
    seedsToCatch: [],
    catchSeconds: [],
    properties: [property],
    smallest: {
      text: formatRecord(record),
      operations: countOperations(record.scenario),
      crashes: result.crashes,
      shrinkSeconds: 0,
    },
    seconds: (performance.now() - began) / 1000,
  };
}
