import type { Random } from "./random.ts";

/** YCSB's constant: the hottest of a million keys gets about 7 % of the requests. */
const SKEW = 0.99;

/** A prime above any number of keys used here, so that multiplying by it modulo the count is a permutation. */
const SCATTER = 15_485_863;

/**
 * Draws ranks from 0 to `count` - 1, low ranks far more often: the generator of Gray et al., "Quickly
 * Generating Billion-Record Synthetic Databases" (SIGMOD 1994), which YCSB uses too.
 */
export function createZipfian(count: number, random: Random): () => number {
  const zetaTwo = 1 + 0.5 ** SKEW;
  const zetaAll = zeta(count);
  const alpha = 1 / (1 - SKEW);
  const eta = (1 - (2 / count) ** (1 - SKEW)) / (1 - zetaTwo / zetaAll);
  return () => {
    const share = random.share();
    const scaled = share * zetaAll;
    if (scaled < 1) {
      return 0;
    }
    if (scaled < zetaTwo) {
      return Math.min(1, count - 1);
    }
    return Math.min(count - 1, Math.floor(count * (eta * share - eta + 1) ** alpha));
  };
}

/** Where the key of a rank lies: hot keys are spread over the key space, as YCSB's scrambled form does. */
export function scatter(rank: number, count: number): number {
  return (rank * SCATTER) % count;
}

function zeta(count: number): number {
  let sum = 0;
  for (let i = 1; i <= count; i += 1) {
    sum += 1 / i ** SKEW;
  }
  return sum;
}
