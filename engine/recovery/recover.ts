import { SeawallError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { lsn } from "../base/units.ts";
import type { Lsn } from "../base/units.ts";
import { BATCH_HEADER_BYTES } from "../log/batch-format.ts";
import { readLog } from "../log/log-reader.ts";
import type { AcceptedBatch, LogEvidence } from "../log/log-reader.ts";
import { decodeRecords } from "../log/record-codec.ts";
import type { DecodedRecord } from "../log/record-codec.ts";
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
  readonly content: ContentEnd;
}

/**
 * Behind the last batch that belongs to a transaction. Batches behind it only say that the store was
 * opened and closed: a new epoch may leave them out, or idle opens would use up the disk.
 */
export interface ContentEnd {
  readonly lsn: Lsn;
  /** headerChecksum of the batch before it. */
  readonly checksum: number;
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
  let content: ContentEnd | undefined;
  const evidence = await readLog(
    source.segmentFiles,
    async (file) => await loadSegment(source.files, source.directory, file),
    (batch) => {
      const applied = applyBatch(batch, table, storage);
      records += applied.length;
      if (applied.some(({ record }) => record.kind !== "open" && record.kind !== "close")) {
        content = { lsn: batch.endLsn, checksum: batch.header.headerChecksum };
      }
    },
  );
  const [first] = evidence.segments;
  const beginning: ContentEnd = {
    lsn: first?.header.baseLsn ?? evidence.endLsn,
    checksum: first?.header.previousChecksum ?? 0,
  };
  const decision = decideTail({
    // Where the next batch would begin: behind a copied tail positions jump, and a stamp may name either.
    belowDurable: evidence.nextLsn < evidence.durableLsn,
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
  return { evidence, decision, table, records, content: content ?? beginning };
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
): readonly DecodedRecord[] {
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
  return decoded;
}

function damaged(evidence: LogEvidence): SeawallError {
  return new SeawallError(
    "CORRUPTION",
    "the log is damaged before its end; nothing was changed: restore the file, or a backup",
    {
      place: {
        file: evidence.lastSegment.file.name,
        offset: evidence.endOffset,
        expected: `a batch at LSN ${evidence.nextLsn}: the log was durable up to LSN ${evidence.durableLsn}`,
        found: evidence.rejected,
      },
    },
  );
}
