/** Comes before the high half of a number that does not fit 32 bits. */
const WIDE = 0x7769_6465;

const SCRATCH_BYTES = 16_384;
const SCRATCH = new Uint8Array(SCRATCH_BYTES);
const WORDS = new Int32Array(SCRATCH.buffer);

/**
 * A 64-bit hash of a sequence of numbers, strings and byte arrays, in two 32-bit lanes because
 * JavaScript multiplies 32 bits at a time fast. For telling runs apart, not for security. The same
 * sequence gives the same hash on every little-endian machine.
 */
export class Hash64 {
  #low = 0x9e37_79b9 | 0;
  #high = 0x85eb_ca6b | 0;

  /** Adds a number; all integers up to 2^53 differ. */
  number(value: number): void {
    this.#mix(value | 0);
    const high = (value - (value >>> 0)) / 0x1_0000_0000;
    if (high !== 0) {
      this.#mix(WIDE);
      this.#mix(high | 0);
    }
  }

  string(value: string): void {
    const length = value.length;
    this.#mix(~length);
    for (let index = 0; index < length; index += 1) {
      this.#mix(value.charCodeAt(index));
    }
  }

  /** Adds bytes: 32 at a time in four independent lanes, then what is left. */
  bytes(value: Uint8Array): void {
    const { length } = value;
    this.#mix(~length);
    for (let from = 0; from < length; from += SCRATCH_BYTES) {
      const to = Math.min(length, from + SCRATCH_BYTES);
      // Copied because words can be read fast only where they are aligned.
      SCRATCH.set(from === 0 && to === length ? value : value.subarray(from, to));
      this.#words(to - from);
    }
  }

  /** Sixteen hexadecimal digits of everything added so far. */
  get hex(): string {
    const low = finished(this.#low ^ Math.imul(this.#high, 0x27d4_eb2f));
    const high = finished(this.#high ^ Math.imul(low, 0x165_667b1));
    return (high >>> 0).toString(16).padStart(8, "0") + (low >>> 0).toString(16).padStart(8, "0");
  }

  #mix(value: number): void {
    const low = Math.imul(this.#low ^ value, 0x9e37_79b1);
    this.#low = (low << 15) | (low >>> 17);
    const high = Math.imul(this.#high ^ value ^ low, 0x85eb_ca77);
    this.#high = (high << 13) | (high >>> 19);
  }

  #words(length: number): void {
    let one = this.#low;
    let two = this.#high;
    let three = 0x165_667b1;
    let four = 0x27d4_eb2f;
    const wordCount = (length >> 5) << 3;
    // One multiplication for two words. The rotations between them keep changes of the same bit in
    // neighbouring words from cancelling each other.
    for (let at = 0; at < wordCount; at += 8) {
      one = Math.imul(one ^ (WORDS[at] ?? 0), 0x9e37_79b1);
      two = Math.imul(two ^ (WORDS[at + 1] ?? 0), 0x85eb_ca77);
      three = Math.imul(three ^ (WORDS[at + 2] ?? 0), 0xc2b2_ae3d);
      four = Math.imul(four ^ (WORDS[at + 3] ?? 0), 0x165_667b1);
      one = (((one << 15) | (one >>> 17)) + (WORDS[at + 4] ?? 0)) | 0;
      two = (((two << 13) | (two >>> 19)) + (WORDS[at + 5] ?? 0)) | 0;
      three = (((three << 11) | (three >>> 21)) + (WORDS[at + 6] ?? 0)) | 0;
      four = (((four << 7) | (four >>> 25)) + (WORDS[at + 7] ?? 0)) | 0;
      one = (one << 5) | (one >>> 27);
      two = (two << 9) | (two >>> 23);
      three = (three << 14) | (three >>> 18);
      four = (four << 18) | (four >>> 14);
    }
    this.#low = one;
    this.#high = two;
    this.#mix(three);
    this.#mix(four);
    for (let at = wordCount * 4; at < length; at += 1) {
      this.#mix(SCRATCH[at] ?? 0);
    }
  }
}

function finished(lane: number): number {
  let bits = Math.imul(lane ^ (lane >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return bits ^ (bits >>> 16);
}
