import type { Case, RunResult, RunSettings, Violation } from "../../sim/index.ts";
import type { ScenarioRunner } from "../scenario-runner.ts";

/** What became of many futures of one past. */
export interface LikelihoodPoint {
  /** Up to this step all of them did the same. */
  readonly step: number;
  readonly runs: number;
  /** Broke the property of the run that they come from, or any when that one held. */
  readonly failed: number;
}

export interface LikelihoodPlan {
  /** How many steps to look at, from the first to the last. */
  readonly points: number;
  readonly runsPerPoint: number;
  readonly settings: Pick<RunSettings, "engine">;
  readonly goesOn: () => boolean;
  readonly onPoint?: (point: LikelihoodPoint) => void;
}

/**
 * How likely the failure still was at each moment: repeats the run up to a step, and lets chance decide
 * anew from there, many times. Where the likelihood jumps, something happened that the failure needs.
 */
export async function likelihood(
  runner: ScenarioRunner,
  known: { readonly first: Case; readonly result: RunResult },
  plan: LikelihoodPlan,
): Promise<readonly LikelihoodPoint[]> {
  const points: LikelihoodPoint[] = [];
  for (const step of spread(known.result.steps, plan.points)) {
    if (!plan.goesOn()) {
      break;
    }
    const point = await pointAt(runner, known, { ...plan, step });
    points.push(point);
    plan.onPoint?.(point);
  }
  return points;
}

async function pointAt(
  runner: ScenarioRunner,
  { first, result }: { readonly first: Case; readonly result: RunResult },
  plan: LikelihoodPlan & { readonly step: number },
): Promise<LikelihoodPoint> {
  const { step, settings } = plan;
  const { scenario, tapes, offTape } = first;
  let runs = 0;
  let failed = 0;
  while (runs < plan.runsPerPoint && plan.goesOn()) {
    const fresh = { step, seed: `${scenario.seed}/future ${runs}` };
    const future = await runner.run(scenario, { ...settings, tapes, offTape, fresh });
    runs += 1;
    failed += isTheFailure(future.violation, result.violation) ? 1 : 0;
  }
  return { step, runs, failed };
}

function isTheFailure(found: Violation | undefined, wanted: Violation | undefined): boolean {
  return found !== undefined && (wanted === undefined || found.property === wanted.property);
}

/** From the first step to the one before the last: behind it nothing is left to chance. */
function spread(steps: number, points: number): readonly number[] {
  const last = Math.max(0, steps - 1);
  const count = Math.min(points, last + 1);
  const chosen = Array.from({ length: count }, (_, index) =>
    count === 1 ? 0 : Math.round((last * index) / (count - 1)),
  );
  return [...new Set(chosen)];
}
