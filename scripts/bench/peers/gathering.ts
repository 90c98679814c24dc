import type { Put } from "../store.ts";

/**
 * Group commit by hand: the puts of one turn of the event loop are written together, and resolve together.
 * While a write runs, the next group gathers.
 */
export class Gathering {
  readonly #write: (puts: readonly Put[]) => Promise<void> | void;
  readonly #puts: Put[] = [];
  readonly #waiters: Waiter[] = [];
  #scheduled = false;

  constructor(write: (puts: readonly Put[]) => Promise<void> | void) {
    this.#write = write;
  }

  async put(put: Put): Promise<void> {
    this.#puts.push(put);
    const waiting = new Promise<void>((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
    this.#schedule();
    await waiting;
  }

  /** Behind all micro-tasks, which is where those who were just acknowledged put again. */
  #schedule(): void {
    if (!this.#scheduled) {
      this.#scheduled = true;
      process.nextTick(() => void this.#run());
    }
  }

  async #run(): Promise<void> {
    const puts = this.#puts.splice(0);
    const waiters = this.#waiters.splice(0);
    try {
      await this.#write(puts);
      waiters.forEach(({ resolve }) => resolve());
    } catch (error) {
      waiters.forEach(({ reject }) => reject(error));
    } finally {
      this.#scheduled = false;
    }
    if (this.#puts.length > 0) {
      this.#schedule();
    }
  }
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}
