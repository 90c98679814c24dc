import { InvariantError } from "../base/assert.ts";
import { bytesEqual } from "../base/bytes.ts";
import type { MirroredFile } from "../platform/mirrored-file.ts";
import type { FileIOError } from "../platform/file-io.ts";
import {
  commonHole,
  differs,
  hasHole,
  mend,
  readWholeCopies,
  refuseCommonHole,
} from "../platform/read-copies.ts";
import type { CopyRead, ScrubCounts } from "../platform/read-copies.ts";
import { BATCH_HEADER_BYTES, batchBytes, payloadIsWhole, readBatchHeader } from "./batch-format.ts";
import {
  encodeSegmentHeader,
  offsetInSegment,
  readSegmentHeader,
  SECTOR_BYTES_MIN,
  SEGMENT_HEADER_BYTES,
} from "./segment-format.ts";
import type { SegmentHeader, SegmentHeaderFound } from "./segment-format.ts";

/*
 * The log is read from two copies of each segment file as if there were one, of which each batch is whole
 * where it is whole in either copy. That is nothing that a power cut could not leave of a single file: it
 * keeps un-synced batches in any choice, and what was synced is in both copies.
 *
 * What is stale does not count. Of two headers the one with the higher number was written last; a batch is
 * one of this segment only when it has the epoch and the store of that header, and the LSN of its place.
 * LSNs are never used twice, so that two copies of such a batch cannot differ and both be whole.
 */

/** What the first bytes of a segment are, in the copy that was written last. */
export function headerOfCopies(copies: readonly [CopyRead, CopyRead]): SegmentHeaderFound {
  const [first, second] = copies.map(({ bytes }) =>
    readSegmentHeader(bytes.subarray(0, SEGMENT_HEADER_BYTES)),
  );
  if (first === undefined || second === undefined) {
    return { kind: "zeros" };
  }
  if (first.kind === "header" && second.kind === "header") {
    return second.header.number > first.header.number ? second : first;
  }
  return RANKS.indexOf(second.kind) > RANKS.indexOf(first.kind) ? second : first;
}

/** What says more comes later. */
const RANKS: readonly SegmentHeaderFound["kind"][] = ["zeros", "damaged", "other-format", "header"];

/** A segment file as if it had one copy. */
export interface MergedSegment {
  readonly bytes: Uint8Array;
  readonly header: SegmentHeaderFound;
  /** Batches, and the header, that one of the copies does not hold, or cannot be read at. */
  readonly differing: readonly Span[];
}

export interface Span {
  readonly from: number;
  readonly to: number;
  /** Of the batch; 0 for the header. */
  readonly lsn: number;
}

/**
 * `header`: what it was found to be, when that is decided already.
 *
 * @throws FileIOError for a sector that neither copy can be read at.
 */
export function mergeSegment(
  copies: readonly [CopyRead, CopyRead],
  header: SegmentHeaderFound = headerOfCopies(copies),
): MergedSegment {
  refuseCommonHole(copies);
  const [first, second] = copies;
  const isReadable = first.holes.length + second.holes.length === 0;
  if (isReadable && bytesEqual(first.bytes, second.bytes)) {
    return { bytes: first.bytes, header, differing: [] };
  }
  const bytes = new Uint8Array(Math.max(first.bytes.length, second.bytes.length));
  const differing =
    header.kind === "header"
      ? mergeBatches(copies, header.header, bytes)
      : mergeSectors(copies, bytes);
  return { bytes, header, differing };
}

function mergeBatches(
  copies: readonly [CopyRead, CopyRead],
  header: SegmentHeader,
  target: Uint8Array,
): Span[] {
  const { sectorBytes } = header;
  const sector = encodeSegmentHeader(header);
  target.set(sector);
  const differing = copies.some((copy) => differs(copy, sector, 0))
    ? [{ from: 0, to: sectorBytes, lsn: 0 }]
    : [];
  for (let offset = sectorBytes; offset < target.length;) {
    const [first = 0, second = 0] = copies.map(({ bytes }) => batchAt(bytes, offset, header));
    const length = Math.max(first, second);
    if (length === 0) {
      takeSector(copies, target, { from: offset, to: offset + sectorBytes });
      offset += sectorBytes;
      continue;
    }
    const right = target.subarray(offset, offset + length);
    const source = copies[first > 0 ? 0 : 1].bytes;
    const lsn = copyBatch(source.subarray(offset, offset + length), right);
    if (copies.some((copy) => differs(copy, right, offset))) {
      differing.push({ from: offset, to: offset + length, lsn });
    }
    offset += length;
  }
  return differing;
}

/** Without its padding, which is zeros, and which no checksum covers. Returns its LSN. */
function copyBatch(batch: Uint8Array, target: Uint8Array): number {
  const found = readBatchHeader(batch.subarray(0, BATCH_HEADER_BYTES));
  if (found.kind !== "header") {
    throw new InvariantError("a batch that was whole has no header");
  }
  target.set(batch.subarray(0, BATCH_HEADER_BYTES + found.header.payloadBytes));
  return found.header.lsn;
}

/**
 * A file that holds no segment may hold batches all the same, when it is its header that is damaged. What one
 * copy cannot be read at may be a header that it alone has.
 */
function mergeSectors(copies: readonly [CopyRead, CopyRead], target: Uint8Array): Span[] {
  for (let from = 0; from < target.length; from += SECTOR_BYTES_MIN) {
    takeSector(copies, target, { from, to: from + SECTOR_BYTES_MIN });
  }
  const to = Math.max(...copies.map(hiddenHead));
  if (to === 0) {
    return [];
  }
  target.fill(0, 0, SECTOR_BYTES_MIN);
  return [{ from: 0, to, lsn: 0 }];
}

/** How much of the beginning of a copy cannot be read, or is a header that was not found before. */
function hiddenHead(copy: CopyRead): number {
  const head = readSegmentHeader(copy.bytes.subarray(0, SEGMENT_HEADER_BYTES));
  let end = head.kind === "header" ? SECTOR_BYTES_MIN : 0;
  while (end < copy.bytes.length && hasHole(copy, end, end + SECTOR_BYTES_MIN)) {
    end += SECTOR_BYTES_MIN;
  }
  return Math.min(end, copy.bytes.length);
}

/** No whole batch begins here. The beginning of one says more than anything else that a crash leaves. */
function takeSector(
  copies: readonly [CopyRead, CopyRead],
  target: Uint8Array,
  { from, to }: Omit<Span, "lsn">,
): void {
  const [first, second] = copies;
  const isSecond =
    hasHole(first, from, to) ||
    first.bytes.length <= from ||
    (!beginsBatch(first, from) && beginsBatch(second, from));
  target.set((isSecond ? second : first).bytes.subarray(from, to), from);
}

function beginsBatch({ bytes }: CopyRead, offset: number): boolean {
  return readBatchHeader(bytes.subarray(offset, offset + BATCH_HEADER_BYTES)).kind === "header";
}

/** Bytes of the segment's own batch that is there, whole; 0 when none is. */
function batchAt(bytes: Uint8Array, offset: number, segment: SegmentHeader): number {
  const found = readBatchHeader(bytes.subarray(offset, offset + BATCH_HEADER_BYTES));
  if (found.kind !== "header") {
    return 0;
  }
  const { header } = found;
  const belongs =
    header.epoch === segment.epoch &&
    header.storeId === segment.storeId % 0x1_0000_0000 &&
    offsetInSegment(segment, header.lsn) === offset;
  const length = batchBytes(header.payloadBytes, segment.sectorBytes);
  if (!belongs || length > bytes.length - offset) {
    return 0;
  }
  const start = offset + BATCH_HEADER_BYTES;
  const payload = bytes.subarray(start, start + header.payloadBytes);
  return payloadIsWhole(header, payload) ? length : 0;
}

/**
 * Gives each copy of a segment what only the other one holds, durably: the header, and batches before that
 * LSN. Later ones may be under way, and in one copy before they are in the other. `header`: what it was found
 * to be, when that is decided already: another one that a copy shows now is written over. Gives back why nothing is
 * repaired: there is a place that neither copy can be read at.
 */
export async function repairSegment(
  file: MirroredFile,
  before: number,
  header?: SegmentHeaderFound,
): Promise<ScrubCounts | FileIOError> {
  const copies = await readWholeCopies(file);
  const unreadable = commonHole(copies);
  if (unreadable !== undefined) {
    return unreadable;
  }
  const { bytes, differing } = mergeSegment(copies, header);
  const [first, second] = copies;
  const spans = differing.filter(({ lsn }) => lsn < before);
  if (spans.length > 0 && first.bytes.length !== second.bytes.length) {
    // A copy that is missing, or was cut short.
    await file.preallocate(bytes.length);
  }
  const counts = { repaired: 0, notRepaired: 0 };
  for (const { from, to } of spans) {
    const isMended = await mend(file, copies, bytes.subarray(from, to), { offset: from, from });
    counts[isMended ? "repaired" : "notRepaired"] += 1;
  }
  if (spans.length > 0) {
    await file.sync();
  }
  return counts;
}
