/** Of all rates that are possible after what was seen, the rest is one in twenty. */
const DOUBT = 0.05;

/** So many runs in which nothing failed: a failure rate of this or more is excluded at 95 %. */
export function excludedRate(cleanRuns: number): number {
  return cleanRuns <= 0 ? 1 : 1 - DOUBT ** (1 / cleanRuns);
}

/** The same for people: "1 in 3,339". */
export function excludedText(cleanRuns: number, grouped: (value: number) => string): string {
  return `1 in ${grouped(Math.floor(1 / excludedRate(cleanRuns)))}`;
}

/** Wilson's interval at 95 %: what a share that was seen says about the chance behind it. */
export function chanceInterval(failed: number, runs: number): readonly [number, number] {
  if (runs === 0) {
    return [0, 1];
  }
  const z = 1.96;
  const share = failed / runs;
  const middle = share + (z * z) / (2 * runs);
  const spread = z * Math.sqrt((share * (1 - share)) / runs + (z * z) / (4 * runs * runs));
  const scale = 1 + (z * z) / runs;
  return [Math.max(0, (middle - spread) / scale), Math.min(1, (middle + spread) / scale)];
}
