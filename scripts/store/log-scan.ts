import { getUint32 } from "../../engine/base/bytes.ts";
import { lsn as toLsn } from "../../engine/base/units.ts";
import type { Lsn } from "../../engine/base/units.ts";
import {
  BATCH_HEADER_BYTES,
  batchBytes,
  payloadIsWhole,
  readBatchHeader,
} from "../../engine/log/batch-format.ts";
import type { BatchHeader } from "../../engine/log/batch-format.ts";
import type { SegmentFile } from "../../engine/log/segment-files.ts";
import type { SegmentHeader } from "../../engine/log/segment-format.ts";

/** A batch as it lies in a segment, or what is there instead. */
export type ScannedBatch =
  | {
      readonly kind: "batch";
      readonly offset: number;
      readonly header: BatchHeader;
      readonly payload: Uint8Array;
      /** With header and padding. */
      readonly bytes: number;
    }
  | { readonly kind: "damaged"; readonly offset: number; readonly lsn: Lsn; readonly what: string };

/**
 * Walks the batches of a segment, one behind the other. Unlike recovery it goes on behind damage, with the next
 * sector where a batch of this segment begins. Batches of earlier uses of the file are not the segment's, and from
 * `limitLsn` on another segment has the log.
 */
export function* scanBatches(
  file: Pick<SegmentFile, "found">,
  bytes: Uint8Array,
  limitLsn: number,
): Generator<ScannedBatch> {
  if (file.found.kind !== "header") {
    return;
  }
  const { header } = file.found;
  const room = bytes.subarray(0, Math.min(bytes.length, header.capacityBytes));
  let previous: number | undefined = header.previousChecksum;
  for (let offset = header.sectorBytes; offset < room.length && lsnAt(header, offset) < limitLsn;) {
    const found = batchAt(header, room, offset);
    if (found.kind === "batch") {
      const follows = previous === undefined || found.header.previousChecksum === previous;
      yield follows
        ? found
        : { kind: "damaged", offset, lsn: found.header.lsn, what: FOLLOWS_ANOTHER };
      previous = found.header.headerChecksum;
      offset += found.bytes;
    } else {
      const next = nextBatch(header, room, offset);
      if (found.kind === "damaged" || next < room.length) {
        yield { kind: "damaged", offset, lsn: lsnAt(header, offset), what: found.what };
      }
      previous = undefined;
      offset = next;
    }
  }
}

const FOLLOWS_ANOTHER = "DAMAGED: a batch that does not follow the one before it";

type AtOffset =
  | Extract<ScannedBatch, { kind: "batch" }>
  /** Nothing of this segment was ever written here, as far as can be seen. */
  | { readonly kind: "nothing"; readonly what: string }
  | { readonly kind: "damaged"; readonly what: string };

function batchAt(header: SegmentHeader, room: Uint8Array, offset: number): AtOffset {
  const found = readBatchHeader(room.subarray(offset, offset + BATCH_HEADER_BYTES));
  switch (found.kind) {
    case "short":
      return { kind: "nothing", what: "the end of the file" };
    case "not-a-batch":
      return getUint32(room, offset) === 0
        ? { kind: "nothing", what: "zeros" }
        : {
            kind: "damaged",
            what: "no batch begins here: damage, or what an earlier use of the file left",
          };
    case "bad-checksum":
      return { kind: "damaged", what: "DAMAGED: a batch header with a wrong checksum" };
    case "header":
  }
  const batch = found.header;
  if (!belongs(header, batch, offset)) {
    return { kind: "nothing", what: "a batch of an earlier use of the file" };
  }
  const start = offset + BATCH_HEADER_BYTES;
  if (batch.payloadBytes > room.length - start) {
    return { kind: "damaged", what: "DAMAGED: a batch that is longer than its segment" };
  }
  const payload = room.subarray(start, start + batch.payloadBytes);
  return payloadIsWhole(batch, payload)
    ? {
        kind: "batch",
        offset,
        header: batch,
        payload,
        bytes: batchBytes(batch.payloadBytes, header.sectorBytes),
      }
    : { kind: "damaged", what: "DAMAGED: a batch whose payload has a wrong checksum" };
}

/** The next sector behind the offset where a header of this segment's own batches is whole. */
function nextBatch(header: SegmentHeader, room: Uint8Array, offset: number): number {
  let next = offset + header.sectorBytes;
  for (; next < room.length; next += header.sectorBytes) {
    const found = readBatchHeader(room.subarray(next, next + BATCH_HEADER_BYTES));
    if (found.kind === "header" && belongs(header, found.header, next)) {
      break;
    }
  }
  return next;
}

function belongs(segment: SegmentHeader, batch: BatchHeader, offset: number): boolean {
  return (
    batch.epoch === segment.epoch &&
    batch.storeId === segment.storeId % 0x1_0000_0000 &&
    batch.lsn === lsnAt(segment, offset)
  );
}

/** Behind the copied tail positions jump, bytes do not. */
function lsnAt(header: SegmentHeader, offset: number): Lsn {
  const position = header.baseLsn + (offset - header.sectorBytes);
  const isBehindTail = position >= header.tailEndLsn;
  return toLsn(isBehindTail ? position + (header.resumeLsn - header.tailEndLsn) : position);
}
