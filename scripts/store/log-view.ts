import { isSeawallError } from "../../engine/base/errors.ts";
import { BATCH_HEADER_BYTES } from "../../engine/log/batch-format.ts";
import { decodeRecords } from "../../engine/log/record-codec.ts";
import { chainOfSegments, findSegmentFiles, loadSegment } from "../../engine/log/segment-files.ts";
import type { SegmentFile } from "../../engine/log/segment-files.ts";
import { isFileIOError, type FileIO } from "../../engine/platform/file-io.ts";
import { scanBatches, type ScannedBatch } from "./log-scan.ts";
import { viewRecord, type RecordView } from "./record-view.ts";

export interface SegmentView extends Omit<SegmentFile, "capacityBytes"> {
  /** What it is to the log. */
  readonly role: string;
  /** From here on a later segment has the log; undefined for the last one, and where that is unclear. */
  readonly limitLsn?: number | undefined;
}

export type BatchView = { readonly file: string; readonly offset: number; readonly lsn: number } & (
  | { readonly kind: "damaged"; readonly what: string }
  | {
      readonly kind: "batch";
      /** With header and padding; and the records alone. */
      readonly bytes: number;
      readonly payloadBytes: number;
      readonly recordCount: number;
      readonly epoch: number;
      /** The log was known durable up to here when the batch was written. */
      readonly durableLsn: number;
      /** Where they were asked for; undefined when the payload holds none that can be decoded. */
      readonly records?: readonly RecordView[] | undefined;
    }
);

export interface LogRange {
  readonly from: number;
  /** Batches, or records where those are shown. */
  readonly limit: number;
  readonly records: boolean;
}

export interface BatchList {
  readonly batches: readonly BatchView[];
  /** Where what was left out begins. */
  readonly moreFrom?: number;
}

/** The segment files, the oldest part of the log first; those that hold no log come last. */
export async function viewSegments(
  files: FileIO,
  directory: string,
  startLsn: number,
): Promise<SegmentView[]> {
  const found = await findSegmentFiles(files, directory);
  const inOrder = found.toSorted((a, b) => numberOf(a) - numberOf(b));
  const limits = limitsOf(found);
  return inOrder.map((file): SegmentView => {
    const { name, bytes, found: header } = file;
    const limitLsn = typeof limits === "string" ? undefined : limits.get(file);
    const role =
      typeof limits === "string" ? `unclear: ${limits}` : roleOf(file, limitLsn, startLsn);
    return { name, bytes, found: header, role, limitLsn };
  });
}

function numberOf({ found }: SegmentFile): number {
  return found.kind === "header" ? found.header.number : Number.MAX_SAFE_INTEGER;
}

const REPLACED = "replaced by a later segment";

function roleOf({ found }: SegmentFile, limitLsn: number | undefined, startLsn: number): string {
  if (found.kind !== "header") {
    return "holds no log";
  }
  if (limitLsn === undefined) {
    return REPLACED;
  }
  return limitLsn > startLsn ? "holds log that recovery reads" : "before the checkpoint";
}

/** Where each segment's part of the log ends, or why that cannot be said. */
function limitsOf(files: readonly SegmentFile[]): ReadonlyMap<SegmentFile, number> | string {
  try {
    return new Map(chainOfSegments(files).map(({ file, limitLsn }) => [file, limitLsn]));
  } catch (error) {
    if (isSeawallError(error)) {
      return error.message;
    }
    throw error;
  }
}

/** Batches from a position on, from the segments that count. */
export async function viewBatches(
  files: FileIO,
  directory: string,
  segments: readonly SegmentView[],
  range: LogRange,
): Promise<BatchList> {
  const batches: BatchView[] = [];
  let left = range.limit;
  for (const segment of segments.filter(({ role }) => role !== REPLACED)) {
    for (const batch of await batchesOf(files, directory, segment)) {
      const view = viewBatch(segment.name, batch, range);
      if (view === undefined) {
        continue;
      }
      if (left <= 0) {
        return { batches, moreFrom: view.lsn };
      }
      const { shown, moreFrom, taken } = cutTo(left, view);
      batches.push(shown);
      if (moreFrom !== undefined) {
        return { batches, moreFrom };
      }
      left -= taken;
    }
  }
  return { batches };
}

/** The beginning of a batch that holds more records than there is room for. */
function cutTo(
  left: number,
  view: BatchView,
): { readonly shown: BatchView; readonly moreFrom?: number | undefined; readonly taken: number } {
  if (view.kind === "damaged" || view.records === undefined) {
    return { shown: view, taken: 1 };
  }
  const { records } = view;
  const shown = { ...view, records: records.slice(0, left) };
  return { shown, moreFrom: records[left]?.lsn, taken: Math.max(1, records.length) };
}

async function batchesOf(
  files: FileIO,
  directory: string,
  segment: SegmentView,
): Promise<Iterable<ScannedBatch>> {
  try {
    const bytes = await loadSegment(files, directory, segment);
    return scanBatches(segment, bytes, segment.limitLsn ?? Infinity);
  } catch (error) {
    if (isFileIOError(error) && segment.found.kind === "header") {
      const { baseLsn } = segment.found.header;
      return [{ kind: "damaged", offset: 0, lsn: baseLsn, what: `unreadable: ${error.message}` }];
    }
    throw error;
  }
}

/** Undefined for a batch in front of the range. */
function viewBatch(file: string, batch: ScannedBatch, range: LogRange): BatchView | undefined {
  if (batch.kind === "damaged") {
    const { offset, lsn, what } = batch;
    return lsn < range.from ? undefined : { kind: "damaged", file, offset, lsn, what };
  }
  const { header, offset, bytes, payload } = batch;
  const { lsn, epoch, durableLsn, recordCount, payloadBytes } = header;
  if (lsn + bytes <= range.from) {
    return undefined;
  }
  return {
    kind: "batch",
    file,
    offset,
    lsn,
    bytes,
    payloadBytes,
    recordCount,
    epoch,
    durableLsn,
    ...(range.records ? { records: recordsIn(payload, lsn, range.from) } : {}),
  };
}

function recordsIn(payload: Uint8Array, lsn: number, from: number): RecordView[] | undefined {
  const decoded = decodeRecords(payload);
  return decoded
    ?.map((record) => viewRecord(record, lsn + BATCH_HEADER_BYTES))
    .filter((record) => record.lsn >= from);
}
