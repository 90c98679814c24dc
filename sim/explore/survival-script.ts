import type { Choices } from "../core/choices.ts";
import { FREE_STYLE_DRAWS } from "../disk/crash-style.ts";
import type { PendingLayout } from "./pending-units.ts";

/** One outcome of a crash, said unit by unit. */
export interface SurvivalPlan {
  /** Per unit of the layout, whether it is lost. */
  readonly lost: Uint8Array;
  /** By operation: how many pieces of it its file grew by although its size was lost. */
  readonly parts: ReadonlyMap<number, number>;
  /**
   * What is drawn behind the units: where a journal ends, what blocks that nobody wrote hold, which sectors
   * the device damages. Zeros, the gentlest, where it ends.
   */
  readonly tail: readonly number[];
}

/**
 * Answers a crash so that it comes out as planned, and keeps the answers: as the tape of a stream they make
 * the same crash in any run that comes to the same moment.
 */
export class SurvivalScript implements Choices {
  readonly taken: number[] = [];
  /** How many outcomes each draw behind the units had. */
  readonly tailBounds: number[] = [];
  readonly #plan: SurvivalPlan;
  readonly #planned: Iterator<number, void>;

  constructor(layout: PendingLayout, plan: SurvivalPlan) {
    this.#plan = plan;
    this.#planned = plannedAnswers(layout, plan);
  }

  below(bound: number): number {
    if (bound === 1) {
      return 0;
    }
    const { done, value } = this.#planned.next();
    const answer = done === true ? this.#tailAnswer(bound) : value;
    this.taken.push(answer);
    return answer;
  }

  alike(bound: number): number {
    if (bound > 1) {
      this.taken.push(0);
    }
    return 0;
  }

  #tailAnswer(bound: number): number {
    const planned = this.#plan.tail[this.tailBounds.length] ?? 0;
    this.tailBounds.push(bound);
    return planned < bound ? planned : 0;
  }
}

function* plannedAnswers(
  { units, operations }: PendingLayout,
  { lost, parts }: SurvivalPlan,
): Generator<number, void> {
  if (units.length > 0) {
    yield* FREE_STYLE_DRAWS;
  }
  for (const [index, { first, end, partUnits }] of operations.entries()) {
    yield* lost.subarray(first, end);
    if (lost[end - 1] === 1 && partUnits > 1) {
      const part = parts.get(index) ?? 0;
      yield part > 0 ? 1 : 0;
      // A choice between one outcome is none.
      if (part > 0 && partUnits > 2) {
        yield part - 1;
      }
    }
  }
}
