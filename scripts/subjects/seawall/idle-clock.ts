import type { Clock, Timer } from "../../../engine/platform/clock.ts";
import type { SubjectWorld } from "../../../sim/subjects/subject.ts";

interface Pending extends Timer {
  readonly dueMs: number;
  readonly ring: () => void;
}

/**
 * A subject's time, where nothing but the subject itself takes any: once everything that is ready to run has
 * run, it jumps to the next timer. Timers that are due together ring in the order in which they were set.
 */
export class IdleClock implements Clock {
  readonly #world: SubjectWorld;
  readonly #startMs: number;
  readonly #pending = new Set<Pending>();
  #jumpedMs = 0;
  #waiting = false;
  #dead = false;

  constructor(world: SubjectWorld) {
    this.#world = world;
    this.#startMs = world.nowMs();
  }

  nowMs(): number {
    return this.#world.nowMs() + this.#jumpedMs;
  }

  monotonicMs(): number {
    return this.nowMs() - this.#startMs;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const pending: Pending = {
      dueMs: this.monotonicMs() + Math.max(0, delayMs),
      ring: callback,
      cancel: () => {
        this.#pending.delete(pending);
      },
    };
    this.#pending.add(pending);
    this.#waitForIdle();
    return pending;
  }

  /** Nothing rings any more. */
  die(): void {
    this.#dead = true;
    this.#pending.clear();
  }

  #waitForIdle(): void {
    if (this.#waiting || this.#dead || this.#pending.size === 0) {
      return;
    }
    this.#waiting = true;
    setImmediate(() => {
      this.#waiting = false;
      this.#ringNext();
      this.#waitForIdle();
    });
  }

  #ringNext(): void {
    let next: Pending | undefined;
    for (const pending of this.#pending) {
      if (next === undefined || pending.dueMs < next.dueMs) {
        next = pending;
      }
    }
    if (next !== undefined) {
      this.#jumpedMs += Math.max(0, next.dueMs - this.monotonicMs());
      this.#pending.delete(next);
      next.ring();
    }
  }
}
