import type { CrashStyle } from "../disk/crash-style.ts";
import type { DeviceTimingName } from "../disk/device-timing.ts";
import type { ProfileName } from "../disk/profiles.ts";

/**
 * How a store of the lab comes down. `sync-error`: a sync of the log fails, the program ends, is started
 * again while the system lives on, and later the power goes: what the restart showed has to stay.
 */
export const LAB_CRASH_KINDS = ["process", "os", "power", "sync-error"] as const;

export type LabCrashKind = (typeof LAB_CRASH_KINDS)[number];

/** What somebody does, and when: microseconds after the store opened. */
export type LabStep =
  /** Step i gives two keys new values: one of its own, and one that every commit writes. */
  | { readonly kind: "commit"; readonly atUs: number; readonly bytes: number }
  /** As `commit`, with `{ sync: true }`. */
  | { readonly kind: "durable-commit"; readonly atUs: number; readonly bytes: number }
  /** `db.sync()`. */
  | { readonly kind: "sync"; readonly atUs: number }
  /** Somebody sets the wall clock. */
  | { readonly kind: "clock-jump"; readonly atUs: number; readonly byMs: number };

/** When it comes down; of a `sync-error`: from when on the next sync fails. */
export type LabMoment =
  | { readonly after: "time"; readonly us: number }
  /** At once after this many acknowledgements: where a promise that was given too early shows. */
  | { readonly after: "acknowledgements"; readonly count: number };

/** Syncs that take longer: from the nth on, so many. */
export interface SlowSyncs {
  readonly nth: number;
  readonly calls: number;
  readonly ms: number;
}

/** One experiment as data: the same scenario under the same policy always ends the same way. */
export interface LabScenario {
  /** Of every draw that is not written down here: latencies, and what survives. */
  readonly seed: string;
  readonly profile: ProfileName;
  readonly timing: DeviceTimingName;
  readonly segmentBytes: number;
  readonly steps: readonly LabStep[];
  readonly crash: LabCrashKind;
  readonly moment: LabMoment;
  /** At the latest: microseconds after the store opened. */
  readonly endUs: number;
  /** Undefined: drawn. */
  readonly survival?: CrashStyle;
  readonly slowSyncs: readonly SlowSyncs[];
  /** Timers ring up to this late. */
  readonly timerLateUs: number;
}

export function isCommit(step: LabStep): step is Extract<LabStep, { readonly bytes: number }> {
  return step.kind === "commit" || step.kind === "durable-commit";
}
