import { assert } from "../base/assert.ts";

/**
 * Keeps commits out, for work that has to see the pages unchanged over many steps. A commit itself needs no
 * lock: its critical section is one step. It waits only while somebody else holds this one.
 */
export class WriterLock {
  #holder: object | undefined;
  #waiting: (() => void)[] = [];

  /** Whether somebody other than `who` keeps commits out. */
  isHeldFrom(who: object | undefined): boolean {
    return this.#holder !== undefined && this.#holder !== who;
  }

  /** Resolves when the lock was let go of, or at once; ask `isHeldFrom` again. */
  async released(): Promise<void> {
    if (this.#holder !== undefined) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  /** Resolves once `who` holds the lock. */
  async acquire(who: object): Promise<void> {
    while (this.#holder !== undefined) {
      await this.released();
    }
    this.#holder = who;
  }

  release(who: object): void {
    assert(this.#holder === who, "the lock is held by somebody else");
    this.#holder = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) {
      resolve();
    }
  }
}
