import type { Violation } from "../oracle/verdict.ts";
import { type Phase, PHASES } from "./moment.ts";
import type { Replayable } from "./replay-of.ts";
import type { Tier } from "./survival-tiers.ts";

/** How far an exploration goes. */
export interface Bound {
  /** Of the crashes that strike a store while it is made or used. */
  readonly tier: Tier;
  /** Of crashes that strike a recovery, or a store right after one. */
  readonly nestedTier: Tier;
  /** Crashes in a row, at most: 1 is a crash and a recovery, 2 strikes that recovery as well. */
  readonly depth: number;
}

/** A property that broke on some path. */
export interface FoundViolation {
  readonly violation: Violation;
  /** Each crash on the way: what the store was at, and what kind of crash. */
  readonly path: readonly string[];
  readonly replayable: Replayable;
  /** Paths that broke the same property; the first one is told. */
  times: number;
}

/** What was explored, in numbers. */
export interface ExplorationCounts {
  readonly crashPoints: Record<Phase, number>;
  /** Crash points times outcomes tried. */
  states: number;
  /** Outcomes that left what another outcome of the same crash point had left. */
  sameHere: number;
  /** Outcomes that left a disk which an earlier crash point had left too. */
  sameImage: number;
  /** Other disks that no recovery can tell from one before: they differ where none reads. */
  readAlike: number;
  /** Recoveries that were run, read back and checked. */
  recoveries: number;
  /** Recovered states that were compared with the history. */
  judged: number;
  /** Crash points with so many combinations that not all were tried. */
  cutShort: number;
}

export interface Exploration {
  readonly bound: Bound;
  readonly counts: ExplorationCounts;
  /** False when the budget ended it first, or a crash point had too many combinations. */
  readonly complete: boolean;
  /** By property, in the order of discovery. */
  readonly broken: readonly FoundViolation[];
}

export function noCounts(): ExplorationCounts {
  return {
    crashPoints: { creation: 0, life: 0, recovery: 0, reopened: 0 },
    states: 0,
    sameHere: 0,
    sameImage: 0,
    readAlike: 0,
    recoveries: 0,
    judged: 0,
    cutShort: 0,
  };
}

/** Crash points of all phases. */
export function allCrashPoints({ crashPoints }: ExplorationCounts): number {
  return PHASES.reduce((sum, phase) => sum + crashPoints[phase], 0);
}
