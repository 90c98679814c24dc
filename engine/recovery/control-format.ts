import { getUint32, getUint64, isAllZero, putUint32, putUint64 } from "../base/bytes.ts";
import { crc32 } from "../base/checksum.ts";
import { commitNumber, lsnFromDisk, transactionId } from "../base/units.ts";
import type { CommitNumber, Lsn, TransactionId } from "../base/units.ts";
import type { CopyCount } from "../platform/mirrored-files.ts";

/*
 * One of the two slots of `control.db`. Integers are little-endian and unsigned.
 *
 *   offset  size  field
 *        0     8  magic          "SEAWALLC"
 *        8     4  checksum       crc-32 of bytes 12 to 95
 *       12     4  formatVersion  1; 2 for a store with two copies of each file, which must not be opened by
 *                                whoever would write only one of them
 *       16     8  sequence       grows by one with every checkpoint; odd and even ones have a slot each
 *       24     8  storeId
 *       32     4  pageBytes
 *       36     4  startChecksum  headerChecksum of the batch before startLsn
 *       40     8  startLsn       recovery begins to read the log here: no transaction was open there
 *       48     8  redoLsn        pages on the disk have every change before this
 *       56     8  lastCommit     the last commit before startLsn
 *       64     8  highestId      no transaction before startLsn has a higher id
 *       72     4  copies         of each file; 0 in format 1, where there is one
 *       76    20  zeros
 */
export const CONTROL_BYTES = 96;

/** By the number of copies. */
const FORMAT_VERSIONS: Readonly<Record<CopyCount, number>> = { 1: 1, 2: 2 };

const MAGIC_LOW = 0x57_41_45_53;
const MAGIC_HIGH = 0x43_4c_4c_41;

/** What a store is, and where its recovery begins. */
export interface Control {
  readonly sequence: number;
  readonly storeId: number;
  readonly pageBytes: number;
  /** How many copies of each file the store keeps. */
  readonly copies: CopyCount;
  readonly startLsn: Lsn;
  readonly startChecksum: number;
  readonly redoLsn: Lsn;
  readonly lastCommit: CommitNumber;
  readonly highestId: TransactionId;
}

/** What the bytes of a slot are. */
export type ControlFound =
  | { readonly kind: "control"; readonly control: Control }
  | { readonly kind: "other-format"; readonly formatVersion: number }
  | { readonly kind: "zeros" }
  | { readonly kind: "damaged" }
  /** The disk cannot read it. */
  | { readonly kind: "unreadable"; readonly cause: unknown };

export function encodeControl(control: Control): Uint8Array {
  const bytes = new Uint8Array(CONTROL_BYTES);
  putUint32(bytes, 0, MAGIC_LOW);
  putUint32(bytes, 4, MAGIC_HIGH);
  putUint32(bytes, 12, FORMAT_VERSIONS[control.copies]);
  putUint64(bytes, 16, control.sequence);
  putUint64(bytes, 24, control.storeId);
  putUint32(bytes, 32, control.pageBytes);
  putUint32(bytes, 36, control.startChecksum);
  putUint64(bytes, 40, control.startLsn);
  putUint64(bytes, 48, control.redoLsn);
  putUint64(bytes, 56, control.lastCommit);
  putUint64(bytes, 64, control.highestId);
  putUint32(bytes, 72, control.copies === 1 ? 0 : control.copies);
  putUint32(bytes, 8, crc32(bytes.subarray(12)));
  return bytes;
}

export function readControl(bytes: Uint8Array): ControlFound {
  if (isAllZero(bytes)) {
    return { kind: "zeros" };
  }
  const whole =
    bytes.length === CONTROL_BYTES &&
    getUint32(bytes, 0) === MAGIC_LOW &&
    getUint32(bytes, 4) === MAGIC_HIGH &&
    crc32(bytes.subarray(12)) === getUint32(bytes, 8);
  if (!whole) {
    return { kind: "damaged" };
  }
  const formatVersion = getUint32(bytes, 12);
  const copies = copiesIn(formatVersion, getUint32(bytes, 72));
  return copies === undefined
    ? { kind: "other-format", formatVersion }
    : { kind: "control", control: fieldsOf(bytes, copies) };
}

/** Undefined in a format that is not known. */
function copiesIn(formatVersion: number, copies: number): CopyCount | undefined {
  if (formatVersion === FORMAT_VERSIONS[1]) {
    return 1;
  }
  return formatVersion === FORMAT_VERSIONS[2] && copies === 2 ? 2 : undefined;
}

function fieldsOf(bytes: Uint8Array, copies: CopyCount): Control {
  return {
    sequence: getUint64(bytes, 16),
    storeId: getUint64(bytes, 24),
    pageBytes: getUint32(bytes, 32),
    copies,
    startChecksum: getUint32(bytes, 36),
    startLsn: lsnFromDisk(getUint64(bytes, 40)),
    redoLsn: lsnFromDisk(getUint64(bytes, 48)),
    lastCommit: commitNumber(lsnFromDisk(getUint64(bytes, 56))),
    highestId: transactionId(lsnFromDisk(getUint64(bytes, 64))),
  };
}
