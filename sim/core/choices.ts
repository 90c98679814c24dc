import tychei from "seedrandom/lib/tychei.js";

import { assert, defined, InvariantError } from "../../engine/base/assert.ts";

/** The largest bound a choice may have. */
export const CHOICE_BOUND_MAX: number = 2 ** 31;

/**
 * Where every decision of a simulation comes from. Whoever asks must read 0 as the gentlest outcome
 * (no fault, nothing lost, shortest delay), so that shrinking towards 0 shrinks towards calm.
 */
export interface Choices {
  /** A uniform integer from 0 to `bound - 1`. A bound of 1 draws nothing and is never recorded. */
  below(bound: number): number;

  /**
   * As `below`, between outcomes that no rule tells apart, such as many contents of the same rubbish.
   * Only an enumeration has it: where a campaign draws, it tries one for all.
   */
  alike?(bound: number): number;
}

/**
 * Choices from a seed. Tyche-i, because it is the cheapest of the `seedrandom` generators to seed and
 * is not linear: with xor128 two streams whose seeds differ by one letter differ by the same constant
 * under every seed, so some pairs of decisions would never be tried together.
 */
export class PrngChoices implements Choices {
  readonly #int32: () => number;

  constructor(seed: string) {
    this.#int32 = tychei(seed).int32;
  }

  below(bound: number): number {
    assertBound(bound);
    if (bound === 1) {
      return 0;
    }
    if ((bound & (bound - 1)) === 0) {
      return this.#int32() & (bound - 1);
    }
    for (;;) {
      const drawn = this.#int32() >>> 1;
      const value = drawn % bound;
      // The last, incomplete stretch of `bound` values would favour small results: draw again.
      if (drawn - value <= CHOICE_BOUND_MAX - bound) {
        return value;
      }
    }
  }
}

/** Always the gentlest outcome. */
export class GentleChoices implements Choices {
  below(bound: number): number {
    assertBound(bound);
    return 0;
  }
}

/** Passes choices on and writes them down. */
export class RecordingChoices implements Choices {
  readonly taken: number[] = [];
  readonly #inner: Choices;

  constructor(inner: Choices) {
    this.#inner = inner;
  }

  below(bound: number): number {
    if (bound === 1) {
      return 0;
    }
    const value = this.#inner.below(bound);
    this.taken.push(value);
    return value;
  }
}

/** Where a replay first asked for something that the tape does not hold. */
export interface Divergence {
  /** Position on the tape. */
  readonly index: number;
  readonly bound: number;
  /** What the tape holds there; undefined when it had ended. */
  readonly value: number | undefined;
}

/** Plays a tape back. Off the tape it takes the fallback, or 0, and remembers where that began. */
export class ReplayedChoices implements Choices {
  readonly #values: readonly number[];
  #fallback: Choices | undefined;
  #left = false;
  #next = 0;
  #divergence: Divergence | undefined;

  constructor(values: readonly number[], fallback?: Choices) {
    this.#values = values;
    this.#fallback = fallback;
  }

  get divergence(): Divergence | undefined {
    return this.#divergence;
  }

  /** How many values of the tape were not asked for. */
  get left(): number {
    return Math.max(0, this.#values.length - this.#next);
  }

  /** From here on nothing comes from the tape. That is no divergence. */
  leave(instead: Choices): void {
    this.#fallback = instead;
    this.#left = true;
  }

  below(bound: number): number {
    assertBound(bound);
    if (bound === 1) {
      return 0;
    }
    if (this.#left) {
      return this.#fallback?.below(bound) ?? 0;
    }
    const index = this.#next;
    const value = this.#values[index];
    this.#next = index + 1;
    if (value !== undefined && value >= 0 && value < bound) {
      return value;
    }
    this.#divergence ??= { index, bound, value };
    return this.#fallback?.below(bound) ?? 0;
  }
}

/** Draws between outcomes that no rule tells apart. */
export function anyOf(choices: Choices, bound: number): number {
  return choices.alike === undefined ? choices.below(bound) : choices.alike(bound);
}

/** True `numerator` times in `denominator`; 0, the gentlest draw, is always false. */
export function chance(choices: Choices, numerator: number, denominator: number): boolean {
  return numerator > 0 && choices.below(denominator) >= denominator - numerator;
}

/** One of the list, which has the gentlest first. */
export function pick<T>(choices: Choices, list: readonly T[]): T {
  assert(list.length > 0, "pick needs something to pick from");
  return defined(list[choices.below(list.length)], "the picked item");
}

function assertBound(bound: number): void {
  // The message is built only when it is needed: this runs for every choice there is.
  if (!(Number.isInteger(bound) && bound >= 1 && bound <= CHOICE_BOUND_MAX)) {
    throw new InvariantError(`a choice needs a bound from 1 to 2^31, not ${bound}`);
  }
}
