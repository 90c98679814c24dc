import type { FailureRecord } from "./failure-record.ts";
import { runScenario, type RunOptions, type RunResult, type RunSettings } from "./run-scenario.ts";

/**
 * - `same`: the same property is broken. `step` is there when the way to it was another.
 * - `fixed`: nothing is broken.
 * - `diverged`: the run left the recorded path and broke another property.
 */
export interface Replay {
  readonly outcome: "same" | "fixed" | "diverged";
  /** The scheduler step by which the run was on another path than the record. */
  readonly step?: number;
  readonly why?: string;
  readonly result: RunResult;
}

/** Runs the recorded scenario with the recorded choices. */
export function replayRecord(record: FailureRecord, options: RunOptions): Replay {
  return compareReplay(record, runScenario(record.scenario, replaySettings(record, options)));
}

/** Settings under which a scenario replays a record. */
export function replaySettings<T extends RunSettings>(record: FailureRecord, settings: T): T {
  return { ...settings, tapes: record.tapes };
}

/** What a finished replay means. */
export function compareReplay(record: FailureRecord, result: RunResult): Replay {
  if (result.traceHash === record.traceHash) {
    return { outcome: "same", result };
  }
  const step = firstDifference(record, result);
  const { violation } = result;
  if (violation === undefined) {
    const why = `nothing is broken; the run was on another path by step ${step}`;
    return { outcome: "fixed", step, why, result };
  }
  if (violation.property === record.violation.property) {
    const why = `the same property is broken on a path that differs by step ${step}`;
    return { outcome: "same", step, why, result };
  }
  const why = `${violation.property} is broken, the record says ${record.violation.property}`;
  return { outcome: "diverged", step, why, result };
}

/** The first mark at which the two runs differ; the end of the run when all marks agree. */
function firstDifference(record: FailureRecord, result: RunResult): number {
  for (const [index, mark] of record.marks.entries()) {
    const other = result.marks[index];
    if (other === undefined || other.hash !== mark.hash) {
      return other === undefined ? mark.step : Math.min(mark.step, other.step);
    }
  }
  return result.steps;
}
