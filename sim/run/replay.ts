import { firstDifferentStep } from "./path.ts";
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
  /** What this run did in that step, where its trace was kept. */
  readonly events?: readonly string[];
  readonly result: RunResult;
}

/** Runs the recorded scenario with the recorded choices. */
export function replayRecord(record: FailureRecord, options: RunOptions): Replay {
  return compareReplay(record, runScenario(record.scenario, replaySettings(record, options)));
}

/** Settings under which a scenario replays a record. */
export function replaySettings<T extends RunSettings>(record: FailureRecord, settings: T): T {
  const { tapes, offTape = "seed" } = record;
  return { ...settings, tapes, offTape, record: true };
}

/** What a finished replay means. */
export function compareReplay(record: FailureRecord, result: RunResult): Replay {
  if (result.traceHash === record.traceHash) {
    return { outcome: "same", result };
  }
  const step = firstDifference(record, result);
  return { ...outcomeOf(record, result, step), step, events: eventsOf(result, step), result };
}

function outcomeOf(
  record: FailureRecord,
  { violation }: RunResult,
  step: number,
): Pick<Replay, "outcome" | "why"> {
  if (violation === undefined) {
    const why = `nothing is broken; the run was on another path by step ${step}`;
    return { outcome: "fixed", why };
  }
  if (violation.property === record.violation.property) {
    const why = `the same property is broken on a path that differs by step ${step}`;
    return { outcome: "same", why };
  }
  const why = `${violation.property} is broken, the record says ${record.violation.property}`;
  return { outcome: "diverged", why };
}

function eventsOf({ trace = [], lineEnds = [] }: RunResult, step: number): readonly string[] {
  return trace.slice(lineEnds[step - 2] ?? 0, lineEnds[step - 1] ?? 0);
}

/** The first step, or where none are noted the first mark, at which the two runs differ; else the end. */
function firstDifference(record: FailureRecord, result: RunResult): number {
  if (record.path !== undefined && result.path !== undefined) {
    return firstDifferentStep(record.path, result.path) ?? result.steps;
  }
  for (const [index, mark] of record.marks.entries()) {
    const other = result.marks[index];
    if (other === undefined || other.hash !== mark.hash) {
      return other === undefined ? mark.step : Math.min(mark.step, other.step);
    }
  }
  return result.steps;
}
