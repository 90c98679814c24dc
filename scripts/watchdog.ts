import { Script } from "node:vm";

import type { Drain } from "./micro-tasks.ts";

/** Where the script below finds what it has to do. */
const WORK = Symbol.for("seawall.watched-work");

/** Runs under V8's own watchdog, which is the only one that ends micro-tasks which queue each other for ever. */
const SCRIPT = new Script('globalThis[Symbol.for("seawall.watched-work")]()');

/** Taken before anybody wires it. */
const now = performance.now.bind(performance);

/** A run was cut off although it went on all the time: the machine is slower than anybody thought. */
export class TooSlow extends Error {
  override readonly name = "TooSlow";
}

/**
 * Cuts off work that never ends: a loop, or promise callbacks that queue each other. Neither lets a timer
 * ring nor a message arrive, so that only another thread can end it.
 */
export class Watchdog {
  readonly #msMax: number;
  readonly #drain: Drain;
  #deadlineMs = Number.POSITIVE_INFINITY;
  /** When the work last showed that it goes on. */
  #aliveMs = 0;

  /** `msMax`: real time after which work is cut off, far more than it ever takes. */
  constructor(drain: Drain, msMax: number) {
    this.#drain = drain;
    this.#msMax = msMax;
  }

  /** Drains for work that is watched. V8 drops what it cut off, and goes on as if all of it had run. */
  readonly drain: Drain = () => {
    const drained = this.#drain();
    const nowMs = now();
    if (nowMs >= this.#deadlineMs) {
      return this.#wasEndless(nowMs);
    }
    this.#aliveMs = nowMs;
    return drained;
  };

  /**
   * Does the work in one synchronous call; false when it had to be cut off.
   *
   * @throws TooSlow when it was cut off between two drains that went well.
   */
  watch(work: () => void): boolean {
    this.#aliveMs = now();
    // A little before V8 cuts off: its timer counts whole milliseconds, and may ring early.
    this.#deadlineMs = this.#aliveMs + this.#msMax * 0.9;
    Reflect.set(globalThis, WORK, work);
    try {
      SCRIPT.runInThisContext({ timeout: this.#msMax });
      return true;
    } catch (error) {
      if (isTimeout(error)) {
        return this.#wasEndless(now());
      }
      throw error;
    } finally {
      this.#deadlineMs = Number.POSITIVE_INFINITY;
      Reflect.deleteProperty(globalThis, WORK);
    }
  }

  /** False when one stretch took most of the time; work that was alive all along is only slow. */
  #wasEndless(nowMs: number): false {
    if (nowMs - this.#aliveMs < this.#msMax / 2) {
      throw new TooSlow(`a run took more than ${this.#msMax / 1000} s, and had not come to rest`);
    }
    return false;
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
}
