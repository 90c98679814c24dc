import { defined } from "../../engine/base/assert.ts";
import type { Choices } from "./choices.ts";

/** Steps that follow from each other: each was scheduled while the one before it ran, and first. */
export interface Chain {
  /** The highest runs first. Drawn priorities are not negative. */
  priority: number;
}

/** A step that may be next. */
export interface Candidate {
  readonly chain: Chain | undefined;
  readonly sequence: number;
}

export interface PriorityOrderOptions {
  /** So many changes of priority, less one: an order that takes so many decisions to reach is found. */
  readonly depth: number;
  /** The changes come within so many steps from the beginning. */
  readonly steps: number;
  /** How much later than its time a step may run because others go before it. */
  readonly windowUs: number;
}

/** Wide enough for two chains hardly ever to have the same. */
const PRIORITIES = 2 ** 20;

/**
 * Decides by priority what is next among steps that wait at the same time, and not by how long each takes: a
 * chain that is low waits while all others go on, which latencies that differ by a factor of two never do.
 * At `depth` - 1 steps drawn at random the chain that is about to run becomes the lowest. An order with that
 * many constraints among n chains and k steps is found with a probability of at least 1 / (n k^(depth - 1))
 * (Burckhardt and others, ASPLOS 2010; for chains of events: Ozkan and others, OOPSLA 2018).
 */
export class PriorityOrder {
  readonly windowUs: number;
  readonly #choices: Choices;
  readonly #changes = new Set<number>();
  #steps = 0;
  #lowest = 0;

  constructor(choices: Choices, { depth, steps, windowUs }: PriorityOrderOptions) {
    this.windowUs = windowUs;
    this.#choices = choices;
    for (let change = 1; change < depth; change += 1) {
      this.#changes.add(choices.below(steps));
    }
  }

  newChain(): Chain {
    return { priority: this.#choices.below(PRIORITIES) };
  }

  /** Which of the steps is next; of equals the one that was scheduled first. */
  pick<T extends Candidate>(candidates: readonly T[]): T {
    const picked = highest(candidates);
    const isChange = this.#changes.has(this.#steps);
    this.#steps += 1;
    if (!isChange || picked.chain === undefined) {
      return picked;
    }
    this.#lowest -= 1;
    picked.chain.priority = this.#lowest;
    return highest(candidates);
  }
}

function highest<T extends Candidate>(candidates: readonly T[]): T {
  let best = defined(candidates[0], "a step that waits");
  for (const candidate of candidates) {
    const lead = (candidate.chain?.priority ?? 0) - (best.chain?.priority ?? 0);
    if (lead > 0 || (lead === 0 && candidate.sequence < best.sequence)) {
      best = candidate;
    }
  }
  return best;
}
