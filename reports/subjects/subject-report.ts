import type { SubjectRow } from "../../sim/subjects/index.ts";

/** What the storm found of storage engines that nobody here wrote. Plain data. */
export interface SubjectsReport {
  readonly schema: "seawall-subjects";
  readonly version: 1;
  readonly engineVersion: string;
  readonly complete: boolean;
  readonly firstSeed: number;
  readonly elapsedMs: number;
  readonly workers: number;
  readonly subjects: readonly SubjectReport[];
  readonly verdict: "held" | "broken" | "untrusted";
}

export interface SubjectReport {
  readonly name: string;
  /** The user's file that it is from. */
  readonly file?: string;
  readonly about: string;
  /** The disk's profile. */
  readonly profile: string;
  readonly seeds: number;
  readonly commits: number;
  readonly crashes: number;
  /** What its seeds took of one thread. */
  readonly busyMs: number;
  readonly rows: readonly SubjectRow[];
  /** Seeds that had to be stopped, and why. */
  readonly hung: readonly SeedTrouble[];
  /** Seeds that say nothing: the subject failed before any crash, or did not repeat itself. */
  readonly untrusted: readonly SeedTrouble[];
  readonly verdict: "held" | "broken" | "untrusted";
}

export interface SeedTrouble {
  readonly seed: string;
  readonly message: string;
}
