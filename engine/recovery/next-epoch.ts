import { lsn } from "../base/units.ts";
import { baseOf } from "../log/epoch-start.ts";
import type { EpochPlan } from "../log/epoch-start.ts";
import { chainOfSegments, replacedSegments } from "../log/segment-files.ts";
import type { SegmentFile } from "../log/segment-files.ts";
import { SegmentPool } from "../log/segment-pool.ts";
import { resumeAfter } from "../log/wal-manager.ts";
import type { OlderSegment } from "../log/wal-manager.ts";
import type { ResolvedOptions } from "../options.ts";
import type { ExaminedLog } from "./examine-log.ts";

export function planNextEpoch(
  { evidence, content }: ExaminedLog,
  segmentFiles: readonly SegmentFile[],
): EpochPlan {
  const epochs = segmentFiles.map(({ found }) =>
    found.kind === "header" ? found.header.epoch : 0,
  );
  const numbers = segmentFiles.map(numberOf);
  // A header that could not be read this time may be there the next time: its number is not given again.
  const hidden =
    evidence.batchesBeyondEnd > 0
      ? segmentFiles.filter(({ found }) => found.kind !== "header").length
      : 0;
  const fileBytes = segmentFiles.reduce((sum, { bytes }) => sum + bytes, 0);
  const tail = evidence.tail.filter((batch) => batch.endLsn <= content.lsn);
  const [oldestOfTail] = tail;
  return {
    epoch: Math.max(...epochs) + hidden + 1,
    storeId: evidence.storeId,
    sectorBytes: evidence.sectorBytes,
    segmentNumber: Math.max(...numbers) + hidden + 1,
    tail,
    checksumBeforeTail: oldestOfTail?.header.previousChecksum ?? content.checksum,
    settledLsn: lsn(Math.min(evidence.settledLsn, content.lsn)),
    endLsn: content.lsn,
    resumeLsn: resumeAfter(evidence.nextLsn, fileBytes, evidence.sectorBytes),
  };
}

function numberOf({ found }: SegmentFile): number {
  return found.kind === "header" ? found.header.number : 0;
}

/** What happens to the segment files when a new epoch begins. */
export interface SegmentFates {
  /** May be written over at once. */
  readonly free: readonly SegmentFile[];
  /** Replaced by the new epoch: free once its first batch is durable. */
  readonly replaced: readonly SegmentFile[];
  /** Hold the log that recovery may still need. */
  readonly older: readonly OlderSegment[];
}

/**
 * Free from the beginning are files that never began a segment, files behind the end of the log, files that
 * others replaced, where it is known that the replacement is durable, and files of which every byte is from
 * before `keepFrom`. Not what an open that died has begun: its header may still come back, and would vouch
 * for a tail that is written over.
 */
export function fatesOf(
  segmentFiles: readonly SegmentFile[],
  examined: ExaminedLog | undefined,
  plan: EpochPlan,
  keepFrom: number,
): SegmentFates {
  const unused = segmentFiles.filter(({ found }) => found.kind !== "header");
  if (examined === undefined) {
    return { free: unused, replaced: [], older: [] };
  }
  const { segments, lastSegment, settledLsn } = examined.evidence;
  const chain = chainOfSegments(segmentFiles);
  const beyondEnd = segments.slice(segments.indexOf(lastSegment) + 1);
  // The log goes on behind these, durably: whoever took over from them is on the disk.
  const before = chain.filter(({ limitLsn }) => limitLsn < keepFrom);
  const free = new Set([
    ...unused,
    ...[...beyondEnd, ...before].map(({ file }) => file),
    ...replacedSegments(segmentFiles, segments, settledLsn),
  ]);
  const base = baseOf(plan);
  const rest = segmentFiles.filter((file) => !free.has(file));
  const replaced = rest.filter(
    ({ found }) => found.kind === "header" && found.header.baseLsn >= base,
  );
  const older = chain
    .filter(({ file }) => rest.includes(file) && !replaced.includes(file))
    .map(({ file, limitLsn }) => ({
      name: file.name,
      capacityBytes: file.capacityBytes,
      limitLsn: Math.min(limitLsn, base),
    }));
  return { free: [...free], replaced, older };
}

export function poolFor(
  options: ResolvedOptions,
  { sectorBytes }: EpochPlan,
  names: readonly string[],
  free: readonly SegmentFile[],
): SegmentPool {
  return new SegmentPool({
    reserveBytes: Math.min(options.segmentBytes, RESERVE_SECTORS * sectorBytes),
    files: options.platform.files,
    directory: options.directory,
    segmentBytes: options.segmentBytes,
    names,
    free: free.map(({ name, capacityBytes }) => ({ name, capacityBytes })),
    logger: options.logger,
  });
}

/** Header, a tail of some batches, an Open record, a Close record. */
const RESERVE_SECTORS = 8;
