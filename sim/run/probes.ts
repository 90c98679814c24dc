import { defined } from "../../engine/base/assert.ts";

/**
 * Things that have to happen sometimes, or the storm proves nothing about them. Every name is known
 * before the first run, so that a campaign can say which never came up.
 */
export const PROBE_NAMES = [
  "process-crash",
  "os-crash",
  "power-crash",
  "clean-close",
  "crash-in-recovery",
  "crash-in-creation",
  "crash-with-commit-in-flight",
  "torn-write",
  "lost-name",
  "damaged-sector",
  "stale-block-exposed",
  "restart-after-failed-sync",
  "value-changed-by-its-owner",
  "tail-trimmed",
  "tail-rewritten",
  "redo-at-recovery",
  "undo-at-recovery",
  "segment-rotated",
  "segment-recycled",
  "batches-spanned",
  "segment-oversized",
  "log-poisoned",
  "acknowledged-commit-lost-within-promise",
  "in-flight-commit-landed",
  "in-flight-commit-lost",
  "unknown-outcome-landed",
  "unknown-outcome-lost",
  "conflict",
  "conflict-retried",
  "read-own-write",
  "read-older-snapshot",
  "scan-with-entries",
  "read-at-once",
  "rolled-back",
  "left-open",
  "sync-failed",
  "open-failed-and-retried",
  "disk-full",
  "disk-full-refused",
  "write-error",
  "read-error",
  "short-write",
  "short-read",
  "clock-jumped",
  "sync-slowed",
  "bit-flipped",
  "sector-spoiled",
  "damage-refused",
  "damage-masked",
  "damage-cost-last-group",
  "page-split",
  "page-merge",
  "overflow-written",
  "free-page-reused",
  "dirty-page-evicted",
  "spill",
  "checkpoint",
  "compacted",
  "store-made-where-one-was-removed",
  "crash-at-a-call",
  "crash-at-a-call-of-an-open",
  "segment-recycled-by-checkpoint",
  "crash-in-checkpoint",
  "crash-before-control-write",
  "crash-while-pages-written",
  "crash-in-redo",
  "crash-in-undo",
  "undo-with-clr",
  "undo-continued",
  "undo-kept",
  "structure-redone",
  "redo-skipped",
  "page-rebuilt",
  "torn-page-repaired",
  "double-write-replayed",
  "control-slot-lost",
  "page-sync-failed",
  "double-write-sync-failed",
  "control-sync-failed",
  "page-write-failed",
  "page-read-failed",
  "disk-full-for-pages",
  "damaged-page-refused",
  "damaged-page-masked",
  "damaged-double-write-masked",
  "damaged-control-masked",
  "damaged-page-lsns-masked",
  "clean-open",
  "alive-in-the-end",
  "opened-on-a-full-disk",
  "undetectable-loss-unnoticed",
  "undetectable-loss-refused",
  "old-page-refused",
  "page-copy-repaired",
  "log-copy-repaired",
  "control-copy-repaired",
  "old-copy-overruled",
  "scrub-repaired",
] as const;

export type ProbeName = (typeof PROBE_NAMES)[number];

/** Probes that fewer than one in some hundred seeds reach, with the seeds that surely do. */
const SEEDS_FOR_RARE: Readonly<Partial<Record<ProbeName, number>>> = {
  "damage-cost-last-group": 20_000,
  "unknown-outcome-landed": 10_000,
  "crash-in-undo": 10_000,
  "undo-continued": 10_000,
  "undo-kept": 20_000,
  "undetectable-loss-unnoticed": 10_000,
  "old-page-refused": 20_000,
  "log-copy-repaired": 5000,
  "control-copy-repaired": 5000,
  "scrub-repaired": 10_000,
};

const SEEDS_FOR_OTHERS = 2000;

/** Probes that a campaign of this many seeds has to reach: otherwise it proves nothing about them. */
export function demandedProbes(seeds: number): readonly ProbeName[] {
  return PROBE_NAMES.filter((name) => seeds >= (SEEDS_FOR_RARE[name] ?? SEEDS_FOR_OTHERS));
}

/** Counts how often each probe was reached. */
export class Probes {
  private readonly counts = new Map<ProbeName, number>(PROBE_NAMES.map((name) => [name, 0]));

  hit(name: ProbeName): void {
    this.counts.set(name, defined(this.counts.get(name), `the probe ${name}`) + 1);
  }

  /** Counts when the condition holds. */
  when(condition: boolean, name: ProbeName): void {
    if (condition) {
      this.hit(name);
    }
  }

  /** Every probe with its count, also those that were not reached. */
  report(): Record<string, number> {
    return Object.fromEntries(this.counts);
  }
}
