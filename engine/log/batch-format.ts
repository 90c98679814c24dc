import { assert, InvariantError } from "../base/assert.ts";
import { getUint32, getUint64, putUint32, putUint64, roundUp } from "../base/bytes.ts";
import { crc32 } from "../base/checksum.ts";
import { lsnFromDisk } from "../base/units.ts";
import type { Lsn } from "../base/units.ts";

/*
 * One batch: what one log write carries. Integers are little-endian and unsigned. A batch begins on a
 * sector and is padded with zeros to the end of its last one, so that bytes written later never share a
 * sector with bytes acknowledged before: a drive may damage a whole sector it was writing.
 *
 *   offset  size  field
 *        0     4  magic             "SWB1"; not zero, so that a zeroed area is no batch
 *        4     4  headerChecksum    crc-32 of bytes 8 to 63
 *        8     4  payloadChecksum   crc-32 of the payload
 *       12     4  payloadBytes      bounded by the segment before anything is allocated
 *       16     8  lsn               position of byte 0 of this batch in the log
 *       24     8  durableLsn        the log was known durable up to here when this was written
 *       32     4  epoch             that of its segment
 *       36     4  previousChecksum  headerChecksum of the batch before it in the log
 *       40     4  recordCount
 *       44     4  storeId           low 32 bits of the store's id
 *       48    16  zeros
 *       64     -  payload           records (record-codec.ts)
 *
 * The checksum covers the length: a flipped length must not send the reader into another batch. It
 * covers lsn, epoch and storeId: a batch of an earlier use of the file, of a trimmed tail, or of another
 * store is not taken for one of this log. Two checksums, each 32 bits, must agree for a torn batch to
 * pass. durableLsn lets recovery tell a torn tail from rot (tail-decision.ts).
 */
export const BATCH_HEADER_BYTES = 64;

const MAGIC = 0x31_42_57_53;

export interface BatchHeader {
  readonly lsn: Lsn;
  readonly durableLsn: Lsn;
  readonly epoch: number;
  readonly previousChecksum: number;
  readonly recordCount: number;
  readonly storeId: number;
  readonly payloadBytes: number;
  readonly payloadChecksum: number;
  readonly headerChecksum: number;
}

/** What the writer decides; lengths and checksums follow from the payload. */
export interface BatchStamp {
  readonly lsn: Lsn;
  readonly durableLsn: Lsn;
  readonly epoch: number;
  readonly previousChecksum: number;
  readonly recordCount: number;
  readonly storeId: number;
}

/** Bytes that a payload takes in a segment: header, payload and padding. */
export function batchBytes(payloadBytes: number, sectorBytes: number): number {
  return roundUp(BATCH_HEADER_BYTES + payloadBytes, sectorBytes);
}

/**
 * Writes the header in front of a payload that is already in place behind it; the rest of `target` is
 * padding and must be zero. Returns the header's checksum, which the next batch carries.
 */
export function sealBatch(target: Uint8Array, payloadBytes: number, stamp: BatchStamp): number {
  assert(BATCH_HEADER_BYTES + payloadBytes <= target.length, "the batch is longer than its bytes");
  if (stamp.durableLsn > stamp.lsn) {
    throw new InvariantError(`batch ${stamp.lsn} cannot be durable when it is written`);
  }
  const payload = target.subarray(BATCH_HEADER_BYTES, BATCH_HEADER_BYTES + payloadBytes);
  putUint32(target, 0, MAGIC);
  putUint32(target, 8, crc32(payload));
  putUint32(target, 12, payloadBytes);
  putUint64(target, 16, stamp.lsn);
  putUint64(target, 24, stamp.durableLsn);
  putUint32(target, 32, stamp.epoch);
  putUint32(target, 36, stamp.previousChecksum);
  putUint32(target, 40, stamp.recordCount);
  putUint32(target, 44, stamp.storeId);
  target.fill(0, 48, BATCH_HEADER_BYTES);
  const headerChecksum = crc32(target.subarray(8, BATCH_HEADER_BYTES));
  putUint32(target, 4, headerChecksum);
  return headerChecksum;
}

/** What some bytes are, read as a batch header. */
export type BatchHeaderFound =
  | { readonly kind: "header"; readonly header: BatchHeader }
  | { readonly kind: "short" }
  | { readonly kind: "not-a-batch" }
  | { readonly kind: "bad-checksum" };

export function readBatchHeader(bytes: Uint8Array): BatchHeaderFound {
  if (bytes.length < BATCH_HEADER_BYTES) {
    return { kind: "short" };
  }
  if (getUint32(bytes, 0) !== MAGIC) {
    return { kind: "not-a-batch" };
  }
  const headerChecksum = getUint32(bytes, 4);
  if (crc32(bytes.subarray(8, BATCH_HEADER_BYTES)) !== headerChecksum) {
    return { kind: "bad-checksum" };
  }
  return { kind: "header", header: fieldsOf(bytes, headerChecksum) };
}

function fieldsOf(bytes: Uint8Array, headerChecksum: number): BatchHeader {
  return {
    headerChecksum,
    payloadChecksum: getUint32(bytes, 8),
    payloadBytes: getUint32(bytes, 12),
    lsn: lsnFromDisk(getUint64(bytes, 16)),
    durableLsn: lsnFromDisk(getUint64(bytes, 24)),
    epoch: getUint32(bytes, 32),
    previousChecksum: getUint32(bytes, 36),
    recordCount: getUint32(bytes, 40),
    storeId: getUint32(bytes, 44),
  };
}

/** The payload's own checksum, which a torn batch fails. */
export function payloadIsWhole(header: BatchHeader, payload: Uint8Array): boolean {
  return payload.length === header.payloadBytes && crc32(payload) === header.payloadChecksum;
}
