import { createRandom, type Random } from "./random.ts";

export const KEY_BYTES = 16;
export const VALUE_BYTES = 100;
export const RECORD_BYTES: number = KEY_BYTES + VALUE_BYTES;

/** More than any peer's compression window holds, so that a repeated value cannot be compressed either. */
const VALUES = 8192;

/** 16 bytes, in the order of the indexes. */
export function keyOf(index: number): string {
  return `key-${String(index).padStart(KEY_BYTES - 4, "0")}`;
}

/** Values of 100 incompressible bytes, made once: making them must not be part of what is measured. */
export class Values {
  readonly #values: readonly Buffer[];

  constructor(seed: string) {
    const random = createRandom(seed);
    this.#values = Array.from({ length: VALUES }, () => randomBytes(random));
  }

  of(index: number): Buffer {
    return this.#values[index % VALUES] ?? Buffer.alloc(0);
  }
}

function randomBytes(random: Random): Buffer {
  const bytes = Buffer.allocUnsafe(VALUE_BYTES);
  for (let at = 0; at < VALUE_BYTES; at += 4) {
    bytes.writeUInt32LE(random.below(2 ** 32), at);
  }
  return bytes;
}

/** Keys drawn beforehand; the sequence starts again at its end. */
export class KeySequence {
  readonly #keys: readonly string[];

  constructor(length: number, next: () => number) {
    this.#keys = Array.from({ length }, () => keyOf(next()));
  }

  at(step: number): string {
    return this.#keys[step % this.#keys.length] ?? "";
  }
}
