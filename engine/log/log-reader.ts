import { SeawallError } from "../base/errors.ts";
import { lsn as toLsn } from "../base/units.ts";
import type { Lsn } from "../base/units.ts";
import { BATCH_HEADER_BYTES, batchBytes, payloadIsWhole, readBatchHeader } from "./batch-format.ts";
import type { BatchHeader } from "./batch-format.ts";
import type { SegmentHeader } from "./segment-format.ts";
import { FIRST_LSN, liveSegments, offsetOf } from "./segment-files.ts";
import type { LiveSegment, SegmentFile } from "./segment-files.ts";
import { getUint32 } from "../base/bytes.ts";

/** A batch that the log holds. */
export interface AcceptedBatch {
  readonly header: BatchHeader;
  readonly payload: Uint8Array;
  /** Where the next batch begins, unless positions jump there. */
  readonly endLsn: Lsn;
  readonly file: string;
  /** Where the batch begins in the file. */
  readonly offset: number;
}

/** Why the bytes at the first position that holds no batch of the log are none. */
export type RejectedBecause =
  | "the segment is full"
  | "zeros"
  | "no batch begins here"
  | "bad header checksum"
  | "a batch of an earlier use of the file"
  | "does not follow the batch before it"
  | "length beyond the segment"
  | "bad payload checksum";

/** What the reader found, from the first batch to the first position that holds none. */
export interface LogEvidence {
  readonly storeId: number;
  readonly sectorBytes: number;
  readonly segments: readonly LiveSegment[];
  /** Segment in which reading stopped. */
  readonly lastSegment: LiveSegment;
  /** First position that holds no batch of the log. */
  readonly endLsn: Lsn;
  readonly endOffset: number;
  readonly rejected: RejectedBecause;
  /** The log was known durable up to here: damage below is not what a crash leaves. */
  readonly durableLsn: Lsn;
  /**
   * Below here nothing needs to be written anew. Less than `durableLsn` while a segment that began an
   * epoch holds no batch of that epoch: its copied tail was synced, but whether its header and its name
   * were is not known.
   */
  readonly settledLsn: Lsn;
  /** Where the next batch would have been written. */
  readonly nextLsn: Lsn;
  /** Batches behind the end that were whole enough to be recognised. */
  readonly batchesBeyondEnd: number;
  /** Batches at or behind `settledLsn`, in order. */
  readonly tail: readonly AcceptedBatch[];
  readonly batches: number;
}

interface Cursor {
  lsn: Lsn;
  checksum: number;
  durableLsn: Lsn;
  settledLsn: Lsn;
  batches: number;
  tail: AcceptedBatch[];
}

type Step =
  | { readonly kind: "batch"; readonly batch: AcceptedBatch }
  | { readonly kind: "rejected"; readonly because: RejectedBecause };

/** Where to begin to read: a batch begins there, or will, and all before it is durable and not needed. */
export interface LogStart {
  readonly lsn: Lsn;
  /** headerChecksum of the batch before it. */
  readonly checksum: number;
}

/** The beginning of a store's log: nothing is before it. */
export const LOG_BEGINNING: LogStart = { lsn: FIRST_LSN, checksum: 0 };

export interface LogFiles {
  readonly segmentFiles: readonly SegmentFile[];
  readonly load: (file: SegmentFile) => Promise<Uint8Array>;
}

/**
 * Reads the log in order, until something is no batch of it. Changes nothing and decides nothing: what
 * the end means is for tail-decision.ts. `accept` sees each batch.
 *
 * @throws SeawallError `CORRUPTION` when the log does not reach the place to begin, or segments
 * contradict each other: damage that no crash can leave.
 */
export async function readLog(
  { segmentFiles, load }: LogFiles,
  start: LogStart,
  accept: (batch: AcceptedBatch) => void,
): Promise<LogEvidence> {
  const segments = liveSegments(segmentFiles, start.lsn);
  const [first] = segments;
  if (first === undefined) {
    throw new SeawallError("CORRUPTION", "the log has no segment");
  }
  const cursor: Cursor = {
    lsn: start.lsn,
    checksum: start.checksum,
    durableLsn: start.lsn,
    settledLsn: start.lsn,
    batches: 0,
    tail: [],
  };
  let index = 0;
  for (;;) {
    const segment = segments[index] ?? first;
    const bytes = await load(segment.file);
    const rejected = readSegment(segment, bytes, cursor, accept);
    if (rejected === undefined) {
      index += 1;
      continue;
    }
    const endLsn = cursor.lsn === segment.header.resumeLsn ? segment.header.tailEndLsn : cursor.lsn;
    const beyond = { index, offset: offsetOf(segment, cursor.lsn), bytes };
    const batchesBeyondEnd = await lookBeyond({ segments, segmentFiles, load }, beyond, cursor);
    return {
      storeId: first.header.storeId,
      sectorBytes: first.header.sectorBytes,
      segments,
      lastSegment: segment,
      endLsn,
      nextLsn: cursor.lsn,
      endOffset: beyond.offset,
      rejected,
      durableLsn: cursor.durableLsn,
      settledLsn: cursor.settledLsn,
      batchesBeyondEnd,
      tail: cursor.tail.filter((batch) => batch.header.lsn >= cursor.settledLsn),
      batches: cursor.batches,
    };
  }
}

/** Undefined when the segment was read to its limit: the log goes on in the next one. */
function readSegment(
  segment: LiveSegment,
  bytes: Uint8Array,
  cursor: Cursor,
  accept: (batch: AcceptedBatch) => void,
): RejectedBecause | undefined {
  noteHeader(cursor, segment.header);
  while (advance(segment, cursor)) {
    const step = readBatch(segment, bytes, cursor);
    if (step.kind === "rejected") {
      return step.because;
    }
    const { batch } = step;
    accept(batch);
    cursor.batches += 1;
    cursor.lsn = batch.endLsn;
    cursor.checksum = batch.header.headerChecksum;
    noteStamp(cursor, batch.header.durableLsn);
    cursor.tail.push(batch);
  }
  return undefined;
}

/** Over the jump behind a copied tail. False at the limit of the segment. */
function advance({ header, limitLsn }: LiveSegment, position: { lsn: Lsn }): boolean {
  if (position.lsn !== limitLsn && position.lsn === header.tailEndLsn) {
    position.lsn = header.resumeLsn;
  }
  return position.lsn !== limitLsn;
}

/**
 * The batches of a segment from a place in it to `endLsn`, all of which `readLog` has accepted before.
 *
 * @throws SeawallError `CORRUPTION` when one is not there any more.
 */
export function batchesIn(
  segment: LiveSegment,
  bytes: Uint8Array,
  start: LogStart,
  endLsn: Lsn,
): AcceptedBatch[] {
  const batches: AcceptedBatch[] = [];
  const position = { ...start };
  while (advance(segment, position) && position.lsn < endLsn) {
    const step = readBatch(segment, bytes, position);
    if (step.kind === "rejected") {
      throw new SeawallError("CORRUPTION", "a part of the log changed between two reads", {
        place: {
          file: segment.file.name,
          offset: offsetOf(segment, position.lsn),
          expected: `the batch at LSN ${position.lsn}`,
          found: step.because,
        },
      });
    }
    batches.push(step.batch);
    position.lsn = step.batch.endLsn;
    position.checksum = step.batch.header.headerChecksum;
  }
  return batches;
}

/** Batches below what is settled need no second look; letting go of them keeps memory flat. */
function noteStamp(cursor: Cursor, durableLsn: Lsn): void {
  if (durableLsn > cursor.durableLsn) {
    cursor.durableLsn = durableLsn;
  }
  if (durableLsn > cursor.settledLsn) {
    cursor.settledLsn = durableLsn;
    if (cursor.tail.length > 0) {
      cursor.tail = cursor.tail.filter((batch) => batch.header.lsn >= durableLsn);
    }
  }
}

/**
 * The header that begins an epoch is written only after the tail that it speaks of was synced. That of a
 * rotation is written with its first batch, and proves nothing of the segment before.
 */
function noteHeader(cursor: Cursor, header: SegmentHeader): void {
  noteStamp(cursor, header.durableLsn);
  const beginsEpoch = header.resumeLsn > header.tailEndLsn;
  if (beginsEpoch && header.tailEndLsn > cursor.durableLsn) {
    cursor.durableLsn = header.tailEndLsn;
  }
}

function readBatch(segment: LiveSegment, bytes: Uint8Array, cursor: LogStart): Step {
  const offset = offsetOf(segment, cursor.lsn);
  const room = Math.min(bytes.length, segment.header.capacityBytes) - offset;
  if (room < BATCH_HEADER_BYTES) {
    return { kind: "rejected", because: "the segment is full" };
  }
  const found = readBatchHeader(bytes.subarray(offset, offset + BATCH_HEADER_BYTES));
  if (found.kind !== "header") {
    const because =
      found.kind === "bad-checksum"
        ? "bad header checksum"
        : getUint32(bytes, offset) === 0
          ? "zeros"
          : "no batch begins here";
    return { kind: "rejected", because };
  }
  const { header } = found;
  if (!belongs(header, segment) || header.lsn !== cursor.lsn) {
    return { kind: "rejected", because: "a batch of an earlier use of the file" };
  }
  if (header.previousChecksum !== cursor.checksum) {
    return { kind: "rejected", because: "does not follow the batch before it" };
  }
  if (header.payloadBytes > room - BATCH_HEADER_BYTES) {
    return { kind: "rejected", because: "length beyond the segment" };
  }
  const start = offset + BATCH_HEADER_BYTES;
  const payload = bytes.subarray(start, start + header.payloadBytes);
  if (!payloadIsWhole(header, payload)) {
    return { kind: "rejected", because: "bad payload checksum" };
  }
  const endLsn = toLsn(header.lsn + batchBytes(header.payloadBytes, segment.header.sectorBytes));
  return { kind: "batch", batch: { header, payload, endLsn, file: segment.file.name, offset } };
}

function belongs(header: BatchHeader, segment: LiveSegment): boolean {
  return (
    header.epoch === segment.header.epoch &&
    header.storeId === segment.header.storeId % 0x1_0000_0000
  );
}

interface Beyond {
  readonly index: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

interface Everything {
  readonly segments: readonly LiveSegment[];
  readonly segmentFiles: readonly SegmentFile[];
  readonly load: (file: SegmentFile) => Promise<Uint8Array>;
}

/**
 * Looks for what was written behind the end. A batch there proves nothing by being there, since a power
 * cut keeps writes in any order; its durable stamp does. Also looks into files without a header, or with one
 * that does not go with what is behind it: it may be the header that was damaged, or that never got there.
 */
async function lookBeyond(all: Everything, from: Beyond, cursor: Cursor): Promise<number> {
  const here = all.segments[from.index];
  let batches = here === undefined ? 0 : countBatches(here, from.bytes, from.offset, cursor);
  for (const segment of all.segments.slice(from.index + 1)) {
    noteHeader(cursor, segment.header);
    const bytes = await all.load(segment.file);
    batches += countBatches(segment, bytes, segment.header.sectorBytes, cursor);
  }
  for (const file of all.segmentFiles) {
    const isRead = all.segments.some((segment) => segment.file === file);
    if (file.found.kind !== "header" || (file.isMixed === true && !isRead)) {
      batches += countStrayBatches(await all.load(file), here?.header.storeId ?? 0, cursor);
    }
  }
  return batches;
}

function countBatches(
  segment: LiveSegment,
  bytes: Uint8Array,
  start: number,
  cursor: Cursor,
): number {
  let count = 0;
  const { sectorBytes } = segment.header;
  for (let offset = start; offset < bytes.length; offset += sectorBytes) {
    const found = readBatchHeader(bytes.subarray(offset, offset + BATCH_HEADER_BYTES));
    if (
      found.kind === "header" &&
      belongs(found.header, segment) &&
      offsetOf(segment, found.header.lsn) === offset &&
      found.header.lsn >= cursor.lsn
    ) {
      count += 1;
      noteStamp(cursor, found.header.durableLsn);
    }
  }
  return count;
}

/** Smallest sector size: the file's own is in the header that is damaged. */
const SECTOR_BYTES_MIN = 512;

function countStrayBatches(bytes: Uint8Array, storeId: number, cursor: Cursor): number {
  let count = 0;
  for (let offset = 0; offset < bytes.length; offset += SECTOR_BYTES_MIN) {
    const found = readBatchHeader(bytes.subarray(offset, offset + BATCH_HEADER_BYTES));
    const ours = found.kind === "header" && found.header.storeId === storeId % 0x1_0000_0000;
    if (ours && found.header.lsn >= cursor.lsn) {
      count += 1;
      noteStamp(cursor, found.header.durableLsn);
    }
  }
  return count;
}
