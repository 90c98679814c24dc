import { performance } from "node:perf_hooks";

import {
  countOperations,
  shrink,
  SHRINK_RUNS_MAX,
  type Case,
  type RunResult,
  type RunSettings,
  type Violation,
} from "../../sim/index.ts";
import type { ScenarioRunner } from "../scenario-runner.ts";

export interface ShrinkLimits {
  /** @defaultValue 4000 */
  readonly runsMax?: number;
  /** Real time: ends the shrink with what it has. @defaultValue no limit */
  readonly timeMs?: number;
  /** Told of every improvement. */
  readonly onProgress?: (runs: number, best: Case) => void;
}

export interface ShrunkCase {
  readonly smallest: Case;
  /** The smallest case once more, with its trace and its choices. */
  readonly result: RunResult;
  readonly runs: number;
  readonly seconds: number;
  /** False when a limit ended it. */
  readonly complete: boolean;
}

/** Drives a shrink: runs the cases that it asks for, until it is done or the time is up. */
export async function shrinkCase(
  runner: ScenarioRunner,
  failing: { readonly first: Case; readonly broken: Violation },
  settings: RunSettings,
  limits: ShrinkLimits = {},
): Promise<ShrunkCase> {
  const { runsMax = SHRINK_RUNS_MAX, timeMs = Infinity, onProgress } = limits;
  const began = performance.now();
  const passing = shrink(failing.first, failing.broken, { runsMax });
  let smallest = Infinity;
  let runs = 0;
  let next = passing.next();
  while (next.done !== true) {
    const asked = next.value;
    const inTime = performance.now() - began < timeMs;
    const result = inTime ? await runCase(runner, asked, settings) : undefined;
    runs += 1;
    const size = countOperations(asked.scenario);
    if (result?.violation?.property === failing.broken.property && size < smallest) {
      smallest = size;
      onProgress?.(runs, asked);
    }
    next = passing.next(result);
  }
  const shrunk = next.value;
  const result = await runCase(runner, shrunk.smallest, { ...settings, keepTrace: true });
  return { ...shrunk, result, seconds: (performance.now() - began) / 1000 };
}

/** Runs a case and keeps what it drew. */
export async function runCase(
  runner: ScenarioRunner,
  { scenario, tapes, offTape }: Case,
  settings: RunSettings,
): Promise<RunResult> {
  return await runner.run(scenario, { ...settings, tapes, offTape, record: true });
}
