import type { Clock, Timer } from "../../engine/platform/clock.ts";
import type { Choices } from "./choices.ts";
import type { Scheduler } from "./scheduler.ts";

/** Wall-clock time at which every simulated world begins, in milliseconds since 1970. */
export const WALL_START_MS = 1_700_000_000_000;

export interface VirtualClockOptions {
  /** Draws how late each timer rings. Without it timers are exact. */
  readonly lateness?: Choices;
  /** Timers ring less than this late. @defaultValue 1 */
  readonly latenessUsMax?: number;
}

/** The scheduler's time as the engine sees it. */
export class VirtualClock implements Clock {
  readonly #scheduler: Scheduler;
  readonly #lateness: Choices | undefined;
  readonly #latenessUsMax: number;
  #wallOffsetMs = 0;

  constructor(scheduler: Scheduler, options: VirtualClockOptions = {}) {
    this.#scheduler = scheduler;
    this.#lateness = options.lateness;
    this.#latenessUsMax = options.latenessUsMax ?? 1;
  }

  nowMs(): number {
    return WALL_START_MS + this.#wallOffsetMs + Math.floor(this.#scheduler.nowUs / 1000);
  }

  monotonicMs(): number {
    return this.#scheduler.nowUs / 1000;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const lateUs = this.#lateness?.below(this.#latenessUsMax) ?? 0;
    return this.#scheduler.schedule(Math.max(0, Math.ceil(delayMs * 1000)) + lateUs, callback);
  }

  /** Somebody sets the wall clock forward or backward by whole milliseconds. Intervals are not touched. */
  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }
}
