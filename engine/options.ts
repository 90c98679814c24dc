import { SeawallError } from "./base/errors.ts";
import { guarded, SILENT_LOGGER } from "./base/logger.ts";
import type { Logger } from "./base/logger.ts";
import { nameOfType } from "./data/key-codec.ts";
import type { KeyEncoding } from "./data/key-codec.ts";
import { isSectorSize, SECTOR_BYTES_MIN } from "./log/segment-format.ts";
import { resolveSyncPolicy } from "./log/sync-policies.ts";
import type { SyncPolicyName } from "./log/sync-policies.ts";
import type { SyncPolicy } from "./log/sync-policy.ts";
import { isPageSize, PAGE_BYTES_DEFAULT } from "./pages/page-format.ts";
import type { CopyCount } from "./platform/mirrored-files.ts";
import type { Platform } from "./platform/platform.ts";
import { ISOLATION_LEVELS } from "./transactions/conflict-check.ts";
import type { IsolationLevel } from "./transactions/conflict-check.ts";

/** How a store is opened. */
export interface OpenOptions {
  /** Where the store's files are. Nobody else may write there. */
  readonly directory: string;
  readonly platform: Platform;
  /** Make a store when the directory is missing or empty. @defaultValue true */
  readonly createIfMissing?: boolean;
  /**
   * When commits become durable, and so what a crash may lose. `sync` and `batch` lose nothing; `async`
   * loses what the last 100 ms acknowledged; `os` survives the death of the process, not of the power.
   * @defaultValue "sync"
   */
  readonly syncPolicy?: SyncPolicyName | SyncPolicy;
  /** For transactions that do not say. @defaultValue "serializable" */
  readonly isolation?: IsolationLevel;
  /** Size of a log file; a larger transaction gets a larger file. @defaultValue 8 MiB; least 1 KiB */
  readonly segmentBytes?: number;
  /**
   * The unit that a power cut may damage as a whole: log batches never share one. Fixed when the store
   * is made. @defaultValue 4096, or less where `segmentBytes` is small; a power of two from 512 to 65536
   */
  readonly sectorBytes?: number;
  /** Most bytes of records in one log write. @defaultValue 1 MiB */
  readonly batchBytesMax?: number;
  /**
   * Size of a data page, at least a sector: no two pages share one. Fixed when the store is made.
   * @defaultValue 8192, or `sectorBytes` where that is more; a power of two from 4096 to 65536
   */
  readonly pageBytes?: number;
  /**
   * How many copies of each file the store keeps. With 2 it survives damage to any one of them at any place:
   * bit rot, unreadable sectors, lost and misdirected writes. Everything is written twice, and pages that
   * are not in memory are read twice. Fixed when the store is made. @defaultValue 1
   */
  readonly copies?: CopyCount;
  /** Memory for data pages, counted as they are on the disk. @defaultValue 64 MiB; least 16 KiB */
  readonly cacheBytes?: number;
  /**
   * Bytes of log records since the last checkpoint that call for the next one; recovery redoes about as
   * much. With the padding of small commits the log files may take four times as much.
   * @defaultValue 64 MiB; least 4 KiB
   */
  readonly checkpointBytes?: number;
  /**
   * Memory for the writes of a transaction. One that writes more changes pages before it commits, and
   * other commits wait until it ends. @defaultValue 16 MiB; least 1 KiB
   */
  readonly transactionBytesMax?: number;
  /** What scans return keys as; `utf8` refuses keys that are not. @defaultValue "utf8" */
  readonly keyEncoding?: KeyEncoding;
  /** Where diagnostic events go. @defaultValue nowhere */
  readonly logger?: Logger;
}

/** Every option decided. Nothing behind the border sees an undefined one. */
export interface ResolvedOptions {
  readonly directory: string;
  readonly platform: Platform;
  readonly createIfMissing: boolean;
  readonly policy: SyncPolicy;
  readonly isolation: IsolationLevel;
  readonly segmentBytes: number;
  readonly sectorBytes: number;
  readonly batchBytesMax: number;
  readonly pageBytes: number;
  readonly copies: CopyCount;
  readonly cacheBytes: number;
  readonly checkpointBytes: number;
  readonly transactionBytesMax: number;
  readonly keyEncoding: KeyEncoding;
  readonly logger: Logger;
}

const SECTOR_BYTES_DEFAULT = 4096;
const MIB = 1024 * 1024;

/** @throws SeawallError `INVALID_ARGUMENT`: says which option, what it was, and what it may be. */
export function resolveOptions(options: OpenOptions): ResolvedOptions {
  refuseOptions(options, "the options of open");
  const segmentBytes = options.segmentBytes ?? 8 * MIB;
  refuse(
    !isBetween(segmentBytes, 1024, 1024 * MIB),
    "segmentBytes",
    segmentBytes,
    "1 KiB to 1 GiB",
  );
  const sectorBytes = options.sectorBytes ?? sectorBytesFor(segmentBytes);
  const sectorFits = isSectorSize(sectorBytes) && sectorBytes * 2 <= segmentBytes;
  refuse(
    !sectorFits,
    "sectorBytes",
    sectorBytes,
    "a power of two from 512, at most half a segment",
  );
  const batchBytesMax = options.batchBytesMax ?? MIB;
  refuse(!isBetween(batchBytesMax, 64, 256 * MIB), "batchBytesMax", batchBytesMax, "64 to 256 MiB");
  const pages = resolvePages(options, sectorBytes);
  const isolation = options.isolation ?? "serializable";
  refuseLevel(isolation);
  const keyEncoding = options.keyEncoding ?? "utf8";
  refuse(!["utf8", "bytes"].includes(keyEncoding), "keyEncoding", keyEncoding, "utf8 or bytes");
  const createIfMissing = options.createIfMissing ?? true;
  refuse(
    typeof (createIfMissing as unknown) !== "boolean",
    "createIfMissing",
    createIfMissing,
    "true or false",
  );
  refuse(!isPlatform(options.platform), "platform", options.platform, "{ files, clock, entropy }");
  const { directory } = options;
  const named = typeof (directory as unknown) === "string" && directory !== "";
  refuse(!named, "directory", directory, "a path");
  return {
    directory,
    platform: options.platform,
    createIfMissing,
    policy: resolveSyncPolicy(options.syncPolicy ?? "sync"),
    isolation,
    segmentBytes,
    sectorBytes,
    batchBytesMax,
    ...pages,
    keyEncoding,
    logger: options.logger === undefined ? SILENT_LOGGER : guarded(options.logger),
  };
}

function resolvePages(
  options: OpenOptions,
  sectorBytes: number,
): Pick<
  ResolvedOptions,
  "pageBytes" | "copies" | "cacheBytes" | "checkpointBytes" | "transactionBytesMax"
> {
  const pageBytes = options.pageBytes ?? Math.max(PAGE_BYTES_DEFAULT, sectorBytes);
  const copies = options.copies ?? 1;
  refuse(![1, 2].includes(copies), "copies", copies, "1 or 2");
  refuse(!isPageSize(pageBytes), "pageBytes", pageBytes, "a power of two from 4096 to 65536");
  // A page that is written in place may damage all of its sector, and the double-write area holds that page only.
  refuse(pageBytes < sectorBytes, "pageBytes", pageBytes, `at least a sector, ${sectorBytes}`);
  const cacheBytes = options.cacheBytes ?? 64 * MIB;
  const cacheFits = isBetween(cacheBytes, 16 * 1024, 1024 * 1024 * MIB);
  refuse(!cacheFits, "cacheBytes", cacheBytes, "16 KiB to 1 TiB");
  const checkpointBytes = options.checkpointBytes ?? 64 * MIB;
  const checkpointFits = isBetween(checkpointBytes, 4096, 1024 * 1024 * MIB);
  refuse(!checkpointFits, "checkpointBytes", checkpointBytes, "4 KiB to 1 TiB");
  const transactionBytesMax = options.transactionBytesMax ?? 16 * MIB;
  const budgetFits = isBetween(transactionBytesMax, 1024, 1024 * MIB);
  refuse(!budgetFits, "transactionBytesMax", transactionBytesMax, "1 KiB to 1 GiB");
  return { pageBytes, copies, cacheBytes, checkpointBytes, transactionBytesMax };
}

/** @throws SeawallError `INVALID_ARGUMENT` for a level that does not exist. */
export function refuseLevel(isolation: IsolationLevel): void {
  refuse(
    !ISOLATION_LEVELS.includes(isolation),
    "isolation",
    isolation,
    ISOLATION_LEVELS.join(", "),
  );
}

/** @throws SeawallError `INVALID_ARGUMENT` when untyped code hands over something that holds no options. */
export function refuseOptions(options: unknown, what: string): void {
  if (typeof options !== "object" || options === null) {
    throw new SeawallError(
      "INVALID_ARGUMENT",
      `${what} must be an object, not ${nameOfType(options)}`,
    );
  }
}

function isPlatform(platform: unknown): boolean {
  return (
    typeof platform === "object" &&
    platform !== null &&
    "files" in platform &&
    "clock" in platform &&
    "entropy" in platform
  );
}

function refuse(bad: boolean, name: string, value: unknown, allowed: string): void {
  if (bad) {
    throw new SeawallError(
      "INVALID_ARGUMENT",
      `option ${name} cannot be ${shown(value)}: use ${allowed}`,
    );
  }
}

function shown(value: unknown): string {
  return typeof value === "string" || typeof value === "number"
    ? JSON.stringify(value)
    : nameOfType(value);
}

function isBetween(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}

/** The default, or the largest that leaves a small segment room for a batch. */
function sectorBytesFor(segmentBytes: number): number {
  let sectorBytes = SECTOR_BYTES_DEFAULT;
  while (sectorBytes > SECTOR_BYTES_MIN && sectorBytes * 2 > segmentBytes) {
    sectorBytes /= 2;
  }
  return sectorBytes;
}
