import { SeawallError } from "../base/errors.ts";
import { lsn } from "../base/units.ts";
import type { Lsn } from "../base/units.ts";
import { isFileIOError } from "../platform/file-io.ts";
import type { FileHandle, FileIO } from "../platform/file-io.ts";
import { mirrored } from "../platform/mirrored-file.ts";
import type { MirroredFile } from "../platform/mirrored-file.ts";
import { readCopies, readWholeCopies, refuseCommonHole } from "../platform/read-copies.ts";
import { readWhole } from "../platform/whole-io.ts";
import { BATCH_HEADER_BYTES, readBatchHeader } from "./batch-format.ts";
import { headerOfCopies, mergeSegment } from "./segment-copies.ts";
import {
  FORMAT_VERSION,
  isUnfinishedName,
  offsetInSegment,
  readSegmentHeader,
  segmentNumberOf,
  SEGMENT_HEADER_BYTES,
} from "./segment-format.ts";
import type { SegmentHeader, SegmentHeaderFound } from "./segment-format.ts";

/** A file with a segment's name. */
export interface SegmentFile {
  readonly name: string;
  readonly bytes: number;
  /** Less than `bytes` where it is mirrored and one copy is missing, or shorter: all of both copies. */
  readonly capacityBytes: number;
  readonly found: SegmentHeaderFound;
  /**
   * Behind the header lies a batch that it did not begin. One of them is from another use of the file: a
   * crash leaves that, and so does a device that lost the write of the header.
   */
  readonly isMixed?: boolean;
  /** It is mirrored, and the header cannot be read in one copy: it may be the one that was written last. */
  readonly isHidden?: boolean;
}

/** A segment that holds a part of the log. */
export interface LiveSegment {
  readonly file: SegmentFile;
  readonly header: SegmentHeader;
  /** Where the next segment takes over; infinite for the last one. */
  readonly limitLsn: number;
}

/**
 * The segment files that others replaced, durably so: a batch says that the log was durable beyond the
 * beginning of the segment that took over. A replaced file of which that is not known may still be
 * needed: the header that replaces it may be visible and not on the disk.
 */
export function replacedSegments(
  segmentFiles: readonly SegmentFile[],
  live: readonly LiveSegment[],
  settledLsn: Lsn,
): SegmentFile[] {
  const settled = live.filter(
    ({ header }) => settledLsn > header.baseLsn && settledLsn >= header.resumeLsn,
  );
  return segmentFiles.filter(
    ({ found }) =>
      found.kind === "header" &&
      settled.some(
        ({ header }) =>
          header.number > found.header.number && header.baseLsn <= found.header.baseLsn,
      ),
  );
}

/** Where the first batch of a new store lies. 0 stays free to mean "nowhere". */
export const FIRST_LSN: Lsn = lsn(4096);

/** Lists the segment files of a directory and reads their headers. */
export async function findSegmentFiles(
  files: FileIO,
  directory: string,
  storeId?: number,
): Promise<SegmentFile[]> {
  const names = await files.readDirectory(directory);
  const segments = names.filter((name) => segmentNumberOf(name) !== undefined);
  return await readSegmentFiles({ files, directory, storeId }, segments);
}

export interface StoreOfSegments {
  readonly files: FileIO;
  readonly directory: string;
  readonly storeId: number | undefined;
}

/**
 * Reads the headers of segment files. A header of another store than the control file's is none: a header of
 * ours that did not reach the disk may leave what a store that was removed had in those sectors. When no
 * header is this store's, all are left as they are: then the files do not belong together, and are refused.
 */
export async function readSegmentFiles(
  { files, directory, storeId }: StoreOfSegments,
  names: readonly string[],
): Promise<SegmentFile[]> {
  const found: SegmentFile[] = [];
  for (const name of names) {
    found.push(...(await readIfThere(files, directory, name)));
  }
  const isOurs = (file: SegmentFile): boolean =>
    file.found.kind === "header" && file.found.header.storeId === storeId;
  if (!found.some(isOurs)) {
    return found;
  }
  return found.map((file) => (file.found.kind === "header" && !isOurs(file) ? bare(file) : file));
}

function bare(file: SegmentFile): SegmentFile {
  return { ...file, found: { kind: "damaged" } };
}

/** In a store that is in use a file may go that holds nothing. */
async function readIfThere(
  files: FileIO,
  directory: string,
  name: string,
): Promise<readonly SegmentFile[]> {
  try {
    return [await readHeaderOf(files, directory, name)];
  } catch (error) {
    if (!isFileIOError(error, "ENOENT")) {
      throw error;
    }
    return [];
  }
}

/** Names of files that a crash cut short while they were made: they never held anything. */
export async function findUnfinished(files: FileIO, directory: string): Promise<string[]> {
  const names = await files.readDirectory(directory);
  return names.filter(isUnfinishedName);
}

async function readHeaderOf(files: FileIO, directory: string, name: string): Promise<SegmentFile> {
  const file = await files.open(`${directory}/${name}`, "read");
  try {
    const bytes = await file.size();
    const copies = mirrored(file);
    if (copies !== undefined) {
      const heads = await readCopies(copies, SEGMENT_HEADER_BYTES, 0);
      refuseCommonHole(heads);
      const found = headerOfCopies(heads);
      const isMixed = found.kind === "header" && (await bothBeginOtherwise(copies, found.header));
      const isHidden = heads.some(({ holes }) => holes.length > 0);
      const longest = Math.max(...(await copies.sizes()));
      const marks = { ...(isMixed ? { isMixed } : {}), ...(isHidden ? { isHidden } : {}) };
      return { name, bytes: longest, capacityBytes: bytes, found, ...marks };
    }
    const head = new Uint8Array(SEGMENT_HEADER_BYTES);
    const read = await readWhole(file, head, 0);
    const found = readSegmentHeader(head.subarray(0, read));
    const isMixed = found.kind === "header" && (await beginsOtherwise(file, found.header));
    return { name, bytes, capacityBytes: bytes, found, ...(isMixed ? { isMixed } : {}) };
  } finally {
    await file.close();
  }
}

async function beginsOtherwise(file: FileHandle, header: SegmentHeader): Promise<boolean> {
  const bytes = new Uint8Array(BATCH_HEADER_BYTES);
  const read = await readWhole(file, bytes, header.sectorBytes);
  return isOfOtherUse(bytes.subarray(0, read), header) === true;
}

/** One copy alone may have missed the write of the batch. */
async function bothBeginOtherwise(file: MirroredFile, header: SegmentHeader): Promise<boolean> {
  const copies = await readCopies(file, BATCH_HEADER_BYTES, header.sectorBytes);
  const found = new Set(copies.map(({ bytes }) => isOfOtherUse(bytes, header)));
  return found.has(true) && !found.has(false);
}

/** Undefined when no batch begins there. */
function isOfOtherUse(bytes: Uint8Array, header: SegmentHeader): boolean | undefined {
  const first = readBatchHeader(bytes);
  return first.kind === "header"
    ? first.header.lsn !== header.baseLsn && first.header.lsn !== header.resumeLsn
    : undefined;
}

/** Told of a segment file of which the copies do not hold the same. */
export type OnDiffering = (name: string) => void;

/**
 * All bytes of a segment file; where it is mirrored, each batch from a copy that holds it.
 *
 * @throws FileIOError `EIO`, SeawallError `CORRUPTION` when there is less to read than the file has: neither
 * is to be taken for the end of the log.
 */
export async function loadSegment(
  files: FileIO,
  directory: string,
  segment: Pick<SegmentFile, "name" | "bytes">,
  onDiffering: OnDiffering = () => {},
): Promise<Uint8Array> {
  const file = await files.open(`${directory}/${segment.name}`, "read");
  try {
    const bytes = await readSegmentBytes(file, segment, onDiffering);
    if (bytes.length < segment.bytes) {
      throw new SeawallError("CORRUPTION", "a log file ends before its end", {
        place: {
          file: `${directory}/${segment.name}`,
          offset: bytes.length,
          expected: `${segment.bytes} bytes`,
          found: `${bytes.length} bytes`,
        },
      });
    }
    return bytes;
  } finally {
    await file.close();
  }
}

async function readSegmentBytes(
  file: FileHandle,
  segment: Pick<SegmentFile, "name" | "bytes">,
  onDiffering: OnDiffering,
): Promise<Uint8Array> {
  const copies = mirrored(file);
  if (copies === undefined) {
    const bytes = new Uint8Array(segment.bytes);
    const read = await readWhole(file, bytes, 0);
    return bytes.subarray(0, read);
  }
  const merged = mergeSegment(await readWholeCopies(copies));
  if (merged.differing.length > 0) {
    onDiffering(segment.name);
  }
  return merged.bytes;
}

/**
 * The segments that hold the log from `start` on, in log order.
 *
 * @throws SeawallError `RECOVERY` for another format; `CORRUPTION` for segments that contradict each other,
 * and when none holds `start`.
 */
export function liveSegments(segmentFiles: readonly SegmentFile[], start: Lsn): LiveSegment[] {
  const live = chainOfSegments(segmentFiles).filter(({ limitLsn }) => limitLsn > start);
  const [first] = live;
  if (first !== undefined && !holds(first, start)) {
    throw new SeawallError("CORRUPTION", "the beginning of the log is missing", {
      place: {
        file: first.file.name,
        offset: 0,
        expected: `a segment that holds LSN ${start}`,
        found: `a segment that begins at LSN ${first.header.baseLsn}`,
      },
    });
  }
  return live;
}

/**
 * All segments that were not replaced, in log order. A segment replaces everything that segments with a
 * lower number hold from its base on: a file whose whole content is replaced is left out. Those at the
 * beginning may be left over from before a checkpoint, with gaps between them.
 *
 * @throws as `liveSegments`.
 */
export function chainOfSegments(segmentFiles: readonly SegmentFile[]): LiveSegment[] {
  refuseOtherFormats(segmentFiles);
  const known = segmentFiles
    .flatMap((file) => (file.found.kind === "header" ? [{ file, header: file.found.header }] : []))
    .toSorted((a, b) => b.header.number - a.header.number);
  const live: LiveSegment[] = [];
  let limitLsn = Number.POSITIVE_INFINITY;
  for (const { file, header } of known) {
    const next = live[0]?.header;
    if (next !== undefined) {
      refuseContradiction(header, next, file.name);
    }
    if (header.baseLsn < limitLsn) {
      live.unshift({ file, header, limitLsn });
      limitLsn = header.baseLsn;
    }
  }
  return live;
}

/** Whether the position lies in the segment, or right behind it. */
function holds(segment: LiveSegment, position: Lsn): boolean {
  return segment.header.baseLsn <= position && offsetOf(segment, position) <= segment.file.bytes;
}

/** Where a position of the log lies in the file. */
export function offsetOf({ header }: LiveSegment, lsn: Lsn): number {
  return offsetInSegment(header, lsn);
}

function refuseOtherFormats(segmentFiles: readonly SegmentFile[]): void {
  for (const { name, found } of segmentFiles) {
    if (found.kind === "other-format") {
      const other = found.formatVersion > FORMAT_VERSION ? "a newer" : "an older";
      throw new SeawallError(
        "RECOVERY",
        `the store was written in a format that this version of Seawall does not know: use ${other} one`,
        {
          place: {
            file: name,
            expected: `format ${FORMAT_VERSION}`,
            found: `format ${found.formatVersion}`,
          },
        },
      );
    }
  }
}

function refuseContradiction(header: SegmentHeader, next: SegmentHeader, file: string): void {
  if (header.number === next.number || header.storeId !== next.storeId) {
    const what = header.number === next.number ? "number" : "store";
    throw new SeawallError("CORRUPTION", `two log segments do not belong to one log`, {
      place: {
        file,
        expected: `another ${what} than segment ${next.number} of store ${next.storeId}`,
        found: `segment ${header.number} of store ${header.storeId}`,
      },
    });
  }
}
