/**
 * When commits are written, synced and acknowledged. A policy is data plus one pure decision; the log
 * writer asks it after every event (a commit was appended, a write or a sync ended, its timer rang).
 */
export interface SyncPolicy {
  /** Stable name, shown in reports. */
  readonly name: string;

  /** What must have happened to a commit's records before its promise resolves. */
  readonly acknowledgeAt: AcknowledgeAt;

  /** What this policy promises to lose at most, per kind of crash. The policy lab verifies it. */
  readonly promise: PolicyPromise;

  /** Pure: the same state gives the same decision. */
  decide(state: SyncPolicyState): SyncDecision;
}

/**
 * `appended`: in the log buffer, in this process's memory. `written`: handed to the operating system.
 * `synced`: covered by a sync that was called after the write resolved, and that succeeded.
 */
export type AcknowledgeAt = "appended" | "written" | "synced";

/** Commits that have not come to some point yet. */
export interface Backlog {
  readonly commits: number;
  readonly bytes: number;
  /** Monotonic time at which the oldest of them was appended; undefined when there is none. */
  readonly oldestMs: number | undefined;
}

export interface SyncPolicyState {
  /** Monotonic time. */
  readonly nowMs: number;
  /** In the log buffer, not yet given to a write. */
  readonly buffered: Backlog;
  /** Not covered by a completed sync, wherever they are: buffered, being written, written, being synced. */
  readonly unsynced: Backlog;
  /** Bytes written and not covered by a sync that is completed or in flight. */
  readonly syncableBytes: number;
  readonly writeInFlight: boolean;
  readonly syncInFlight: boolean;
}

export interface SyncDecision {
  /** Hand the buffered records to the operating system. Ignored while a write is in flight. */
  readonly write: boolean;
  /** Sync what is written. Ignored while a sync is in flight, or when nothing is to be synced. */
  readonly sync: boolean;
  /** While true, commits are acknowledged only once synced, whatever `acknowledgeAt` says. */
  readonly hold?: boolean;
  /** Ask again not later than at this monotonic time, when nothing happens before. */
  readonly wakeAtMs?: number;
}

/**
 * What a policy decided, when it is a decision at all: policies are written by users, and a wrong one must
 * stop the store rather than leave commits waiting for ever.
 *
 * @throws TypeError that says what is wrong with it.
 */
export function checkedDecision(decision: SyncDecision): SyncDecision {
  if (typeof (decision as unknown) !== "object" || (decision as unknown) === null) {
    throw new TypeError(`decide() must return a decision, not ${typeof decision}`);
  }
  const { write, sync, hold = false, wakeAtMs = 0 } = decision;
  if (!isBoolean(write) || !isBoolean(sync) || !isBoolean(hold) || !Number.isFinite(wakeAtMs)) {
    throw new TypeError(
      "decide() must return { write: boolean, sync: boolean, hold?: boolean, wakeAtMs?: a time }",
    );
  }
  return decision;
}

function isBoolean(value: unknown): boolean {
  return typeof value === "boolean";
}

/** The most that may be lost; always a suffix of the acknowledged commits. */
export type Loss =
  | { readonly kind: "nothing" }
  | {
      readonly kind: "suffix";
      /** Undefined: no bound of this unit. The strictest of the given bounds applies. */
      readonly commits?: number;
      /** Acknowledgement times of the lost commits span at most this. */
      readonly milliseconds?: number;
      /** Log bytes of the lost commits. */
      readonly bytes?: number;
    }
  | { readonly kind: "may-corrupt" };

export interface PolicyPromise {
  /** The process dies; the operating system lives on. */
  readonly process: Loss;
  /** The operating system dies; the device keeps what it was given. */
  readonly os: Loss;
  /** The power goes: the device's volatile cache is lost too. */
  readonly power: Loss;
}
