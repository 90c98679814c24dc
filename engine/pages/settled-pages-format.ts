import { assert } from "../base/assert.ts";
import { getUint32, getUint64, putUint32, putUint64 } from "../base/bytes.ts";
import { crc32 } from "../base/checksum.ts";

/*
 * One block of `pages.lsn`: the LSNs of 504 pages in a row, as a checkpoint left them. Integers are
 * little-endian and unsigned.
 *
 *   offset  size  field
 *        0     8  magic          "SEAWALLS"
 *        8     4  checksum       crc-32 of everything behind it, to the end of the block
 *       12     4  formatVersion
 *       16     8  number         the first block is about pages 0 to 503
 *       24     8  storeId
 *       32     8  sequence       grows by one each time the block is written; odd and even ones have a slot each
 *       40    24  zeros
 *       64     -  504 times:     8 LSN of the page; zero when nothing is known of it
 *
 * Each block has two slots. Sixteen blocks lie side by side, then their second slots: 64 KiB apart, the two
 * share no sector, whatever its size.
 */
export const BLOCK_BYTES = 4096;
export const PAGES_PER_BLOCK = 504;

const LSNS_OFFSET = 64;
const BLOCKS_PER_GROUP = 16;
const FORMAT_VERSION = 1;

const MAGIC_LOW = 0x57_41_45_53;
const MAGIC_HIGH = 0x53_4c_4c_41;

/** What checkpoints knew of some pages. */
export interface SettledBlock {
  readonly number: number;
  readonly storeId: number;
  readonly sequence: number;
  /** One for each page; zero when nothing is known of it. */
  readonly lsns: Float64Array;
}

/** Where in the file the block lies with this sequence number. */
export function slotOffset(number: number, sequence: number): number {
  const group = Math.floor(number / BLOCKS_PER_GROUP);
  const row = group * 2 + (sequence % 2);
  return (row * BLOCKS_PER_GROUP + (number % BLOCKS_PER_GROUP)) * BLOCK_BYTES;
}

export function encodeBlock({ number, storeId, sequence, lsns }: SettledBlock): Uint8Array {
  assert(lsns.length === PAGES_PER_BLOCK, `${lsns.length} pages in a block`);
  const bytes = new Uint8Array(BLOCK_BYTES);
  putUint32(bytes, 0, MAGIC_LOW);
  putUint32(bytes, 4, MAGIC_HIGH);
  putUint32(bytes, 12, FORMAT_VERSION);
  putUint64(bytes, 16, number);
  putUint64(bytes, 24, storeId);
  putUint64(bytes, 32, sequence);
  for (const [index, pageLsn] of lsns.entries()) {
    putUint64(bytes, LSNS_OFFSET + index * 8, pageLsn);
  }
  putUint32(bytes, 8, crc32(bytes.subarray(12)));
  return bytes;
}

/** Undefined when it is not this block of this store, whole and in this format: then it says nothing. */
export function readBlock(
  bytes: Uint8Array,
  { number, storeId }: Pick<SettledBlock, "number" | "storeId">,
): SettledBlock | undefined {
  const isOurs =
    bytes.length === BLOCK_BYTES &&
    getUint32(bytes, 0) === MAGIC_LOW &&
    getUint32(bytes, 4) === MAGIC_HIGH &&
    crc32(bytes.subarray(12)) === getUint32(bytes, 8) &&
    getUint32(bytes, 12) === FORMAT_VERSION &&
    getUint64(bytes, 16) === number &&
    getUint64(bytes, 24) === storeId;
  if (!isOurs) {
    return undefined;
  }
  const lsns = new Float64Array(PAGES_PER_BLOCK);
  for (let index = 0; index < PAGES_PER_BLOCK; index += 1) {
    lsns[index] = getUint64(bytes, LSNS_OFFSET + index * 8);
  }
  return { number, storeId, sequence: getUint64(bytes, 32), lsns };
}
