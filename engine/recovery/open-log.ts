import { SeawallError } from "../base/errors.ts";
import { commitNumber, lsn } from "../base/units.ts";
import type { CommitNumber } from "../base/units.ts";
import { baseOf, beginEpoch } from "../log/epoch-start.ts";
import type { EpochPlan } from "../log/epoch-start.ts";
import {
  FIRST_LSN,
  findSegmentFiles,
  findUnfinished,
  loadSegment,
  replacedSegments,
} from "../log/segment-files.ts";
import type { SegmentFile } from "../log/segment-files.ts";
import type { LogRecord } from "../log/record.ts";
import { SegmentPool } from "../log/segment-pool.ts";
import { resumeAfter, WalManager } from "../log/wal-manager.ts";
import type { ResolvedOptions } from "../options.ts";
import type { StorageManager } from "../pages/storage-manager.ts";
import { doing } from "../platform/io-errors.ts";
import { RecordEncoder } from "../transactions/commit-records.ts";
import { IDS_PER_EPOCH } from "../transactions/transaction-manager.ts";
import { recover } from "./recover.ts";
import type { Recovered } from "./recover.ts";
import { reportOfCreation, reportOfRecovery } from "./recovery-report.ts";
import type { RecoveryReport } from "./recovery-report.ts";
import { undo } from "./undo.ts";
import { readBatchHeader } from "../log/batch-format.ts";

/** A store that is ready for transactions. */
export interface OpenedLog {
  readonly log: WalManager;
  readonly report: RecoveryReport;
  readonly lastCommit: CommitNumber;
}

/**
 * The order of opening: read and redo the log, decide about its tail, begin a new epoch (which trims the
 * tail and makes the accepted one durable), undo the losers, and make that durable too. Nothing is
 * served before: what a reader sees once the store is open does not change its mind.
 */
export async function openLog(
  options: ResolvedOptions,
  storage: StorageManager,
  wasMarked: boolean,
): Promise<OpenedLog> {
  const { files } = options.platform;
  const { directory, logger } = options;
  const segmentFiles = await doing("reading the log", findSegmentFiles(files, directory));
  const isNew = await isNewStore(options, segmentFiles, wasMarked);
  const recovered = isNew
    ? undefined
    : await doing("reading the log", recover({ files, directory, segmentFiles, logger }, storage));
  const plan =
    recovered === undefined ? planNewStore(options) : planNextEpoch(recovered, segmentFiles);
  const free = freeFiles(segmentFiles, recovered);
  const unfinished = await doing("reading the log", findUnfinished(files, directory));
  const names = [...segmentFiles.map(({ name }) => name), ...unfinished];
  const pool = poolFor(options, plan, { names, free });
  const log = await closingOnFailure(pool, startLog(options, plan, pool));
  const { lastCommit } = plan;
  const losers = recovered?.table.open ?? [];
  const changesUndone = await closingOnFailure(
    log,
    logOpening(log, lastCommit, undo(losers, storage)),
  );
  recycleReplaced({ segmentFiles, free, plan, pool });
  const report =
    recovered === undefined
      ? reportOfCreation(plan)
      : reportOfRecovery(recovered, plan, changesUndone);
  logger.info({ event: "open", ...report }, isNew ? "store made" : "store opened");
  return { log, report, lastCommit };
}

/** An open that fails lets go of its files, so that the next attempt finds them free. */
async function closingOnFailure<T>(
  owner: { close(): Promise<void> },
  work: Promise<T>,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    await owner.close();
    throw error;
  }
}

async function startLog(
  options: ResolvedOptions,
  plan: EpochPlan,
  pool: SegmentPool,
): Promise<WalManager> {
  const { platform, directory, logger, policy, batchBytesMax } = options;
  const start = await doing(
    "beginning a new epoch of the log",
    beginEpoch(plan, pool, { files: platform.files, directory }),
  );
  return new WalManager({ platform, logger, policy, batchBytesMax, pool, plan, start });
}

/**
 * A store is new while no segment was ever begun. Files without a header that hold batches all the same
 * are no new store: their headers are damaged, and starting afresh would lose everything.
 */
async function isNewStore(
  { platform, directory }: ResolvedOptions,
  segmentFiles: readonly SegmentFile[],
  wasMarked: boolean,
): Promise<boolean> {
  if (segmentFiles.some(({ found }) => found.kind === "header" || found.kind === "newer")) {
    return false;
  }
  const [stranger] = wasMarked ? [] : segmentFiles;
  if (stranger !== undefined) {
    throw new SeawallError(
      "INVALID_ARGUMENT",
      "the directory holds a file that no store has made",
      {
        place: {
          file: stranger.name,
          offset: 0,
          expected: "a log segment",
          found: "something else",
        },
      },
    );
  }
  for (const file of segmentFiles) {
    const bytes = await doing("reading the log", loadSegment(platform.files, directory, file));
    for (let offset = 0; offset < bytes.length; offset += 512) {
      if (readBatchHeader(bytes.subarray(offset, offset + 64)).kind === "header") {
        throw new SeawallError("CORRUPTION", "the header of a log segment is damaged", {
          place: {
            file: file.name,
            offset: 0,
            expected: "a segment header",
            found: file.found.kind,
          },
        });
      }
    }
  }
  return true;
}

function planNewStore({ platform, sectorBytes }: ResolvedOptions): EpochPlan {
  const { entropy } = platform;
  return {
    epoch: 1,
    storeId: (entropy.uint32() % 0x20_0000) * 0x1_0000_0000 + entropy.uint32(),
    sectorBytes,
    segmentNumber: 1,
    tail: [],
    checksumBeforeTail: 0,
    settledLsn: FIRST_LSN,
    endLsn: FIRST_LSN,
    resumeLsn: FIRST_LSN,
    lastCommit: commitNumber(0),
  };
}

function planNextEpoch(
  { evidence, table, content }: Recovered,
  segmentFiles: readonly SegmentFile[],
): EpochPlan {
  const headers = evidence.segments.map(({ header }) => header);
  const lastEpoch = Math.max(...headers.map(({ epoch }) => epoch));
  const fileBytes = segmentFiles.reduce((sum, { bytes }) => sum + bytes, 0);
  const tail = evidence.tail.filter((batch) => batch.endLsn <= content.lsn);
  const [oldestOfTail] = tail;
  return {
    // The epoch is also the high part of transaction ids: it passes every id that was ever logged.
    epoch: Math.max(lastEpoch, Math.floor(table.highestId / IDS_PER_EPOCH)) + 1,
    storeId: evidence.storeId,
    sectorBytes: evidence.sectorBytes,
    segmentNumber: Math.max(...segmentFiles.map(numberOf)) + 1,
    tail,
    checksumBeforeTail: oldestOfTail?.header.previousChecksum ?? content.checksum,
    settledLsn: lsn(Math.min(evidence.settledLsn, content.lsn)),
    endLsn: content.lsn,
    resumeLsn: resumeAfter(evidence.nextLsn, fileBytes, evidence.sectorBytes),
    lastCommit: table.lastCommit,
  };
}

function numberOf({ found }: SegmentFile): number {
  return found.kind === "header" ? found.header.number : 0;
}

function poolFor(
  options: ResolvedOptions,
  { sectorBytes }: EpochPlan,
  { names, free }: { readonly names: readonly string[]; readonly free: readonly SegmentFile[] },
): SegmentPool {
  return new SegmentPool({
    reserveBytes: Math.min(options.segmentBytes, RESERVE_SECTORS * sectorBytes),
    files: options.platform.files,
    directory: options.directory,
    segmentBytes: options.segmentBytes,
    names,
    free: free.map(({ name, bytes }) => ({ name, capacityBytes: bytes })),
    logger: options.logger,
  });
}

/** Header, a tail of some batches, an Open record, a Close record. */
const RESERVE_SECTORS = 8;

/**
 * Free from the beginning: files that never began a segment, files behind the end of the log, and files
 * that others replaced, where it is known that the replacement is durable. Not what an open that died has
 * begun: its header may still come back, and would vouch for a tail that is written over.
 */
function freeFiles(
  segmentFiles: readonly SegmentFile[],
  recovered: Recovered | undefined,
): SegmentFile[] {
  const unused = segmentFiles.filter(({ found }) => found.kind !== "header");
  if (recovered === undefined) {
    return unused;
  }
  const { segments, lastSegment, settledLsn } = recovered.evidence;
  const beyondEnd = segments.slice(segments.indexOf(lastSegment) + 1).map(({ file }) => file);
  const replaced = replacedSegments(segmentFiles, segments, settledLsn);
  return [...new Set([...unused, ...beyondEnd, ...replaced])];
}

interface Replacement {
  readonly segmentFiles: readonly SegmentFile[];
  readonly free: readonly SegmentFile[];
  readonly plan: EpochPlan;
  readonly pool: SegmentPool;
}

/** What the new epoch's segment, durable now, has taken over. */
function recycleReplaced({ segmentFiles, free, plan, pool }: Replacement): void {
  const baseLsn = baseOf(plan);
  for (const file of segmentFiles) {
    const replaced = file.found.kind === "header" && file.found.header.baseLsn >= baseLsn;
    if (replaced && !free.includes(file)) {
      pool.recycle({ name: file.name, capacityBytes: file.bytes });
    }
  }
}

/**
 * Logs that the store is open, and what was undone on the way, and makes it durable: from then on the
 * files that the new segment replaced may be used, and no later commit can be undone by an old loser.
 */
async function logOpening(
  log: WalManager,
  lastCommit: CommitNumber,
  undone: readonly LogRecord[],
): Promise<number> {
  const group = new RecordEncoder().group([{ kind: "open", commitNumber: lastCommit }, ...undone]);
  while (!log.hasRoom(group.bytes.length)) {
    await log.makeRoom(group.bytes.length);
  }
  log.append(group);
  await log.sync();
  return undone.filter(({ kind }) => kind === "clr").length;
}
