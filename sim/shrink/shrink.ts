import { PrngChoices } from "../core/choices.ts";
import type { Violation } from "../oracle/verdict.ts";
import { countOperations } from "../scenario/scenario.ts";
import { resample } from "./resample.ts";
import { shrinkCrashes, shrinkMoments } from "./shrink-crashes.ts";
import { shrinkPrograms } from "./shrink-programs.ts";
import { shrinkSchedule } from "./shrink-schedule.ts";
import { shrinkSettings } from "./shrink-settings.ts";
import { shrinkSurvival } from "./shrink-survival.ts";
import { shrinkTapes } from "./shrink-tapes.ts";
import { type Case, type Passing, Shrinking } from "./shrinking.ts";

export interface ShrinkOptions {
  /** The most runs that may be asked for. @defaultValue 4000 */
  readonly runsMax?: number;
}

/** A smaller case that fails in the same way. */
export interface Shrunk {
  readonly smallest: Case;
  /** Runs that it took. */
  readonly runs: number;
  /** False when the budget or the time ended it: trying longer may find a smaller one. */
  readonly complete: boolean;
}

export const SHRINK_RUNS_MAX = 4000;

/** What a person reads without effort; what is larger is worth tries that start from elsewhere. */
const READABLE_OPERATIONS = 8;

/**
 * Looks for the smallest case that breaks the same property: along every axis that a run has (clients,
 * items, steps, crashes, faults, which pieces survive, the schedule, keys, values, options), greedily,
 * until nothing gets smaller. Deterministic: the same case and the same engine give the same result.
 */
export function* shrink(
  first: Case,
  broken: Violation,
  options: ShrinkOptions = {},
): Passing<Shrunk> {
  const state = new Shrinking(first, broken, options.runsMax ?? SHRINK_RUNS_MAX);
  const choices = new PrngChoices(`${first.scenario.seed}/shrink`);
  let leaps = true;
  while (leaps && !state.isSpent) {
    yield* repeatedly(state, (now) => resample(now, choices));
    yield* shrinkSchedule(state);
    yield* repeatedly(state, oneRound);
    leaps =
      countOperations(state.best.scenario) > READABLE_OPERATIONS &&
      (yield* resample(state, choices));
  }
  yield* repeatedly(state, shrinkTapes);
  yield* repeatedly(state, oneRound);
  return { smallest: state.best, runs: state.runs, complete: !state.isSpent };
}

type Pass = (state: Shrinking) => Passing<boolean>;

function* repeatedly(state: Shrinking, pass: Pass): Passing<void> {
  while (!state.isSpent && (yield* pass(state))) {
    // Until nothing gets smaller.
  }
}

const PASSES: readonly Pass[] = [
  shrinkCrashes,
  shrinkPrograms,
  shrinkMoments,
  shrinkSurvival,
  shrinkSchedule,
  shrinkSettings,
];

function* oneRound(state: Shrinking): Passing<boolean> {
  let progress = false;
  for (const pass of PASSES) {
    progress = (yield* pass(state)) || progress;
  }
  return progress;
}
