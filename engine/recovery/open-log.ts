import { SeawallError } from "../base/errors.ts";
import { commitNumber } from "../base/units.ts";
import type { CommitNumber } from "../base/units.ts";
import { beginEpoch } from "../log/epoch-start.ts";
import type { EpochPlan } from "../log/epoch-start.ts";
import { FIRST_LSN, findSegmentFiles, loadSegment } from "../log/segment-files.ts";
import type { SegmentFile } from "../log/segment-files.ts";
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
): Promise<OpenedLog> {
  const { files } = options.platform;
  const { directory, logger } = options;
  const segmentFiles = await doing("reading the log", findSegmentFiles(files, directory));
  const isNew = await isNewStore(options, segmentFiles);
  const recovered = isNew
    ? undefined
    : await doing("reading the log", recover({ files, directory, segmentFiles, logger }, storage));
  const plan =
    recovered === undefined ? planNewStore(options) : planNextEpoch(recovered, segmentFiles);
  const pool = poolFor(options, segmentFiles, recovered);
  const start = await doing(
    "beginning a new epoch of the log",
    beginEpoch(plan, pool, { files, directory }),
  );
  recycleReplaced(recovered, plan, pool);
  const lastCommit = recovered?.table.lastCommit ?? commitNumber(0);
  const log = new WalManager({
    platform: options.platform,
    logger,
    policy: options.policy,
    batchBytesMax: options.batchBytesMax,
    pool,
    plan,
    start,
    lastCommit,
  });
  const changesUndone = recovered === undefined ? 0 : await undoLosers(recovered, storage, log);
  const report =
    recovered === undefined
      ? reportOfCreation(plan)
      : reportOfRecovery(recovered, plan, changesUndone);
  logger.info({ event: "open", ...report }, isNew ? "store made" : "store opened");
  return { log, report, lastCommit };
}

/**
 * A store is new while no segment was ever begun. Files without a header that hold batches all the same
 * are no new store: their headers are damaged, and starting afresh would lose everything.
 */
async function isNewStore(
  { platform, directory }: ResolvedOptions,
  segmentFiles: readonly SegmentFile[],
): Promise<boolean> {
  if (segmentFiles.some(({ found }) => found.kind === "header" || found.kind === "newer")) {
    return false;
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
    endLsn: FIRST_LSN,
    resumeLsn: FIRST_LSN,
  };
}

function planNextEpoch(
  { evidence, table }: Recovered,
  segmentFiles: readonly SegmentFile[],
): EpochPlan {
  const headers = evidence.segments.map(({ header }) => header);
  const lastEpoch = Math.max(...headers.map(({ epoch }) => epoch));
  const fileBytes = segmentFiles.reduce((sum, { bytes }) => sum + bytes, 0);
  const [oldestOfTail] = evidence.tail;
  return {
    // The epoch is also the high part of transaction ids: it passes every id that was ever logged.
    epoch: Math.max(lastEpoch, Math.floor(table.highestId / IDS_PER_EPOCH)) + 1,
    storeId: evidence.storeId,
    sectorBytes: evidence.sectorBytes,
    segmentNumber: Math.max(...segmentFiles.map(numberOf)) + 1,
    tail: evidence.tail,
    checksumBeforeTail: oldestOfTail?.header.previousChecksum ?? evidence.endChecksum,
    endLsn: evidence.endLsn,
    resumeLsn: resumeAfter(evidence.endLsn, fileBytes, evidence.sectorBytes),
  };
}

function numberOf({ found }: SegmentFile): number {
  return found.kind === "header" ? found.header.number : 0;
}

/** Free from the beginning: what no live segment needs, and what lies behind the end of the log. */
function poolFor(
  options: ResolvedOptions,
  segmentFiles: readonly SegmentFile[],
  recovered: Recovered | undefined,
): SegmentPool {
  const segments = recovered?.evidence.segments ?? [];
  const last = recovered?.evidence.lastSegment;
  const lastIndex = last === undefined ? -1 : segments.indexOf(last);
  const needed = new Set(segments.slice(0, lastIndex + 1).map(({ file }) => file.name));
  return new SegmentPool({
    files: options.platform.files,
    directory: options.directory,
    segmentBytes: options.segmentBytes,
    names: segmentFiles.map(({ name }) => name),
    free: segmentFiles
      .filter(({ name, bytes }) => !needed.has(name) && bytes > 0)
      .map(({ name, bytes }) => ({ name, capacityBytes: bytes })),
    logger: options.logger,
  });
}

/** The new epoch's segment, durable now, has taken over what these hold. */
function recycleReplaced(
  recovered: Recovered | undefined,
  plan: EpochPlan,
  pool: SegmentPool,
): void {
  const baseLsn = plan.tail[0]?.header.lsn ?? plan.endLsn;
  const segments = recovered?.evidence.segments ?? [];
  const last = recovered?.evidence.lastSegment;
  const lastIndex = last === undefined ? -1 : segments.indexOf(last);
  for (const { file, header } of segments.slice(0, lastIndex + 1)) {
    if (header.baseLsn >= baseLsn) {
      pool.recycle({ name: file.name, capacityBytes: file.bytes });
    }
  }
}

async function undoLosers(
  recovered: Recovered,
  storage: StorageManager,
  log: WalManager,
): Promise<number> {
  const records = undo(recovered.table.open, storage);
  if (records.length === 0) {
    return 0;
  }
  const group = new RecordEncoder().group(records);
  while (!log.hasRoom(group.bytes.length)) {
    await log.makeRoom(group.bytes.length);
  }
  log.append(group);
  await log.sync();
  return records.filter(({ kind }) => kind === "clr").length;
}
