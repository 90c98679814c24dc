import { batchBytes } from "../log/batch-format.ts";
import type { EpochPlan } from "../log/epoch-start.ts";
import type { DoubleWriteReport } from "../pages/double-write.ts";
import type { Control } from "./control-format.ts";
import type { ExaminedLog } from "./examine-log.ts";
import type { RedoCounts } from "./redo.ts";
import type { TransactionTable } from "./transaction-table.ts";

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
  /** Where the last checkpoint let this open begin to read the log. */
  readonly startLsn: number;
  /** End of the log that was accepted. */
  readonly endLsn: number;
  /** The log was known durable up to here, before this open made the rest durable. */
  readonly durableLsn: number;
  readonly segmentsRead: number;
  readonly batchesRead: number;
  readonly recordsRead: number;
  /** Records that changed a page: the disk did not have them. */
  readonly recordsRedone: number;
  /** Committed transactions in the log that was read. */
  readonly transactionsRedone: number;
  /** Transactions without a commit whose changes were undone. */
  readonly transactionsUndone: number;
  readonly changesUndone: number;
  /** Torn pages that the double-write area had whole. */
  readonly pagesRestored: number;
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

export interface ReportSources {
  /** Undefined for a store that was made. */
  readonly examined: ExaminedLog | undefined;
  readonly control: Control;
  readonly plan: EpochPlan;
  readonly table: TransactionTable;
  readonly redone: RedoCounts;
  readonly changesUndone: number;
  readonly restored: DoubleWriteReport;
}

export function reportOf(sources: ReportSources): RecoveryReport {
  const { examined, control, plan, table, redone, changesUndone, restored } = sources;
  const evidence = examined?.evidence;
  return {
    created: examined === undefined,
    cleanShutdown: examined?.closed ?? false,
    epoch: plan.epoch,
    lastCommitNumber: table.lastCommit,
    startLsn: control.startLsn,
    endLsn: evidence?.endLsn ?? plan.endLsn,
    durableLsn: evidence?.durableLsn ?? plan.endLsn,
    segmentsRead: evidence?.segments.length ?? 0,
    batchesRead: evidence?.batches ?? 0,
    recordsRead: redone.records,
    recordsRedone: redone.recordsRepeated,
    transactionsRedone: table.committed,
    transactionsUndone: table.open.length,
    changesUndone,
    pagesRestored: restored.restored.length,
    tail: tailOf(examined),
    rewrittenBytes: plan.tail.reduce(
      (sum, { header }) => sum + batchBytes(header.payloadBytes, plan.sectorBytes),
      0,
    ),
  };
}

function tailOf(examined: ExaminedLog | undefined): TailReport {
  if (examined === undefined) {
    return { kind: "end", file: "", offset: 0, because: "a new store", batchesTrimmed: 0 };
  }
  const { evidence, decision } = examined;
  return {
    kind: decision === "trim" ? "torn" : "end",
    file: evidence.lastSegment.file.name,
    offset: evidence.endOffset,
    because: evidence.rejected,
    batchesTrimmed: evidence.batchesBeyondEnd,
  };
}
