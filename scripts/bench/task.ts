import type { PeerName, WorkloadName } from "./catalog.ts";

/** What one process does: a workload on one peer, or the making of a store that others start from. */
export interface Task {
  readonly peer: PeerName;
  readonly job: WorkloadName | "crash";
  readonly directory: string;
  readonly keys: number;
  /** How long a workload that could go on for ever is measured. */
  readonly budgetMs: number;
  /** Size of the log that a crash leaves. */
  readonly logBytes: number;
}

/** What a workload came to. */
export interface Figures {
  /** In the workload's unit. */
  readonly perSecond: number;
  readonly operations: number;
  readonly elapsedMs: number;
  /** Bytes of keys and values committed, and what was written for them; only where something is written. */
  readonly committedBytes?: number;
  /** The most that JavaScript objects took, where that was watched. */
  readonly peakHeapBytes?: number;
  readonly written?: WrittenBytes;
}

export type Outcome =
  | {
      readonly kind: "measured";
      readonly figures: Figures;
      readonly peakBytes: number;
    }
  /** The peer is not installed, or not for this machine. */
  | { readonly kind: "missing"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };

export interface WrittenBytes {
  /** Bytes given to write calls; known on Linux only. */
  readonly handed: number | undefined;
  /** Bytes of page cache made dirty, or, where nobody counts them, the size of the files. */
  readonly dirtied: number;
  readonly dirtiedFrom: "/proc/self/io write_bytes" | "file sizes";
}

/** Both ends are one program: a look at the shape is enough to notice that somebody else started a runner. */
export function taskOf(text: string): Task {
  const found: unknown = JSON.parse(text);
  if (!isTask(found)) {
    throw new Error("the runner is started by the benchmark, with a task");
  }
  return found;
}

function isTask(found: unknown): found is Task {
  return typeof found === "object" && found !== null && "peer" in found && "job" in found;
}

export function isOutcome(found: unknown): found is Outcome {
  return typeof found === "object" && found !== null && "kind" in found;
}
