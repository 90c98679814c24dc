/** A chunk should take about this long: short enough for live progress, long enough to hide its overhead. */
const CHUNK_MS = 250;
const CHUNK_SEEDS_MAX = 1000;

/** Finds out how many seeds make a good chunk. Has no effect on what a campaign finds. */
export class ChunkSizer {
  readonly #workers: number;
  #seeds = 2;

  constructor(workers: number) {
    this.#workers = workers;
  }

  /** Near the end chunks shrink, so that all workers finish together. */
  seeds(left: number): number {
    return Math.max(1, Math.min(this.#seeds, Math.ceil(left / this.#workers / 2)));
  }

  took(seeds: number, elapsedMs: number): void {
    const ideal = Math.floor((seeds * CHUNK_MS) / Math.max(elapsedMs, 1));
    this.#seeds = Math.max(1, Math.min(ideal, this.#seeds * 2, CHUNK_SEEDS_MAX));
  }
}
