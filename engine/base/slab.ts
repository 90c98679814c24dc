/** Small arrays share a buffer of this size. Small enough that one survivor keeps little in memory. */
const SLAB_BYTES = 8192;
const SHARED_BYTES_MAX = 1024;

/**
 * Makes arrays. Small ones come from a buffer that several share, as Node's own do: a buffer of their own
 * for each costs ten times as much. Whoever has one can reach the others of its slab: what is handed out
 * and what is kept come from different slabs.
 */
export class Slab {
  #buffer = new ArrayBuffer(0);
  #used = 0;

  /** Zeros. */
  take(length: number): Uint8Array {
    if (length > SHARED_BYTES_MAX) {
      return new Uint8Array(length);
    }
    if (this.#used + length > this.#buffer.byteLength) {
      this.#buffer = new ArrayBuffer(SLAB_BYTES);
      this.#used = 0;
    }
    const bytes = new Uint8Array(this.#buffer, this.#used, length);
    this.#used += length;
    return bytes;
  }

  /** A copy of some bytes, from `start` on. */
  copy(source: Uint8Array, start: number): Uint8Array {
    const length = source.length - start;
    const copy = this.take(length);
    if (length > SHARED_BYTES_MAX) {
      copy.set(source.subarray(start));
      return copy;
    }
    for (let i = 0; i < length; i += 1) {
      copy[i] = source[start + i] ?? 0;
    }
    return copy;
  }
}
