import { SeawallError } from "../base/errors.ts";
import type { Loss, SyncDecision, SyncPolicy, SyncPolicyState } from "./sync-policy.ts";

const NOTHING: Loss = { kind: "nothing" };

/** Names of the built-in policies. */
export type SyncPolicyName = "sync" | "batch" | "async" | "os";

export interface BatchPolicyOptions {
  /** Sync once this many commits wait. @defaultValue 64 */
  readonly commits?: number;
  /** Or this many log bytes. @defaultValue 1 MiB */
  readonly bytes?: number;
  /** Or once the oldest has waited this long. @defaultValue 2 */
  readonly delayMs?: number;
}

export interface AsyncPolicyOptions {
  /** Sync at the latest this long after the oldest commit that is not durable. @defaultValue 100 */
  readonly intervalMs?: number;
  /** Or once this many log bytes are not durable. @defaultValue 4 MiB */
  readonly bytes?: number;
}

/** Every commit is synced before it is acknowledged; whoever waits shares one sync. Loses nothing. */
export function syncPolicy(): SyncPolicy {
  return {
    name: "sync",
    acknowledgeAt: "synced",
    promise: { process: NOTHING, os: NOTHING, power: NOTHING },
    decide: writeThenSync,
  };
}

/**
 * Group commit: gathers commits by count, bytes or delay, then writes and syncs them together and
 * acknowledges. Loses nothing; a commit waits up to the delay for company.
 */
export function batchPolicy(options: BatchPolicyOptions = {}): SyncPolicy {
  const { commits = 64, bytes = 1024 * 1024, delayMs = 2 } = options;
  return {
    name: "batch",
    acknowledgeAt: "synced",
    promise: { process: NOTHING, os: NOTHING, power: NOTHING },
    decide: (state: SyncPolicyState): SyncDecision => {
      const { buffered, nowMs } = state;
      const full = buffered.commits >= commits || buffered.bytes >= bytes;
      // The same sum as the wake-up's: with another, rounding could find it not due when it rings.
      const dueMs = (buffered.oldestMs ?? nowMs) + delayMs;
      if (full || nowMs >= dueMs) {
        return writeThenSync(state);
      }
      const wake = buffered.commits === 0 ? {} : { wakeAtMs: dueMs };
      return { write: false, sync: !state.writeInFlight && state.syncableBytes > 0, ...wake };
    },
  };
}

/**
 * Acknowledged from memory; written at once, synced by interval or bytes. While more than an interval's
 * commits, or more than `bytes`, are not durable (a slow sync), new commits wait for their sync, so that
 * the loss stays inside the promise instead of growing with the disk's slowness.
 */
export function asyncPolicy(options: AsyncPolicyOptions = {}): SyncPolicy {
  const { intervalMs = 100, bytes = 4 * 1024 * 1024 } = options;
  const loss: Loss = { kind: "suffix", milliseconds: intervalMs, bytes };
  return {
    name: "async",
    acknowledgeAt: "appended",
    promise: { process: loss, os: loss, power: loss },
    decide: ({ unsynced, buffered, nowMs }: SyncPolicyState): SyncDecision => {
      if (unsynced.oldestMs === undefined) {
        return { write: false, sync: false };
      }
      const dueMs = unsynced.oldestMs + intervalMs;
      const due = nowMs >= dueMs || unsynced.bytes >= bytes;
      const hold = nowMs > dueMs || unsynced.bytes > bytes;
      const write = buffered.commits > 0;
      return due ? { write, sync: true, hold } : { write, sync: false, wakeAtMs: dueMs };
    },
  };
}

/**
 * Acknowledged once handed to the operating system, never synced by a commit: survives the death of the
 * process. After a power cut any suffix may be missing, back to the last `db.sync()` or, at the most, to
 * the last eight full log files.
 */
export function osPolicy(): SyncPolicy {
  return {
    name: "os",
    acknowledgeAt: "written",
    promise: { process: NOTHING, os: { kind: "suffix" }, power: { kind: "suffix" } },
    decide: ({ buffered }: SyncPolicyState): SyncDecision => ({
      write: buffered.commits > 0,
      sync: false,
    }),
  };
}

/**
 * A sync credits only what was written before it was called, so commits that arrive during one wait for
 * the next: writing them earlier would only make smaller batches.
 */
function writeThenSync(state: SyncPolicyState): SyncDecision {
  const idle = !state.writeInFlight && !state.syncInFlight;
  const sync = idle && state.syncableBytes > 0;
  return { write: idle && !sync && state.buffered.commits > 0, sync };
}

const BUILT_IN: Record<SyncPolicyName, () => SyncPolicy> = {
  sync: syncPolicy,
  batch: batchPolicy,
  async: asyncPolicy,
  os: osPolicy,
};

const LOSS_KINDS: ReadonlySet<string> = new Set(["nothing", "suffix", "may-corrupt"]);

/** @throws SeawallError `INVALID_ARGUMENT` for an unknown name or an incomplete policy. */
export function resolveSyncPolicy(policy: SyncPolicyName | SyncPolicy): SyncPolicy {
  if (typeof policy === "string") {
    const make = Object.hasOwn(BUILT_IN, policy) ? BUILT_IN[policy] : undefined;
    if (make === undefined) {
      throw new SeawallError(
        "INVALID_ARGUMENT",
        `unknown sync policy "${policy}": use ${Object.keys(BUILT_IN).join(", ")}, or a SyncPolicy object`,
      );
    }
    return make();
  }
  const { name, acknowledgeAt, decide, promise } = policy as Partial<SyncPolicy>;
  const known = ["appended", "written", "synced"].includes(acknowledgeAt ?? "");
  const promises = [promise?.process, promise?.os, promise?.power];
  const complete = known && promises.every((loss) => LOSS_KINDS.has(loss?.kind ?? ""));
  if (typeof name !== "string" || typeof decide !== "function" || !complete) {
    throw new SeawallError(
      "INVALID_ARGUMENT",
      "a sync policy needs a name, acknowledgeAt (appended, written or synced), a promise and decide()",
    );
  }
  return policy;
}
