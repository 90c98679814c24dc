import { byteStringAt } from "../base/byte-reader.ts";
import { getUint16, getUint32, getUint64, putUint16, putUint32, putUint64 } from "../base/bytes.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { LeafValue } from "../log/page-change.ts";

/*
 * An entry of a leaf, as bytes at an offset: see node-codec.ts. Functions instead of an object for each
 * entry: a leaf has dozens of them, and a cache millions.
 */
const CELL_OVERHEAD_BYTES = 6;
const REFERENCE_BYTES = 8;
const OVERFLOW_BIT = 0x8000_0000;

export function isInline(value: LeafValue): value is Uint8Array {
  return value instanceof Uint8Array;
}

/** Bytes of an entry whose value is in the leaf itself. */
export function inlineEntryBytes(keyBytes: number, valueBytes: number): number {
  return CELL_OVERHEAD_BYTES + keyBytes + valueBytes;
}

export function leafEntryBytes(key: StoredKey, value: LeafValue): number {
  return inlineEntryBytes(key.length, isInline(value) ? value.length : REFERENCE_BYTES);
}

export function cellBytes(cells: Uint8Array, offset: number): number {
  const length = getUint32(cells, offset + 2);
  return inlineEntryBytes(
    getUint16(cells, offset),
    length < OVERFLOW_BIT ? length : REFERENCE_BYTES,
  );
}

export function writeCell(
  cells: Uint8Array,
  offset: number,
  key: StoredKey,
  value: LeafValue,
): void {
  putUint16(cells, offset, key.length);
  putUint32(cells, offset + 2, isInline(value) ? value.length : value.length + OVERFLOW_BIT);
  const start = offset + CELL_OVERHEAD_BYTES;
  for (let i = 0; i < key.length; i += 1) {
    cells[start + i] = key.charCodeAt(i);
  }
  if (isInline(value)) {
    cells.set(value, start + key.length);
  } else {
    putUint64(cells, start + key.length, value.first);
  }
}

export function cellKey(cells: Uint8Array, offset: number): StoredKey {
  const start = offset + CELL_OVERHEAD_BYTES;
  return byteStringAt(cells, start, start + getUint16(cells, offset));
}

/** A view of the cells, or a reference. */
export function cellValue(cells: Uint8Array, offset: number): LeafValue {
  const start = offset + CELL_OVERHEAD_BYTES + getUint16(cells, offset);
  const length = getUint32(cells, offset + 2);
  return length < OVERFLOW_BIT
    ? viewOf(cells, start, start + length)
    : { first: getUint64(cells, start), length: length - OVERFLOW_BIT };
}

/** Length of the value, wherever it lies. */
export function cellValueBytes(cells: Uint8Array, offset: number): number {
  return getUint32(cells, offset + 2) % OVERFLOW_BIT;
}

export function isCellInline(cells: Uint8Array, offset: number): boolean {
  return getUint32(cells, offset + 2) < OVERFLOW_BIT;
}

/** How many bytes a cell's key and `key` have in common, when the first `from` are known to be. */
export function commonBytes(
  cells: Uint8Array,
  offset: number,
  key: StoredKey,
  from: number,
): number {
  const shorter = Math.min(getUint16(cells, offset), key.length);
  const start = offset + CELL_OVERHEAD_BYTES;
  let common = from;
  while (common < shorter && cells[start + common] === key.charCodeAt(common)) {
    common += 1;
  }
  return common;
}

/** Below 0 when the cell's key is below `key`, above 0 when it is above. `common`: as `commonBytes` says. */
export function orderOf(cells: Uint8Array, offset: number, key: StoredKey, common: number): number {
  const keyBytes = getUint16(cells, offset);
  return common < keyBytes && common < key.length
    ? (cells[offset + CELL_OVERHEAD_BYTES + common] ?? 0) - key.charCodeAt(common)
    : keyBytes - key.length;
}

/** Whether the key of one cell is below that of another. */
export function isCellBelow(cells: Uint8Array, first: number, second: number): boolean {
  const firstBytes = getUint16(cells, first);
  const secondBytes = getUint16(cells, second);
  const shorter = Math.min(firstBytes, secondBytes);
  for (let i = CELL_OVERHEAD_BYTES; i < CELL_OVERHEAD_BYTES + shorter; i += 1) {
    const difference = (cells[first + i] ?? 0) - (cells[second + i] ?? 0);
    if (difference !== 0) {
      return difference < 0;
    }
  }
  return firstBytes < secondBytes;
}

/** `subarray` costs twice as much. */
export function viewOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}
