import { SeawallError } from "../base/errors.ts";
import { lsn } from "../base/units.ts";
import type { Lsn } from "../base/units.ts";
import { BATCH_HEADER_BYTES } from "../log/batch-format.ts";
import { batchesIn } from "../log/log-reader.ts";
import type { AcceptedBatch, LogStart } from "../log/log-reader.ts";
import { decodeRecords } from "../log/record-codec.ts";
import type { LogRecord } from "../log/record.ts";
import { liveSegments } from "../log/segment-files.ts";
import type { LiveSegment, SegmentFile } from "../log/segment-files.ts";

/** A record with its place in the log and on the disk. */
export interface LocatedRecord {
  readonly record: LogRecord;
  readonly lsn: Lsn;
  readonly file: string;
  readonly offset: number;
}

/** A stretch of the log that was read and accepted before: from `start` to `endLsn`. */
export interface LogStretch {
  readonly segmentFiles: readonly SegmentFile[];
  readonly load: (file: SegmentFile) => Promise<Uint8Array>;
  readonly start: LogStart;
  readonly endLsn: Lsn;
}

/** The batches of the stretch, in log order, a segment's at a time. */
export async function* batchesForward(stretch: LogStretch): AsyncGenerator<AcceptedBatch[]> {
  for (const segment of segmentsOf(stretch)) {
    yield await batchesOf(stretch, segment);
  }
}

/** The records of the stretch, from its end to its beginning. Holds one segment in memory at a time. */
export async function* recordsBackward(stretch: LogStretch): AsyncGenerator<LocatedRecord> {
  for (const segment of segmentsOf(stretch).toReversed()) {
    for (const batch of (await batchesOf(stretch, segment)).toReversed()) {
      yield* recordsOf(batch).toReversed();
    }
  }
}

/** The segments that hold the stretch, in log order. */
export function segmentsOf({ segmentFiles, start, endLsn }: LogStretch): LiveSegment[] {
  return liveSegments(segmentFiles, start.lsn).filter(({ header }) => header.baseLsn < endLsn);
}

/** Those of the stretch. @throws SeawallError `CORRUPTION` when one is not there any more, `IO`. */
export async function batchesOf(
  stretch: LogStretch,
  segment: LiveSegment,
): Promise<AcceptedBatch[]> {
  const { start, endLsn } = stretch;
  const { baseLsn, previousChecksum } = segment.header;
  const from = baseLsn > start.lsn ? { lsn: baseLsn, checksum: previousChecksum } : start;
  return batchesIn(segment, await stretch.load(segment.file), from, endLsn);
}

/** The records of a batch, in log order. @throws SeawallError `CORRUPTION` when they are none. */
export function recordsOf({ header, payload, file, offset }: AcceptedBatch): LocatedRecord[] {
  const decoded = decodeRecords(payload);
  if (decoded?.length !== header.recordCount) {
    throw new SeawallError("CORRUPTION", "a log batch with a right checksum cannot be decoded", {
      place: {
        file,
        offset,
        expected: `${header.recordCount} records`,
        found: decoded === undefined ? "bytes that are no records" : `${decoded.length} records`,
      },
    });
  }
  return decoded.map(({ record, offset: inPayload }) => ({
    record,
    lsn: lsn(header.lsn + BATCH_HEADER_BYTES + inPayload),
    file,
    offset: offset + BATCH_HEADER_BYTES + inPayload,
  }));
}
