import { assert } from "../../engine/base/assert.ts";
import type { Choices } from "./choices.ts";

/** How an enumeration ended. */
export interface Enumeration {
  readonly runs: number;
  /** False when `runsMax` ended it before every combination was tried. */
  readonly complete: boolean;
}

/** Counts through every combination of choices like an odometer, the last wheel first. */
class OdometerChoices implements Choices {
  readonly #values: number[] = [];
  readonly #bounds: number[] = [];
  #next = 0;

  below(bound: number): number {
    if (bound === 1) {
      return 0;
    }
    const index = this.#next;
    this.#next += 1;
    if (index === this.#values.length) {
      this.#values.push(0);
      this.#bounds.push(bound);
      return 0;
    }
    assert(
      this.#bounds[index] === bound,
      `choice ${index} had bound ${this.#bounds[index]}, now ${bound}: the run is not deterministic`,
    );
    return this.#values[index] ?? 0;
  }

  alike(): number {
    return 0;
  }

  /** Moves to the next combination; false when there is none. */
  advance(): boolean {
    assert(this.#next >= this.#values.length, "a repeated run asked for fewer choices than before");
    this.#next = 0;
    for (;;) {
      const value = this.#values.pop();
      const bound = this.#bounds.pop();
      if (value === undefined || bound === undefined) {
        return false;
      }
      if (value + 1 < bound) {
        this.#values.push(value + 1);
        this.#bounds.push(bound);
        return true;
      }
    }
  }
}

/**
 * Calls `run` once for every combination of choices it can draw, beginning with all zeros; of outcomes
 * that are alike it sees the first. A run must ask the same questions whenever it gets the same answers.
 * Return false to end early.
 */
export function enumerateChoices(
  run: (choices: Choices) => boolean | void,
  options: { readonly runsMax?: number } = {},
): Enumeration {
  const runsMax = options.runsMax ?? Infinity;
  const odometer = new OdometerChoices();
  for (let runs = 1; runs <= runsMax; runs += 1) {
    if (run(odometer) === false) {
      return { runs, complete: false };
    }
    if (!odometer.advance()) {
      return { runs, complete: true };
    }
  }
  return { runs: runsMax, complete: false };
}
