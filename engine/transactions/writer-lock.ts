import { assert } from "../base/assert.ts";
import { SeawallError } from "../base/errors.ts";
import type { Clock } from "../platform/clock.ts";

/** Whoever waits longer hears that he should try again: the holder may have been forgotten. */
const WAIT_MS_MAX = 10_000;

interface Waiter {
  readonly resolve: () => void;
}

/**
 * Keeps commits out, for work that has to see the pages unchanged over many steps. A commit itself needs no
 * lock: its critical section is one step. It waits only while somebody else holds this one.
 */
export class WriterLock {
  readonly #clock: Clock;
  #holder: object | undefined;
  readonly #waiting = new Set<Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isHeldBy(who: object): boolean {
    return this.#holder === who;
  }

  /** Whether somebody other than `who` keeps commits out. */
  isHeldFrom(who: object | undefined): boolean {
    return this.#holder !== undefined && this.#holder !== who;
  }

  /**
   * Resolves when the lock was let go of, or at once; ask `isHeldFrom` again.
   *
   * @throws SeawallError `CONFLICT` when that takes too long.
   */
  async released(): Promise<void> {
    if (this.#holder === undefined) {
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        resolve: () => {
          timer.cancel();
          resolve();
        },
      };
      const timer = this.#clock.setTimer(WAIT_MS_MAX, () => {
        this.#waiting.delete(waiter);
        reject(waitedTooLong());
      });
      this.#waiting.add(waiter);
    });
  }

  /** Resolves once nobody holds the lock, however long that takes: for who has told every holder to end. */
  async free(): Promise<void> {
    while (this.#holder !== undefined) {
      await new Promise<void>((resolve) => {
        this.#waiting.add({ resolve });
      });
    }
  }

  /** Resolves once `who` holds the lock. @throws SeawallError `CONFLICT` when that takes too long. */
  async acquire(who: object): Promise<void> {
    while (this.#holder !== undefined) {
      await this.released();
    }
    this.#holder = who;
  }

  /** Does work while nobody commits. @throws as `acquire`, and whatever the work throws. */
  async holding<T>(work: () => Promise<T>): Promise<T> {
    const who = {};
    await this.acquire(who);
    try {
      return await work();
    } finally {
      this.release(who);
    }
  }

  release(who: object): void {
    assert(this.#holder === who, "the lock is held by somebody else");
    this.#holder = undefined;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const { resolve } of waiting) {
      resolve();
    }
  }
}

function waitedTooLong(): SeawallError {
  return new SeawallError(
    "CONFLICT",
    `a transaction that is too large for memory has kept others from committing for ${WAIT_MS_MAX} ms: ` +
      "end it, and run this one again",
  );
}
