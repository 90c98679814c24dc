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
  /** Of these, changes of several pages at once. */
  readonly structuresRedone: number;
  /** Records behind the redo point that the pages had already. */
  readonly recordsSkipped: number;
  /** Committed transactions in the log that was read. */
  readonly transactionsRedone: number;
  /** Transactions without a commit whose changes were undone. */
  readonly transactionsUndone: number;
  /** Of these, those whose undoing an earlier recovery, or a rollback, had begun. */
  readonly undosContinued: number;
  readonly changesUndone: number;
  /** Pages that the double-write area had whole and newer than they were in place. */
  readonly pagesRestored: number;
  /** Of these, those that were torn. */
  readonly pagesTorn: number;
  /** Pages that were not whole, and that the log holds all of. */
  readonly pagesRebuilt: number;
  /** Slots of the control file that could not be read: recovery began from the other one. */
  readonly controlSlotsLost: number;
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
  readonly undosContinued: number;
  readonly restored: DoubleWriteReport;
  readonly controlSlotsLost: number;
}

export function reportOf(sources: ReportSources): RecoveryReport {
  const { examined, control, plan, table, redone, restored } = sources;
  const { pages } = redone;
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
    recordsRedone: pages.repeated,
    structuresRedone: pages.structures,
    recordsSkipped: pages.skipped,
    transactionsRedone: table.committed,
    transactionsUndone: table.open.length,
    undosContinued: sources.undosContinued,
    changesUndone: sources.changesUndone,
    pagesRestored: restored.restored.length,
    pagesTorn: restored.torn.length,
    pagesRebuilt: pages.rebuilt,
    controlSlotsLost: sources.controlSlotsLost,
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
