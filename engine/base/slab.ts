/** Small arrays share one of these. Small enough that one survivor keeps little in memory. */
const SLAB_BYTES = 8192;
const SHARED_BYTES_MAX = 1024;

let slab = new ArrayBuffer(SLAB_BYTES);
let used = 0;

/**
 * A copy of some bytes. Small ones come from a buffer that several share, as Node's own do: a buffer of
 * their own for each costs ten times as much.
 */
export function copyOf(source: Uint8Array, start: number): Uint8Array {
  const length = source.length - start;
  if (length > SHARED_BYTES_MAX) {
    return source.slice(start);
  }
  if (used + length > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    used = 0;
  }
  const copy = new Uint8Array(slab, used, length);
  used += length;
  for (let i = 0; i < length; i += 1) {
    copy[i] = source[start + i] ?? 0;
  }
  return copy;
}
