/** Buffers of these sizes are kept for reuse; larger ones are left to the garbage collector. */
const POOLED_BYTES_MIN = 4096;
const POOLED_BYTES_MAX = 1_048_576;
const KEPT_PER_SIZE_MAX = 64;

/**
 * Memory for file contents, recycled. A fresh 64 KiB array costs several times what clearing an old
 * one does, because every page of it faults, and a campaign makes a dozen per run. What a buffer held
 * before is never seen again, so runs cannot influence each other.
 */
const pool = new Map<number, Uint8Array[]>();

/** A buffer of at least `bytes` that begins with `content` and holds zeros behind it. */
export function grownBuffer(content: Uint8Array, bytes: number): Uint8Array {
  const wanted = Math.max(bytes, content.length, POOLED_BYTES_MIN);
  const capacity = 2 ** Math.ceil(Math.log2(wanted));
  const recycled = pool.get(capacity)?.pop();
  if (recycled === undefined) {
    const fresh = new Uint8Array(capacity);
    fresh.set(content);
    return fresh;
  }
  recycled.set(content);
  recycled.fill(0, content.length);
  return recycled;
}

/** Gives a buffer back that nothing refers to any more. */
export function releaseBuffer(buffer: Uint8Array): void {
  const { length } = buffer;
  if (length < POOLED_BYTES_MIN || length > POOLED_BYTES_MAX || (length & (length - 1)) !== 0) {
    return;
  }
  const kept = pool.get(length) ?? [];
  pool.set(length, kept);
  if (kept.length < KEPT_PER_SIZE_MAX) {
    kept.push(buffer);
  }
}
