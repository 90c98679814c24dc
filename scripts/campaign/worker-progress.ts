/**
 * A note in shared memory that a worker keeps about which seed it runs. It stays readable when the
 * worker hangs or dies, which no message would.
 */
export class WorkerProgress {
  readonly #cells: BigInt64Array;

  constructor(shared: SharedArrayBuffer) {
    this.#cells = new BigInt64Array(shared);
  }

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT);
  }

  /** Called by the worker before each seed. */
  begin(seed: number): void {
    Atomics.store(this.#cells, 0, BigInt(seed));
    Atomics.add(this.#cells, 1, 1n);
  }

  /** How many seeds were begun: while it stands still, one seed is running. */
  get begun(): number {
    return Number(Atomics.load(this.#cells, 1));
  }

  /** The seed that runs, undefined before the first. */
  get seed(): number | undefined {
    return this.begun === 0 ? undefined : Number(Atomics.load(this.#cells, 0));
  }
}
