import { SeawallError } from "../base/errors.ts";
import type { Lsn } from "../base/units.ts";
import type { AcceptedBatch } from "../log/log-reader.ts";
import type { RedoRehearsal } from "../pages/redo-rehearsal.ts";
import type { PageRedo, PageRedoCounts } from "../pages/redo.ts";
import { batchesForward, recordsOf } from "./log-source.ts";
import type { LocatedRecord, LogStretch } from "./log-source.ts";
import type { TransactionTable } from "./transaction-table.ts";

/** What redo did. */
export interface RedoCounts {
  readonly records: number;
  readonly pages: Readonly<PageRedoCounts>;
}

/**
 * The second half of analysis, and redo: notes every record in the transaction table, and repeats what the
 * pages do not have yet, losers' changes too. Undo then starts from the state that the crash left,
 * whichever records it was in the middle of. Idempotent: pages know which record changed them last.
 *
 * @throws SeawallError `CORRUPTION` when the log contradicts itself, or a page cannot be made whole.
 */
export async function redoLog(
  stretch: LogStretch,
  redoLsn: Lsn,
  table: TransactionTable,
  pages: PageRedo,
): Promise<RedoCounts> {
  let records = 0;
  for await (const batches of batchesForward(stretch)) {
    for (const batch of batches) {
      // A batch at a time: the records of a whole segment would outlive their youth in memory.
      records += await redoBatch(batch, redoLsn, table, pages);
    }
  }
  await pages.end();
  return { records, pages: pages.counts };
}

/**
 * Shows the rehearsal what `redoLog` repeats. Changes nothing.
 *
 * @throws SeawallError `CORRUPTION` when a page cannot be made whole.
 */
export async function rehearseRedo(
  stretch: LogStretch,
  redoLsn: Lsn,
  rehearsal: RedoRehearsal,
): Promise<void> {
  for await (const batches of batchesForward(stretch)) {
    for (const batch of batches) {
      await rehearseBatch(batch, redoLsn, rehearsal);
    }
  }
}

async function rehearseBatch(
  batch: AcceptedBatch,
  redoLsn: Lsn,
  rehearsal: RedoRehearsal,
): Promise<void> {
  for (const { record, lsn } of recordsOf(batch)) {
    const waiting = lsn < redoLsn ? undefined : rehearsal.repeat(record);
    if (waiting !== undefined) {
      await waiting;
    }
  }
}

async function redoBatch(
  batch: AcceptedBatch,
  redoLsn: Lsn,
  table: TransactionTable,
  pages: PageRedo,
): Promise<number> {
  const records = recordsOf(batch);
  for (const located of records) {
    note(located, table);
    const waiting = located.lsn < redoLsn ? undefined : pages.repeat(located.record, located.lsn);
    if (waiting !== undefined) {
      await waiting;
    }
  }
  return records.length;
}

function note({ record, lsn, file, offset }: LocatedRecord, table: TransactionTable): void {
  const contradiction = table.note(record, lsn);
  if (contradiction !== undefined) {
    throw new SeawallError("CORRUPTION", "the log contradicts itself", {
      place: { file, offset, ...contradiction },
    });
  }
}
