import type { Survival } from "./crash-image.ts";
import { describeCrashStyle } from "./crash-style.ts";
import { countParts, type NameOperation } from "./name-operation.ts";

/**
 * `process`: the program dies, everything it handed over stays. `os`: what was not synced is decided by
 * the file system. `power`: by the device too.
 */
export type CrashKind = "process" | "os" | "power";

/** What became of everything that was not durable. */
export interface CrashOutcome {
  /** In words. */
  readonly style: string;
  /** Pieces that the draw kept, before the profile's rules took some of them back. */
  readonly unitsKept: number;
  readonly unitsLost: number;
  readonly tornWrites: number;
  readonly namesKept: number;
  readonly namesLost: number;
  /** Ranges in which a file's size shows blocks whose writes were lost, filled with other than zeros. */
  readonly exposedRanges: number;
  readonly damagedSectors: number;
}

/** What a crash did. */
export interface CrashSummary extends CrashOutcome {
  readonly kind: CrashKind;
  /** Calls that were in flight, and how many of them took effect. */
  readonly inFlight: number;
  readonly landed: number;
}

export const OS_LIVED_ON: CrashOutcome = {
  style: "the operating system lived on",
  unitsKept: 0,
  unitsLost: 0,
  tornWrites: 0,
  namesKept: 0,
  namesLost: 0,
  exposedRanges: 0,
  damagedSectors: 0,
};

export function outcomeOf(survival: Survival, names: readonly NameOperation[]): CrashOutcome {
  const parts = countParts(names, survival.names);
  return {
    style: describeCrashStyle(survival.style),
    unitsKept: survival.unitsKept,
    unitsLost: survival.unitsLost,
    tornWrites: survival.files.reduce((sum, { tornWrites }) => sum + tornWrites, 0),
    namesKept: parts.kept,
    namesLost: parts.lost,
    exposedRanges: survival.exposed.length,
    damagedSectors: survival.damaged.length,
  };
}
