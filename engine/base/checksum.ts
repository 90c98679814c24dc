import CRC32 from "crc-32";

/**
 * CRC-32 (ISO polynomial, as zlib), as an unsigned integer. The checksum of no bytes is 0, so whatever
 * is protected by one must also hold something that is not zero.
 */
export function crc32(bytes: Uint8Array): number {
  return CRC32.buf(bytes) >>> 0;
}
