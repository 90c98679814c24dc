import { RunawaySubjectError } from "../../../sim/subjects/subject.ts";

/** A call of ours makes some tens of thousands at the very most. */
const CALLS_MAX = 1_000_000;

/**
 * Ends a program that goes on without end: it may make so many calls to the world for one of ours. A loop
 * that makes none is for a watchdog outside of this process.
 */
export class WorkBudget {
  #left = CALLS_MAX;

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  renew(): void {
    this.#left = CALLS_MAX;
  }

  /** @throws RunawaySubjectError */
  spend(): void {
    this.#left -= 1;
    if (this.#left <= 0) {
      throw new RunawaySubjectError(`it made ${CALLS_MAX} calls and was not done`);
    }
  }
}
