import { InvariantError } from "./assert.ts";

const LOOP_BYTES_MAX = 128;

/** Grows as it is written to. Variable-length integers are LEB128, exact up to 2^53 - 1. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(initialBytes = 256) {
    this.#bytes = new Uint8Array(initialBytes);
  }

  get length(): number {
    return this.#length;
  }

  reset(): void {
    this.#length = 0;
  }

  /** What was written, without a copy: valid until the next write or reset. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Copies what was written. For a few bytes a loop is faster than a view and a call. */
  copyTo(target: Uint8Array, offset: number): void {
    const bytes = this.#bytes;
    const length = this.#length;
    if (length > LOOP_BYTES_MAX) {
      target.set(this.view(), offset);
      return;
    }
    for (let i = 0; i < length; i += 1) {
      target[offset + i] = bytes[i] ?? 0;
    }
  }

  uint8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  varint(value: number): void {
    if (!(Number.isSafeInteger(value) && value >= 0)) {
      throw new InvariantError(`not an unsigned integer: ${value}`);
    }
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length] = (rest % 0x80) | 0x80;
      this.#length += 1;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length] = rest;
    this.#length += 1;
  }

  bytes(source: Uint8Array): void {
    this.#reserve(source.length);
    this.#bytes.set(source, this.#length);
    this.#length += source.length;
  }

  /** A length and the bytes. */
  blob(source: Uint8Array): void {
    this.varint(source.length);
    this.bytes(source);
  }

  /** A length and a string of which every code unit is one byte. */
  byteString(source: string): void {
    this.varint(source.length);
    this.#reserve(source.length);
    for (let i = 0; i < source.length; i += 1) {
      this.#bytes[this.#length + i] = source.charCodeAt(i);
    }
    this.#length += source.length;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) {
      return;
    }
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.view());
    this.#bytes = grown;
  }
}
