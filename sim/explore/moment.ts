import type { World } from "../run/world.ts";
import type { Life } from "../oracle/history.ts";

/** The kinds of crash that an exploration tries: what an `os` crash may leave, a `power` cut may leave too. */
export const EXPLORED_KINDS = ["process", "power"] as const;

export type ExploredKind = (typeof EXPLORED_KINDS)[number];

/** What the store was at when it was struck. */
export const PHASES = ["creation", "life", "recovery", "reopened"] as const;

export type Phase = (typeof PHASES)[number];

/** One crash on the way to a moment. */
export interface Strike {
  readonly world: World;
  readonly phase: Phase;
  readonly kind: ExploredKind;
  /** Scheduler steps from the beginning of the phase. */
  readonly steps: number;
  /** Calls in flight that drew whether they took effect: here none of them did. */
  readonly landing: number;
  /** What was answered when the disk asked what survives. */
  readonly survival: readonly number[];
}

/** A place in a run at which the store may be struck, with all that led there. */
export interface Moment {
  readonly world: World;
  readonly phase: Phase;
  /** The scheduler's step with which the phase began. */
  readonly since: number;
  /** The life that is owed; undefined while the store is made. */
  readonly life: Life | undefined;
  /** Crashes before, the first one first. */
  readonly path: readonly Strike[];
  /** Crashes since the life ended. */
  readonly endings: readonly ExploredKind[];
}

/** Changes whenever a crash might leave something else than before, or something else is owed. */
export function markOf({ world, life }: Moment): string {
  const { sequence, counters } = world.disk;
  const { acked = 0, durable = 0, observed = 0, glimpsed } = life ?? {};
  return [
    sequence,
    counters.syncs,
    counters.directorySyncs,
    acked,
    durable,
    observed,
    glimpsed?.size ?? 0,
  ].join("/");
}
