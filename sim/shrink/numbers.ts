import type { Case, Passing, Shrinking } from "./shrinking.ts";

/** A number in a case: how to read it, and how to put another in its place. */
export interface Place {
  /** Undefined when the case has no such number (any more). */
  read(from: Case): number | undefined;
  write(into: Case, value: number): Case;
}

/**
 * Makes the number about as small as it can be. True when it got smaller. Halves the distance to what is too
 * small, as if every larger number failed as well: step by step a value of some thousand bytes takes minutes.
 */
export function* minimise(state: Shrinking, place: Place, least = 0): Passing<boolean> {
  let progress = false;
  let smaller = least;
  let untried = least;
  for (;;) {
    const { best } = state;
    const value = place.read(best);
    if (value === undefined || value <= untried) {
      return progress;
    }
    if (yield* state.attempt(place.write(best, smaller))) {
      progress = true;
    } else {
      untried = smaller + 1;
    }
    const now = place.read(state.best) ?? untried;
    smaller = untried + Math.floor((now - untried) / 2);
  }
}
