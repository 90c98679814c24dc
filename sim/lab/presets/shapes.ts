import type {
  Loss,
  PolicyPromise,
  SyncDecision,
  SyncPolicy,
  SyncPolicyState,
} from "../../../engine/log/sync-policy.ts";

/** Decisions and promises that presets are put together from. */
export type Decide = SyncPolicy["decide"];

export const NOTHING: Loss = { kind: "nothing" };
export const ANY_SUFFIX: Loss = { kind: "suffix" };

export const LOSES_NOTHING: PolicyPromise = { process: NOTHING, os: NOTHING, power: NOTHING };

/** What a page cache gives: the program may die, the system may not. */
export const SURVIVES_THE_PROCESS: PolicyPromise = {
  process: NOTHING,
  os: ANY_SUFFIX,
  power: ANY_SUFFIX,
};

/** The same for every crash. */
export function always(loss: Loss): PolicyPromise {
  return { process: loss, os: loss, power: loss };
}

/** Nothing for the process, this for the system. */
export function forTheSystem(loss: Loss): PolicyPromise {
  return { process: NOTHING, os: loss, power: loss };
}

/**
 * Writes and syncs what is there, again and again; what arrives meanwhile shares the next sync. A sync
 * covers only what was written before it was called.
 */
export function syncAtOnce(state: SyncPolicyState): SyncDecision {
  const idle = !state.writeInFlight && !state.syncInFlight;
  const sync = idle && state.syncableBytes > 0;
  return { write: idle && !sync && state.buffered.commits > 0, sync };
}

/** Hands everything over at once and never asks for a sync. */
export function writeAtOnce({ buffered }: SyncPolicyState): SyncDecision {
  return { write: buffered.commits > 0, sync: false };
}

export interface FlushOptions {
  /** Sync once the oldest commit that is not durable is so old, */
  readonly intervalMs?: number;
  /** or once so many are not durable, */
  readonly commits?: number;
  /** or so many log bytes. */
  readonly bytes?: number;
  /** Write with the sync only. @defaultValue false: write at once */
  readonly writeLate?: boolean;
  /** Acknowledge nothing that is not durable while the oldest commit that is not is older than this, */
  readonly holdMs?: number;
  /** or while more than so many are not durable. */
  readonly holdCommits?: number;
}

/** Syncs in the background, by age, count or bytes. */
export function flush(options: FlushOptions): Decide {
  const { writeLate = false } = options;
  return ({ unsynced, buffered, nowMs }) => {
    if (unsynced.oldestMs === undefined) {
      return { write: false, sync: false };
    }
    const dueMs = unsynced.oldestMs + (options.intervalMs ?? Number.MAX_VALUE);
    const due =
      nowMs >= dueMs ||
      isFull(unsynced.commits, options.commits) ||
      isFull(unsynced.bytes, options.bytes);
    const hold =
      nowMs > unsynced.oldestMs + (options.holdMs ?? Number.MAX_VALUE) ||
      unsynced.commits > (options.holdCommits ?? Number.MAX_VALUE);
    const write = buffered.commits > 0 && (due || !writeLate);
    const wake = due || options.intervalMs === undefined ? {} : { wakeAtMs: dueMs };
    return { write, sync: due, hold, ...wake };
  };
}

function isFull(amount: number, limit: number | undefined): boolean {
  return limit !== undefined && amount >= limit;
}
