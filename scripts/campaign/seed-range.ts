import type { Shard } from "../cli/arguments.ts";

/** Seeds first, first + 1, ...: `count` of them, Infinity when only time ends the campaign. */
export interface SeedRange {
  readonly first: number;
  readonly count: number;
}

/** Seeds between the starts of two shards of a campaign without a number of seeds: more than any can run. */
export const SHARD_STRIDE = 1_000_000_000;

/**
 * The part of a campaign that one shard runs. With a number of seeds the shards together run exactly
 * those seeds, each once; without, each shard has a billion to itself.
 */
export function shardRange(range: SeedRange, shard: Shard = { index: 1, of: 1 }): SeedRange {
  const { first, count } = range;
  if (count === Infinity) {
    return shard.of === 1
      ? range
      : { first: first + (shard.index - 1) * SHARD_STRIDE, count: SHARD_STRIDE };
  }
  const from = Math.floor((count * (shard.index - 1)) / shard.of);
  const to = Math.floor((count * shard.index) / shard.of);
  return { first: first + from, count: to - from };
}

/** Hands out a range from its start, and before that whatever was handed back. */
export class SeedCursor {
  #next: number;
  readonly #end: number;
  readonly #returned: SeedRange[] = [];

  constructor(range: SeedRange) {
    this.#next = range.first;
    this.#end = range.first + range.count;
  }

  /** Seeds that were never handed out. */
  get left(): number {
    return this.#end - this.#next;
  }

  /** At most `countMax` seeds, undefined when all were handed out. */
  take(countMax: number): SeedRange | undefined {
    const again = this.#returned.pop();
    if (again !== undefined) {
      return again;
    }
    const count = Math.min(countMax, this.left);
    if (count <= 0) {
      return undefined;
    }
    const range = { first: this.#next, count };
    this.#next += count;
    return range;
  }

  /** A chunk was lost at one seed: everything around that seed goes to the next takers. */
  giveBackAround(chunk: SeedRange, seed: number): void {
    const before = { first: chunk.first, count: seed - chunk.first };
    const after = { first: seed + 1, count: chunk.first + chunk.count - seed - 1 };
    this.#returned.push(...[after, before].filter((range) => range.count > 0));
  }
}
