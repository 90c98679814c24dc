/** What many numbers look like. All zero when there are none. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  let sum = 0;
  for (const value of sorted) {
    sum += value;
  }
  return {
    count: sorted.length,
    mean: sorted.length === 0 ? 0 : sum / sorted.length,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    worst: sorted.at(-1) ?? 0,
  };
}

/** The smallest value that this share of the ascending values does not exceed. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/**
 * The failure rate that so many trials without a failure exclude at 95 %: were it higher, they would have
 * shown one in 95 of 100 campaigns. Clopper and Pearson's bound for no failure; about 3 / n.
 */
export function excludedRate(trials: number): number {
  return trials === 0 ? 1 : 1 - 0.05 ** (1 / trials);
}
