import { isSeawallError, SeawallError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { CommitNumber, TransactionId } from "../base/units.ts";
import { beginEpoch } from "../log/epoch-start.ts";
import type { EpochPlan, EpochStart } from "../log/epoch-start.ts";
import { LOG_BEGINNING } from "../log/log-reader.ts";
import type { LogStart } from "../log/log-reader.ts";
import { findSegmentFiles, findUnfinished, loadSegment } from "../log/segment-files.ts";
import type { SegmentFile } from "../log/segment-files.ts";
import type { SegmentPool } from "../log/segment-pool.ts";
import { WalManager } from "../log/wal-manager.ts";
import type { ResolvedOptions } from "../options.ts";
import { DoubleWrite } from "../pages/double-write.ts";
import { StorageManager } from "../pages/storage-manager.ts";
import { doing } from "../platform/io-errors.ts";
import type { FileIO } from "../platform/file-io.ts";
import type { MirroredFiles, RepairCounts } from "../platform/mirrored-files.ts";
import { isSpillFileName } from "../versions/spilled-versions.ts";
import { CONTROL_FILE_NAME, ControlFile, newestOf } from "./control-file.ts";
import type { Control } from "./control-format.ts";
import { examineLog } from "./examine-log.ts";
import type { ExaminedLog } from "./examine-log.ts";
import { createControl, isNewStore, planNewStore } from "./new-store.ts";
import { fatesOf, planNextEpoch, poolFor } from "./next-epoch.ts";
import type { SegmentFates } from "./next-epoch.ts";
import type { LogStretch } from "./log-source.ts";
import { redoLog, rehearseRedo } from "./redo.ts";
import type { RedoCounts } from "./redo.ts";
import { reportOf } from "./recovery-report.ts";
import type { RecoveryReport } from "./recovery-report.ts";
import { findCopies, mendSegment } from "./store-copies.ts";
import type { EnteredDirectory } from "./store-directory.ts";
import { TransactionTable } from "./transaction-table.ts";
import { undoTransactions } from "./undo.ts";

/** A store that is ready for transactions. */
export interface OpenedStore {
  readonly log: WalManager;
  readonly storage: StorageManager;
  readonly control: ControlFile;
  /** Everything of the store is read and written through these. */
  readonly files: FileIO;
  readonly repairs: RepairCounts;
  readonly report: RecoveryReport;
  readonly lastCommit: CommitNumber;
  readonly highestId: TransactionId;
}

/** What the disk held. `examined` is undefined for a store that is being made. */
interface Found {
  readonly options: ResolvedOptions;
  readonly mirror: MirroredFiles | undefined;
  /** Segment files of which the copies do not hold the same. */
  readonly differing: ReadonlySet<string>;
  readonly segmentFiles: readonly SegmentFile[];
  readonly names: readonly string[];
  readonly load: (file: SegmentFile) => Promise<Uint8Array>;
  readonly examined: ExaminedLog | undefined;
  readonly plan: EpochPlan;
  readonly control: ControlFile;
  readonly controlSlotsLost: number;
}

/**
 * The order of opening: examine the log and decide about its tail, begin a new epoch (which trims the tail
 * and makes the accepted one durable), redo, restore torn pages, undo the losers, and make that durable.
 * Nothing is served before: what a reader sees once the store is open does not change its mind.
 */
export async function openStore(
  options: ResolvedOptions,
  entered: EnteredDirectory,
): Promise<OpenedStore> {
  const closers: Closer[] = [];
  try {
    return await open(await examineStore(options, entered), closers);
  } catch (error) {
    // Lets go of every file, so that the next attempt finds them free.
    for (const closer of closers.toReversed()) {
      await Promise.allSettled([closer.close()]);
    }
    throw error;
  }
}

/**
 * A header that cannot be read is written over, also where nobody needs the file: one that a crash has kept in
 * that copy alone is left out now, and would take the place of a new one should it be read some other time.
 */
async function mendLog({ options, differing, segmentFiles }: Found): Promise<void> {
  const { directory, platform } = options;
  for (const { name, found, isHidden } of segmentFiles) {
    if (isHidden === true || differing.has(name)) {
      const { files } = platform;
      const mended = await mendSegment({ files, directory, name, header: found });
      if (isSeawallError(mended)) {
        throw mended;
      }
    }
  }
}

interface Closer {
  close(): Promise<void>;
}

async function open(found: Found, closers: Closer[]): Promise<OpenedStore> {
  const { options, segmentFiles, examined, plan, control } = found;
  const { platform, directory, logger, cacheBytes } = options;
  closers.push(control);
  await mendLog(found);
  const fates = fatesOf(segmentFiles, examined, plan, control.keepFrom);
  const pool = poolFor(options, plan, found.names, fates.free);
  closers.push(pool);
  const start = await doing("beginning a new epoch of the log", beginEpoch(plan, pool));
  const { file } = start.segment;
  closers.push(file);
  const startedFrom = control.newest;
  const { storeId, pageBytes, redoLsn: settledLsn } = startedFrom;
  const storage = await StorageManager.open({
    files: platform.files,
    directory,
    storeId,
    pageBytes,
    cacheBytes,
    settledLsn,
  });
  closers.push(storage);
  const table = new TransactionTable(control.newest);
  const redone = await redoIfAny(found, table, storage, logger);
  const log = startLog(options, { plan, pool, start, fates, table });
  closers.splice(closers.indexOf(file), 1, log);
  const undosContinued = table.open.filter(({ undoBelow }) => undoBelow < Infinity).length;
  const changesUndone = await finishOpening(found, { log, storage, table, logger });
  recycle(fates, pool, log, control);
  const { restored } = storage;
  const report = reportOf({
    examined,
    control: startedFrom,
    plan,
    table,
    redone,
    changesUndone,
    undosContinued,
    restored,
    controlSlotsLost: found.controlSlotsLost,
  });
  const isNew = examined === undefined;
  logger.info({ event: "open", ...report }, isNew ? "store made" : "store opened");
  const { lastCommit, highestId } = table;
  const { files } = platform;
  const repairs = found.mirror?.counts ?? NO_REPAIRS;
  return { log, storage, control, files, repairs, report, lastCommit, highestId };
}

const NO_REPAIRS: RepairCounts = { copiesRepaired: 0, copiesNotRepaired: 0 };

async function examineStore(given: ResolvedOptions, entered: EnteredDirectory): Promise<Found> {
  const { slots, copies, mirror } = await findCopies(given, entered.names);
  const { directory, logger } = given;
  const files = mirror ?? given.platform.files;
  const options = { ...given, copies, platform: { ...given.platform, files } };
  const differing = new Set<string>();
  const segmentFiles = await doing(
    "reading the log",
    findSegmentFiles(files, directory, slots.newest?.storeId),
  );
  const unfinished = await doing("reading the log", findUnfinished(files, directory));
  const names = [...segmentFiles.map(({ name }) => name), ...unfinished];
  const load = loadingOnce(segmentFiles, (file) =>
    doing(
      "reading the log",
      loadSegment(files, directory, file, (name) => differing.add(name)),
    ),
  );
  await removeSpills(options);
  const known = { options, mirror, differing, segmentFiles, names, load };
  if (await isNewStore(options, segmentFiles, slots, entered.wasMarked)) {
    const plan = planNewStore(options, slots);
    const control = await createControl(options, plan);
    return { ...known, examined: undefined, plan, control, controlSlotsLost: 0 };
  }
  const newest = newestOf(slots);
  const pagesLsn = await DoubleWrite.readLogLsn(files, directory, newest);
  const limits = { start: startOf(newest), pagesLsn };
  const examined = await examineLog({ segmentFiles, load }, limits, logger);
  refuseForeign(newest, examined);
  const plan = planNextEpoch(examined, segmentFiles);
  const control = await ControlFile.open(files, directory, newest, slots.other);
  const controlSlotsLost = slots.found.filter(({ kind }) => kind !== "control").length;
  return { ...known, examined, plan, control, controlSlotsLost };
}

/** What a process that died had too large for memory: the log has all of it. */
async function removeSpills({ platform, directory, logger }: ResolvedOptions): Promise<void> {
  const { files } = platform;
  for (const name of await doing("listing", files.readDirectory(directory))) {
    if (isSpillFileName(name)) {
      await files.unlink(`${directory}/${name}`).catch((error: unknown) => {
        logger.warn({ event: "spill.drop-failed", error }, "spilled versions left behind");
      });
    }
  }
}

/** Recovery reads the log twice. A log of this size is kept between the two. */
const KEPT_BYTES_MAX = 32 * 1024 * 1024;

function loadingOnce(
  segmentFiles: readonly SegmentFile[],
  load: (file: SegmentFile) => Promise<Uint8Array>,
): (file: SegmentFile) => Promise<Uint8Array> {
  const kept = new Map<string, Uint8Array>();
  const total = segmentFiles.reduce((sum, { bytes }) => sum + bytes, 0);
  return async (file) => {
    const bytes = kept.get(file.name) ?? (await load(file));
    if (total <= KEPT_BYTES_MAX) {
      kept.set(file.name, bytes);
    }
    return bytes;
  };
}

function startOf({ startLsn, startChecksum }: Control): LogStart {
  return { lsn: startLsn, checksum: startChecksum };
}

function refuseForeign(control: Control, { evidence }: ExaminedLog): void {
  if (control.storeId !== evidence.storeId) {
    throw new SeawallError("CORRUPTION", "the control file belongs to another store than the log", {
      place: {
        file: CONTROL_FILE_NAME,
        offset: 24,
        expected: `store ${evidence.storeId}`,
        found: `store ${control.storeId}`,
      },
    });
  }
}

/** The part of the log that was accepted. Its files stay as they are until the store is open. */
function stretchOf({ segmentFiles, load, control, plan }: Found): LogStretch {
  return { segmentFiles, load, start: startOf(control.newest), endLsn: plan.endLsn };
}

async function redoIfAny(
  found: Found,
  table: TransactionTable,
  storage: StorageManager,
  logger: Logger,
): Promise<RedoCounts> {
  if (found.examined === undefined) {
    // What was torn when it was made before, and lost, is restored before its first page is written.
    return { records: 0, pages: storage.redo().counts };
  }
  const { redoLsn } = found.control.newest;
  const stretch = stretchOf(found);
  const pages = storage.redo((rehearsal) => rehearseRedo(stretch, redoLsn, rehearsal));
  logger.debug({ event: "redo.begin", redoLsn, endLsn: found.plan.endLsn }, "redo begins");
  const counts = await redoLog(stretch, redoLsn, table, pages);
  await storage.endRedo();
  return counts;
}

interface LogParts {
  readonly plan: EpochPlan;
  readonly pool: SegmentPool;
  readonly start: EpochStart;
  readonly fates: SegmentFates;
  readonly table: TransactionTable;
}

function startLog(options: ResolvedOptions, parts: LogParts): WalManager {
  const { platform, logger, policy, batchBytesMax } = options;
  const { plan, pool, start, fates, table } = parts;
  return new WalManager({
    platform,
    logger,
    policy,
    batchBytesMax,
    pool,
    plan,
    start,
    lastCommit: table.lastCommit,
    openTransactions: table.open.length,
    olderSegments: fates.older,
  });
}

interface Recovering {
  readonly log: WalManager;
  readonly storage: StorageManager;
  readonly table: TransactionTable;
  readonly logger: Logger;
}

/** Bounds an Open record, and one with the structure change that makes an empty tree. */
const OPEN_BYTES = 16;
const CREATION_BYTES = 128;

/**
 * Logs that the store is open, undoes the losers, and makes both durable: from then on the files that the
 * new segment replaced may be used, and no later commit can be undone by an old loser.
 */
async function finishOpening(found: Found, recovering: Recovering): Promise<number> {
  const { log, storage, table } = recovering;
  // A store whose making did not reach the disk is made again: its log is empty.
  const isNew = found.plan.endLsn === LOG_BEGINNING.lsn;
  const bytes = isNew ? CREATION_BYTES : OPEN_BYTES;
  await log.waitForRoom(bytes);
  log.beginGroup(bytes);
  log.append({ kind: "open", commitNumber: table.lastCommit });
  await storage.begin(log, isNew);
  const undone = await undoIfAny(stretchOf(found), recovering);
  await log.sync();
  return undone;
}

async function undoIfAny(
  stretch: LogStretch,
  { log, storage, table, logger }: Recovering,
): Promise<number> {
  const losers = table.open;
  if (losers.length === 0) {
    return 0;
  }
  logger.debug({ event: "undo.begin", transactions: losers.length }, "undo begins");
  return await undoTransactions(losers, stretch, { storage, log });
}

function recycle(
  fates: SegmentFates,
  pool: SegmentPool,
  log: WalManager,
  control: ControlFile,
): void {
  for (const { name, bytes } of fates.replaced) {
    pool.recycle({ name, capacityBytes: bytes });
  }
  log.recycle(control.keepFrom);
}
