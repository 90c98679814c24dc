import { defined } from "../base/assert.ts";
import { liveSegments, loadSegment, readSegmentFiles } from "../log/segment-files.ts";
import type { FileIO } from "../platform/file-io.ts";
import { doing } from "../platform/io-errors.ts";
import type { LogStretch } from "./log-source.ts";
import type { OpenTransaction } from "../transactions/large-transactions.ts";
import { undoTransactions } from "./undo.ts";
import type { UndoTarget } from "./undo.ts";

export interface LiveLog extends UndoTarget {
  readonly files: FileIO;
  readonly directory: string;
  readonly storeId: number;
}

/**
 * Rolls back a transaction of the store that is open, as recovery would: from the log. Nobody commits
 * meanwhile. After an error it can go on where it stopped.
 *
 * @throws SeawallError `NO_SPACE`, `IO`, `OUTCOME_UNKNOWN`.
 */
export async function undoLive(transaction: OpenTransaction, live: LiveLog): Promise<number> {
  const { log } = live;
  // What is to be read has to be in the files.
  await log.sync();
  return await undoTransactions([transaction], await stretchBehind(transaction, live), live);
}

async function stretchBehind(
  { beginLsn }: OpenTransaction,
  { files, directory, storeId, log }: LiveLog,
): Promise<LogStretch> {
  // Of no others: that one cannot be read which nobody needs is no reason to stop.
  const segmentFiles = await doing(
    "reading the log",
    readSegmentFiles({ files, directory, storeId }, log.filesFrom(beginLsn)),
  );
  const [first] = liveSegments(segmentFiles, beginLsn);
  const { baseLsn, previousChecksum } = defined(first, "the segment of the transaction").header;
  return {
    segmentFiles,
    load: (file) => doing("reading the log", loadSegment(files, directory, file)),
    start: { lsn: baseLsn, checksum: previousChecksum },
    endLsn: log.endLsn,
  };
}
