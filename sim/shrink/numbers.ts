import type { Case, Passing, Shrinking } from "./shrinking.ts";

/** Ways to make a number smaller, the boldest first. */
export function smallerThan(value: number, least = 0): readonly number[] {
  const half = least + Math.floor((value - least) / 2);
  return [...new Set([least, half, value - 1])].filter((smaller) => smaller < value);
}

/** A number in a case: how to read it, and how to put another in its place. */
export interface Place {
  /** Undefined when the case has no such number (any more). */
  read(from: Case): number | undefined;
  write(into: Case, value: number): Case;
}

/** Makes the number as small as it can be. True when it got smaller. */
export function* minimise(state: Shrinking, place: Place, least = 0): Passing<boolean> {
  let progress = false;
  for (;;) {
    const value = place.read(state.best);
    if (value === undefined || value <= least) {
      return progress;
    }
    const { best } = state;
    const candidates = smallerThan(value, least).map((smaller) => place.write(best, smaller));
    if (!(yield* state.attemptAny(candidates))) {
      return progress;
    }
    progress = true;
  }
}
