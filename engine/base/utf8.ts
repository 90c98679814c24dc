/**
 * UTF-8 without the platform's TextEncoder, which engine code cannot name. Strict both ways: a string
 * with a lone surrogate has no UTF-8 form, and bytes that are not UTF-8 have no string.
 */

/** The UTF-8 bytes of a string, one code unit per byte; undefined for a lone surrogate. */
export function utf8ByteString(text: string): string | undefined {
  if (isAscii(text)) {
    return text;
  }
  let bytes = "";
  for (let i = 0; i < text.length; i += 1) {
    const point = text.codePointAt(i) ?? 0;
    if (point >= 0xd800 && point <= 0xdfff) {
      return undefined;
    }
    if (point > 0xffff) {
      i += 1;
    }
    bytes += encodePoint(point);
  }
  return bytes;
}

/** The string that these UTF-8 bytes (one code unit per byte) encode; undefined when they are not UTF-8. */
export function stringOfUtf8(bytes: string): string | undefined {
  if (isAscii(bytes)) {
    return bytes;
  }
  let text = "";
  let i = 0;
  while (i < bytes.length) {
    const first = bytes.charCodeAt(i);
    const size = sequenceBytes(first);
    const point = size === 0 ? undefined : decodePoint(bytes, i, size);
    if (point === undefined) {
      return undefined;
    }
    text += String.fromCodePoint(point);
    i += size;
  }
  return text;
}

export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    if (text.charCodeAt(i) > 0x7f) {
      return false;
    }
  }
  return true;
}

function encodePoint(point: number): string {
  if (point < 0x80) {
    return String.fromCharCode(point);
  }
  if (point < 0x800) {
    return String.fromCharCode(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
  }
  const last = [0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f)];
  return point < 0x1_0000
    ? String.fromCharCode(0xe0 | (point >> 12), ...last)
    : String.fromCharCode(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 0x3f), ...last);
}

function sequenceBytes(first: number): number {
  if (first < 0x80) {
    return 1;
  }
  if (first >= 0xc2 && first < 0xe0) {
    return 2;
  }
  if (first >= 0xe0 && first < 0xf0) {
    return 3;
  }
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

const LEAST_POINT = [0, 0, 0x80, 0x800, 0x1_0000];

function decodePoint(bytes: string, start: number, size: number): number | undefined {
  if (size === 1) {
    return bytes.charCodeAt(start);
  }
  let point = bytes.charCodeAt(start) & (0x7f >> size);
  for (let i = start + 1; i < start + size; i += 1) {
    const next = bytes.charCodeAt(i);
    if (Number.isNaN(next) || (next & 0xc0) !== 0x80) {
      return undefined;
    }
    point = (point << 6) | (next & 0x3f);
  }
  const surrogate = point >= 0xd800 && point <= 0xdfff;
  const shortest = point >= (LEAST_POINT[size] ?? 0);
  return surrogate || !shortest || point > 0x10_ffff ? undefined : point;
}
