import { SeawallError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { lsn } from "../base/units.ts";
import type { Lsn } from "../base/units.ts";
import { BATCH_HEADER_BYTES } from "../log/batch-format.ts";
import { readLog } from "../log/log-reader.ts";
import type { AcceptedBatch, LogEvidence } from "../log/log-reader.ts";
import { decodeRecords } from "../log/record-codec.ts";
import { loadSegment } from "../log/segment-files.ts";
import type { SegmentFile } from "../log/segment-files.ts";
import { decideTail } from "../log/tail-decision.ts";
import type { TailDecision } from "../log/tail-decision.ts";
import type { StorageManager } from "../pages/storage-manager.ts";
import type { FileIO } from "../platform/file-io.ts";
import { redo } from "./redo.ts";
import { TransactionTable } from "./transaction-table.ts";

export interface RecoverySource {
  readonly files: FileIO;
  readonly directory: string;
  readonly segmentFiles: readonly SegmentFile[];
  readonly logger: Logger;
}

/** The log as read, its records applied; losers not undone yet. */
export interface Recovered {
  readonly evidence: LogEvidence;
  readonly decision: Exclude<TailDecision, "refuse">;
  readonly table: TransactionTable;
  readonly records: number;
}

/**
 * Analysis and redo: reads the log once, applies every record to the storage, and decides what the end
 * of the log is. Writes nothing to the disk, so that a refusal destroys no evidence.
 *
 * @throws SeawallError `CORRUPTION` for damage that a crash cannot explain; `IO` when a file cannot be
 * read: an unreadable sector is not the end of the log.
 */
export async function recover(source: RecoverySource, storage: StorageManager): Promise<Recovered> {
  const table = new TransactionTable();
  let records = 0;
  const evidence = await readLog(
    source.segmentFiles,
    async (file) => await loadSegment(source.files, source.directory, file),
    (batch) => {
      records += applyBatch(batch, table, storage);
    },
  );
  const decision = decideTail({
    belowDurable: evidence.endLsn < evidence.durableLsn,
    somethingThere: isSomethingThere(evidence),
  });
  if (decision === "refuse") {
    throw damaged(evidence);
  }
  const { endLsn, durableLsn, batches } = evidence;
  source.logger.info(
    { event: "recovery.redo", endLsn, durableLsn, batches, records, lastCommit: table.lastCommit },
    "log read and redone",
  );
  if (decision === "trim") {
    source.logger.warn(
      {
        event: "recovery.trim",
        file: evidence.lastSegment.file.name,
        offset: evidence.endOffset,
        because: evidence.rejected,
        batchesTrimmed: evidence.batchesBeyondEnd,
      },
      "torn tail of the log trimmed",
    );
  }
  return { evidence, decision, table, records };
}

function isSomethingThere(evidence: LogEvidence): boolean {
  const nothing =
    evidence.rejected === "zeros" ||
    evidence.rejected === "the segment is full" ||
    evidence.rejected === "a batch of an earlier use of the file";
  return !nothing || evidence.batchesBeyondEnd > 0;
}

function applyBatch(
  batch: AcceptedBatch,
  table: TransactionTable,
  storage: StorageManager,
): number {
  const decoded = decodeRecords(batch.payload);
  const { file, offset } = batch;
  if (decoded === undefined || decoded.length !== batch.header.recordCount) {
    throw new SeawallError("CORRUPTION", "a log batch with a right checksum cannot be decoded", {
      place: {
        file,
        offset,
        expected: `${batch.header.recordCount} records`,
        found: decoded === undefined ? "bytes that are no records" : `${decoded.length} records`,
      },
    });
  }
  for (const { record, offset: inPayload } of decoded) {
    const at: Lsn = lsn(batch.header.lsn + BATCH_HEADER_BYTES + inPayload);
    const contradiction = table.note(record, at);
    if (contradiction !== undefined) {
      throw new SeawallError("CORRUPTION", "the log contradicts itself", {
        place: { file, offset: offset + BATCH_HEADER_BYTES + inPayload, ...contradiction },
      });
    }
    redo(record, storage);
  }
  return decoded.length;
}

function damaged(evidence: LogEvidence): SeawallError {
  return new SeawallError(
    "CORRUPTION",
    "the log is damaged before its end; nothing was changed: restore the file, or a backup",
    {
      place: {
        file: evidence.lastSegment.file.name,
        offset: evidence.endOffset,
        expected: `a batch at LSN ${evidence.endLsn}: the log was durable up to LSN ${evidence.durableLsn}`,
        found: evidence.rejected,
      },
    },
  );
}
