import { SeawallError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { Lsn } from "../base/units.ts";
import { readLog } from "../log/log-reader.ts";
import type { AcceptedBatch, LogEvidence, LogFiles, LogStart } from "../log/log-reader.ts";
import type { LogRecord } from "../log/record.ts";
import { decideTail } from "../log/tail-decision.ts";
import type { TailDecision } from "../log/tail-decision.ts";
import { recordsOf } from "./log-source.ts";

/** How far the log goes, and what its end is. */
export interface ExaminedLog {
  readonly evidence: LogEvidence;
  readonly decision: Exclude<TailDecision, "refuse">;
  readonly content: ContentEnd;
  /** The last record says that the store was closed in good order. */
  readonly closed: boolean;
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

/** What others know of where the log has to begin and how far it has to go. */
export interface LogLimits {
  readonly start: LogStart;
  /** The highest LSN that pages on the disk bear. */
  readonly pagesLsn: Lsn;
}

/**
 * The first half of analysis: reads the log once, checks every batch, and decides what its end is. Writes
 * nothing to the disk, so that a refusal destroys no evidence.
 *
 * @throws SeawallError `CORRUPTION` for damage that a crash cannot explain; `IO` when a file cannot be
 * read: an unreadable sector is not the end of the log.
 */
export async function examineLog(
  files: LogFiles,
  { start, pagesLsn }: LogLimits,
  logger: Logger,
): Promise<ExaminedLog> {
  const end: { content: ContentEnd; closed: boolean } = { content: start, closed: false };
  const evidence = await readLog(files, start, (batch) => {
    // Asked here and not in redo, which has no reason to read batches that only say this.
    const idle = idleRecords(batch);
    end.closed = idle.at(-1)?.kind === "close";
    if (idle.length === 0) {
      end.content = { lsn: batch.endLsn, checksum: batch.header.headerChecksum };
    }
  });
  const decision = decideTail({
    // Where the next batch would begin: behind a copied tail positions jump, and a stamp may name either.
    // A page is written only when the log is durable up to its LSN, which is that of a record.
    belowDurable: evidence.nextLsn < evidence.durableLsn || evidence.nextLsn <= pagesLsn,
    // Behind a Close record is what the file held before it was used again.
    somethingThere: !end.closed && isSomethingThere(evidence),
  });
  if (decision === "refuse") {
    throw damaged(evidence, pagesLsn);
  }
  if (decision === "trim") {
    logger.warn(
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
  return { evidence, decision, ...end };
}

/** The records of a batch that only says that the store was opened or closed; none for any other. */
function idleRecords(batch: AcceptedBatch): readonly LogRecord[] {
  if (batch.header.recordCount > 2) {
    return [];
  }
  const records = recordsOf(batch).map(({ record }) => record);
  return records.every(({ kind }) => kind === "open" || kind === "close") ? records : [];
}

function isSomethingThere(evidence: LogEvidence): boolean {
  const nothing =
    evidence.rejected === "zeros" ||
    evidence.rejected === "the segment is full" ||
    evidence.rejected === "a batch of an earlier use of the file";
  return !nothing || evidence.batchesBeyondEnd > 0;
}

function damaged(evidence: LogEvidence, pagesLsn: Lsn): SeawallError {
  const durableLsn = Math.max(evidence.durableLsn, pagesLsn);
  return new SeawallError(
    "CORRUPTION",
    "the log is damaged before its end; nothing was changed: restore the file, or a backup",
    {
      place: {
        file: evidence.lastSegment.file.name,
        offset: evidence.endOffset,
        expected: `a batch at LSN ${evidence.nextLsn}: the log was durable up to LSN ${durableLsn}`,
        found: evidence.rejected,
      },
    },
  );
}
