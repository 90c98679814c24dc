import { batchBytes } from "../log/batch-format.ts";
import type { EpochPlan } from "../log/epoch-start.ts";
import type { Recovered } from "./recover.ts";

/** What an open found and did. Plain data. */
export interface RecoveryReport {
  /** The store did not exist before. */
  readonly created: boolean;
  /** The store had been closed in good order. */
  readonly cleanShutdown: boolean;
  /** Number of this opening of the store. */
  readonly epoch: number;
  /** The last commit that the store holds. */
  readonly lastCommitNumber: number;
  /** End of the log that was accepted. */
  readonly endLsn: number;
  /** The log was known durable up to here, before this open made the rest durable. */
  readonly durableLsn: number;
  readonly segmentsRead: number;
  readonly batchesRead: number;
  readonly recordsRead: number;
  /** Committed transactions whose changes were applied. */
  readonly transactionsRedone: number;
  /** Transactions without a commit whose changes were undone. */
  readonly transactionsUndone: number;
  readonly changesUndone: number;
  /** What ended the log. */
  readonly tail: TailReport;
  /** Log bytes that were accepted, not known durable, and written anew. */
  readonly rewrittenBytes: number;
}

export interface TailReport {
  /** `end`: nothing was there. `torn`: what a crash leaves was trimmed. */
  readonly kind: "end" | "torn";
  readonly file: string;
  readonly offset: number;
  readonly because: string;
  /** Batches behind the tear that came through, and were trimmed with it. */
  readonly batchesTrimmed: number;
}

export function reportOfCreation({ epoch, endLsn }: EpochPlan): RecoveryReport {
  return {
    created: true,
    cleanShutdown: false,
    epoch,
    lastCommitNumber: 0,
    endLsn,
    durableLsn: endLsn,
    segmentsRead: 0,
    batchesRead: 0,
    recordsRead: 0,
    transactionsRedone: 0,
    transactionsUndone: 0,
    changesUndone: 0,
    tail: { kind: "end", file: "", offset: 0, because: "a new store", batchesTrimmed: 0 },
    rewrittenBytes: 0,
  };
}

export function reportOfRecovery(
  { evidence, decision, table, records }: Recovered,
  plan: EpochPlan,
  changesUndone: number,
): RecoveryReport {
  return {
    created: false,
    cleanShutdown: table.closed,
    epoch: plan.epoch,
    lastCommitNumber: table.lastCommit,
    endLsn: evidence.endLsn,
    durableLsn: evidence.durableLsn,
    segmentsRead: evidence.segments.length,
    batchesRead: evidence.batches,
    recordsRead: records,
    transactionsRedone: table.committed,
    transactionsUndone: table.open.length,
    changesUndone,
    tail: {
      kind: decision === "trim" ? "torn" : "end",
      file: evidence.lastSegment.file.name,
      offset: evidence.endOffset,
      because: evidence.rejected,
      batchesTrimmed: evidence.batchesBeyondEnd,
    },
    rewrittenBytes: plan.tail.reduce(
      (sum, { header }) => sum + batchBytes(header.payloadBytes, plan.sectorBytes),
      0,
    ),
  };
}
