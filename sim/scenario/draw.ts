import { assert, defined } from "../../engine/base/assert.ts";
import type { Choices } from "../core/choices.ts";

/** Draws for generators. Integers and ratios only, so that every platform draws the same. */
export class Draw {
  private readonly choices: Choices;

  constructor(choices: Choices) {
    this.choices = choices;
  }

  below(bound: number): number {
    return this.choices.below(bound);
  }

  /** Both ends included. */
  between(least: number, most: number): number {
    assert(least <= most, `a range from ${least} to ${most} is empty`);
    return least + this.choices.below(most - least + 1);
  }

  /** True in `numerator` of `denominator` cases. */
  odds(numerator: number, denominator: number): boolean {
    return this.choices.below(denominator) >= denominator - numerator;
  }

  pick<T>(list: readonly T[]): T {
    return defined(list[this.choices.below(list.length)], "a picked element");
  }

  /** An index, with a probability in proportion to its weight. At least one weight is positive. */
  weighted(weights: readonly number[]): number {
    let total = 0;
    for (const weight of weights) {
      total += weight;
    }
    let left = this.choices.below(total);
    for (const [index, weight] of weights.entries()) {
      if (left < weight) {
        return index;
      }
      left -= weight;
    }
    return weights.length - 1;
  }
}
