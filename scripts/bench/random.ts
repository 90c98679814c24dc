import seedrandom from "seedrandom";

/** Whole numbers from a seed: the same seed asks every peer for the same keys in the same order. */
export interface Random {
  /** From 0 to `end` - 1. */
  readonly below: (end: number) => number;
  /** From 0 inclusive to 1 exclusive. */
  readonly share: () => number;
}

export function createRandom(seed: string): Random {
  const generator = seedrandom.tychei(seed);
  const share = (): number => (generator.int32() >>> 0) / 2 ** 32;
  return { share, below: (end) => Math.floor(share() * end) };
}
