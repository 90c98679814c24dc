import type { CampaignCell, CampaignFailure, UntrustedRun } from "../../reports/index.ts";
import type { Selection } from "./cell.ts";
import type { SeedRange } from "./seed-range.ts";

/** A stretch of seeds for one worker, small enough that progress shows and a lost one costs little. */
export interface Chunk extends SeedRange {
  readonly selection: Selection;
}

/** What one chunk found: plain data that crosses a thread boundary. */
export interface ChunkResult {
  readonly cells: readonly CampaignCell[];
  readonly probes: Readonly<Record<string, number>>;
  readonly ledger: Readonly<Record<string, number>>;
  /** Sum of the seeds' hashes modulo 2^64, as hex digits. */
  readonly traceSum: string;
  readonly failures: readonly FoundFailure[];
  readonly untrusted: readonly FoundUntrusted[];
}

/** `replay` is added where the record's file name is known. */
export interface FoundFailure extends Omit<CampaignFailure, "record" | "replay"> {
  /** The failure record as JSON text; undefined when none could be made. */
  readonly recordText?: string;
}

export type FoundUntrusted = Omit<UntrustedRun, "replay">;

/** Runs chunks somewhere else; several at a time. */
export interface ChunkRunner {
  /** @throws LostChunkError when the worker hung or died. */
  run(chunk: Chunk): Promise<ChunkResult>;
  /** Stops whatever still runs. Pending calls reject. */
  close(): Promise<void>;
}

/** A worker hung or died while it ran `seed`; nothing of its chunk is known. */
export class LostChunkError extends Error {
  override readonly name = "LostChunkError";
  /** Undefined when the worker never came to run a seed at all. */
  readonly seed: number | undefined;
  readonly kind: "hung" | "worker-crash";

  constructor(kind: "hung" | "worker-crash", seed: number | undefined, message: string) {
    super(message);
    this.kind = kind;
    this.seed = seed;
  }
}
