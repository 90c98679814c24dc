import { getUint32, getUint64, isAllZero, putUint32, putUint64 } from "../base/bytes.ts";
import { crc32 } from "../base/checksum.ts";
import { lsnFromDisk } from "../base/units.ts";
import type { Lsn } from "../base/units.ts";

/*
 * The first sector of a segment file, `wal-00000001.log`. Integers are little-endian and unsigned.
 *
 *   offset  size  field
 *        0     8  magic          "SEAWALLG"
 *        8     4  checksum       crc-32 of bytes 12 to 95
 *       12     4  formatVersion
 *       16     4  sectorBytes    batches begin at multiples of this
 *       20     4  epoch          raised by one at every open
 *       24     8  number         that of the file's name: a recycled file still has its old one
 *       32     8  baseLsn        LSN of the first batch; this segment replaces all that earlier segments
 *                                hold from here on, which is how a tail is trimmed
 *       40     8  capacityBytes  length of the file
 *       48     8  tailEndLsn     end of the tail that recovery copied here (baseLsn: none)
 *       56     8  resumeLsn      LSN of the batch behind that tail: beyond all that was ever written
 *       64     8  durableLsn     the log was known durable up to here when this was written
 *       72     8  storeId
 *       80     4  previousChecksum  headerChecksum of the batch before baseLsn
 *       84    12  zeros
 */
export const SEGMENT_HEADER_BYTES = 96;

export const FORMAT_VERSION = 3;

const MAGIC_LOW = 0x57_41_45_53;
const MAGIC_HIGH = 0x47_4c_4c_41;

export interface SegmentHeader {
  readonly sectorBytes: number;
  readonly epoch: number;
  readonly number: number;
  readonly baseLsn: Lsn;
  readonly capacityBytes: number;
  readonly tailEndLsn: Lsn;
  readonly resumeLsn: Lsn;
  readonly durableLsn: Lsn;
  readonly storeId: number;
  readonly previousChecksum: number;
}

/** A whole sector that begins with the header. */
export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(header.sectorBytes);
  putUint32(bytes, 0, MAGIC_LOW);
  putUint32(bytes, 4, MAGIC_HIGH);
  putUint32(bytes, 12, FORMAT_VERSION);
  putUint32(bytes, 16, header.sectorBytes);
  putUint32(bytes, 20, header.epoch);
  putUint64(bytes, 24, header.number);
  putUint64(bytes, 32, header.baseLsn);
  putUint64(bytes, 40, header.capacityBytes);
  putUint64(bytes, 48, header.tailEndLsn);
  putUint64(bytes, 56, header.resumeLsn);
  putUint64(bytes, 64, header.durableLsn);
  putUint64(bytes, 72, header.storeId);
  putUint32(bytes, 80, header.previousChecksum);
  putUint32(bytes, 8, crc32(bytes.subarray(12, SEGMENT_HEADER_BYTES)));
  return bytes;
}

/** What the first bytes of a segment file are. */
export type SegmentHeaderFound =
  | { readonly kind: "header"; readonly header: SegmentHeader }
  | { readonly kind: "other-format"; readonly formatVersion: number }
  | { readonly kind: "zeros" }
  | { readonly kind: "damaged" };

export function readSegmentHeader(bytes: Uint8Array): SegmentHeaderFound {
  if (isAllZero(bytes)) {
    return { kind: "zeros" };
  }
  const whole =
    bytes.length >= SEGMENT_HEADER_BYTES &&
    getUint32(bytes, 0) === MAGIC_LOW &&
    getUint32(bytes, 4) === MAGIC_HIGH &&
    crc32(bytes.subarray(12, SEGMENT_HEADER_BYTES)) === getUint32(bytes, 8);
  if (!whole) {
    return { kind: "damaged" };
  }
  if (!isSectorSize(getUint32(bytes, 16))) {
    return { kind: "damaged" };
  }
  const formatVersion = getUint32(bytes, 12);
  if (formatVersion !== FORMAT_VERSION) {
    return { kind: "other-format", formatVersion };
  }
  return { kind: "header", header: fieldsOf(bytes) };
}

export const SECTOR_BYTES_MIN = 512;
export const SECTOR_BYTES_MAX = 65_536;

/** Positions are computed with it: a wrong one would send the reader in circles, or far out of the file. */
export function isSectorSize(bytes: number): boolean {
  return (
    bytes >= SECTOR_BYTES_MIN && bytes <= SECTOR_BYTES_MAX && Number.isInteger(Math.log2(bytes))
  );
}

function fieldsOf(bytes: Uint8Array): SegmentHeader {
  return {
    sectorBytes: getUint32(bytes, 16),
    epoch: getUint32(bytes, 20),
    number: getUint64(bytes, 24),
    baseLsn: lsnFromDisk(getUint64(bytes, 32)),
    capacityBytes: getUint64(bytes, 40),
    tailEndLsn: lsnFromDisk(getUint64(bytes, 48)),
    resumeLsn: lsnFromDisk(getUint64(bytes, 56)),
    durableLsn: lsnFromDisk(getUint64(bytes, 64)),
    storeId: getUint64(bytes, 72),
    previousChecksum: getUint32(bytes, 80),
  };
}

const NAME = /^wal-(\d{8,16})\.log$/;

export function segmentFileName(number: number): string {
  return `wal-${String(number).padStart(8, "0")}.log`;
}

/**
 * What a segment file is called until it is allocated and durable. Under the final name a power cut could
 * show what the disk held in those blocks before: log files of a store that was removed.
 */
export function unfinishedName(segmentName: string): string {
  return `${segmentName}${UNFINISHED}`;
}

export function isUnfinishedName(name: string): boolean {
  return (
    name.endsWith(UNFINISHED) && segmentNumberOf(name.slice(0, -UNFINISHED.length)) !== undefined
  );
}

const UNFINISHED = ".new";

/** The number in a segment's name; undefined when the name is not that of a segment. */
export function segmentNumberOf(name: string): number | undefined {
  const digits = NAME.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
