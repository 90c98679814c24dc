import { InvariantError } from "./assert.ts";

const WORD = 0x1_0000_0000;

/** Little-endian unsigned integers at a position. 64-bit values are exact up to 2^53 - 1. */
export function putUint16(target: Uint8Array, offset: number, value: number): void {
  if (value > 0xff_ff) {
    throw new InvariantError(`not a 16-bit integer: ${value}`);
  }
  target[offset] = value;
  target[offset + 1] = value >>> 8;
}

export function putUint32(target: Uint8Array, offset: number, value: number): void {
  target[offset] = value;
  target[offset + 1] = value >>> 8;
  target[offset + 2] = value >>> 16;
  target[offset + 3] = value >>> 24;
}

export function putUint64(target: Uint8Array, offset: number, value: number): void {
  if (!(Number.isSafeInteger(value) && value >= 0)) {
    throw new InvariantError(`not an unsigned 53-bit integer: ${value}`);
  }
  putUint32(target, offset, value >>> 0);
  putUint32(target, offset + 4, Math.floor(value / WORD));
}

/** The caller has checked that the bytes are there. */
export function getUint16(source: Uint8Array, offset: number): number {
  return (source[offset] ?? 0) | ((source[offset + 1] ?? 0) << 8);
}

export function getUint32(source: Uint8Array, offset: number): number {
  return (
    ((source[offset] ?? 0) |
      ((source[offset + 1] ?? 0) << 8) |
      ((source[offset + 2] ?? 0) << 16) |
      ((source[offset + 3] ?? 0) << 24)) >>>
    0
  );
}

/** May exceed 2^53 when the bytes come from a damaged disk: such a value equals no valid position. */
export function getUint64(source: Uint8Array, offset: number): number {
  return getUint32(source, offset + 4) * WORD + getUint32(source, offset);
}

/** The smallest multiple of `unit` that is not less than `value`. Exact beyond 2^32. */
export function roundUp(value: number, unit: number): number {
  const rest = value % unit;
  return rest === 0 ? value : value + unit - rest;
}

export function isAllZero(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i += 1) {
    if (bytes[i] !== 0) {
      return false;
    }
  }
  return true;
}

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) {
    return false;
  }
  for (let i = 0; i < a.length; i += 1) {
    if (a[i] !== b[i]) {
      return false;
    }
  }
  return true;
}
