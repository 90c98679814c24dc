import type { CrashSummary } from "../disk/crash-summary.ts";

/** A commit of an experiment: what was asked, and what was answered. */
export interface LabCommit {
  /** Its place among the scenario's steps, and what it wrote. */
  readonly step: number;
  readonly bytes: number;
  readonly calledUs: number;
  acknowledgedUs: number | undefined;
  /** In commit order; known once it was acknowledged. */
  number: number | undefined;
  rejected: boolean;
}

/** Something that happened, for the story of a counterexample. */
export interface LabEvent {
  readonly atUs: number;
  readonly text: string;
}

/** What was there after a reopen. */
export type LabFound = LabState | { readonly kind: "refused"; readonly reason: string };

export interface LabState {
  readonly kind: "state";
  /** Steps whose own key is there. */
  readonly steps: readonly number[];
  /** What the key that all commits write says; undefined when it is not there. */
  readonly last: number | undefined;
  /** A key that nobody wrote, or a value that nobody gave it. */
  readonly strange: string | undefined;
}

/** Everything that a judge needs to know of one experiment. */
export interface LabHistory {
  readonly commits: readonly LabCommit[];
  /** Commit numbers that an explicit sync, or a durable commit, made durable. */
  readonly upgradedThrough: number;
  /** When the store came down. */
  readonly crashedUs: number;
  readonly crash: CrashSummary;
  readonly found: LabFound;
  /** Of a `sync-error`: what was there after the power went as well. */
  readonly foundLater?: LabFound;
  /** False when no sync failed in a scenario that is about one. */
  readonly syncFailed: boolean;
}
