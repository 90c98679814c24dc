/**
 * What a campaign found: plain data, written as JSON while the campaign runs and read by every reporter.
 * A campaign is many seeds, each one run of the simulator.
 */
export interface CampaignReport {
  readonly schema: "seawall-campaign";
  readonly version: 1;
  readonly engineVersion: string;
  /** False while the campaign runs, and for ever when it was interrupted or killed. */
  readonly complete: boolean;
  readonly verdict: CampaignVerdict;
  readonly seeds: CampaignSeeds;
  readonly workers: number;
  readonly elapsedMs: number;
  /** 16 hex digits over the trace of every finished seed, whatever ran where and in which order. */
  readonly traceHash: string;
  readonly totals: CampaignCounts;
  /** One per policy and profile that had a seed, in the order of the names. */
  readonly cells: readonly CampaignCell[];
  /** How often each probe was reached; every registered probe is here, with 0 when it never was. */
  readonly probes: Readonly<Record<string, number>>;
  /** How far each fault came, in seeds. */
  readonly ledger: Readonly<Record<string, LedgerCounts>>;
  /**
   * Probes, and entries of the ledger, that a complete campaign of this size has to reach, and that this one did not: it proves nothing
   * about them, and the verdict is "untrusted". Missing when there are none.
   */
  readonly missedProbes?: readonly string[];
  /** In ascending order of seeds. */
  readonly failures: readonly CampaignFailure[];
  /** Runs that say nothing, in ascending order of seeds: with one of them the verdict is "untrusted". */
  readonly untrusted: readonly UntrustedRun[];
}

/** Seeds whose scenario held a fault, in which it struck, was met by the store, and was judged. */
export interface LedgerCounts {
  readonly armed: number;
  readonly fired: number;
  readonly reached: number;
  readonly judged: number;
}

/** Untrusted outranks broken: a harness that errs may err about what it calls broken too. */
export type CampaignVerdict = "held" | "broken" | "untrusted";

export interface CampaignSeeds {
  readonly first: number;
  /** Undefined for a campaign limited by time. */
  readonly planned?: number;
  readonly shard?: string;
}

export interface CampaignCounts {
  /** Seeds that ran to their end, whatever they found. */
  readonly seeds: number;
  /** Seeds that ran a second time to compare their traces. */
  readonly repeated: number;
  readonly crashes: number;
  readonly operations: number;
  readonly checks: number;
  /**
   * Of the seeds, those that ended before there was anything to compare: the device took what no store can
   * do without while it was being made, and the store rightly refused. A few are legal.
   */
  readonly unchecked: number;
  readonly steps: number;
  readonly virtualMs: number;
  readonly broken: number;
}

export interface CampaignCell extends CampaignCounts {
  readonly policy: string;
  readonly profile: string;
}

export interface CampaignFailure {
  readonly seed: number;
  readonly policy: string;
  readonly profile: string;
  /** "P1" to "P12", or "isolation". */
  readonly property: string;
  readonly message: string;
  readonly details: readonly string[];
  readonly traceHash: string;
  /** Where the failure record is; undefined once there are too many to keep. */
  readonly record?: string;
  /** One line for a shell that replays this failure. */
  readonly replay: string;
}

/**
 * - diverged: the same seed ran twice and left two traces;
 * - vacuous: the run checked nothing, and nothing that struck it explains why;
 * - error: the harness itself failed;
 * - hung: the run did not end in time and was stopped;
 * - worker-crash: the worker died in this run.
 */
export type UntrustedKind = "diverged" | "vacuous" | "error" | "hung" | "worker-crash";

export interface UntrustedRun {
  readonly seed: number;
  readonly policy: string;
  readonly profile: string;
  readonly kind: UntrustedKind;
  readonly message: string;
  readonly replay: string;
}
