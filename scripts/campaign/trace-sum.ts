import { createHash } from "node:crypto";

const MODULUS = 2n ** 64n;

/**
 * One hash for many seeds that does not depend on which worker ran what, or when: each seed and its trace
 * hash give a 64-bit number, and numbers are added.
 */
export class TraceSum {
  #sum = 0n;

  add(seed: number, traceHash: string): void {
    const digest = createHash("sha256").update(`${seed}:${traceHash}`).digest();
    this.#sum = (this.#sum + digest.readBigUInt64BE()) % MODULUS;
  }

  /** Adds what another worker summed up, given as hex digits. */
  addSum(hex: string): void {
    this.#sum = (this.#sum + BigInt(`0x${hex}`)) % MODULUS;
  }

  get hex(): string {
    return this.#sum.toString(16).padStart(16, "0");
  }
}
