import { Deque } from "../base/deque.ts";

/** What the queues need to know of a page in memory. */
export interface Evictable {
  readonly id: number;
  /** Uses since it came, or since it was last passed over; counted up to 3. */
  visits: number;
}

export const VISITS_MAX = 3;

/** More uses than the one for which a page was loaded: worth keeping. */
const VISITS_TO_STAY = 2;

/**
 * Decides which page leaves memory: S3-FIFO (Yang et al., "FIFO queues are all you need for cache
 * eviction", SOSP 2023). New pages enter a small queue, a tenth of the memory; whoever was not used again
 * when it reaches the end leaves, so a scan passes through without touching the rest. The others go on to
 * the main queue, which gives a second chance to what was used since. Ids of pages that left the small
 * queue are remembered for a while (the ghosts): if they come back they enter the main queue at once. A
 * use costs one counter, and no list is touched: uses are on the path of every read.
 */
export class EvictionQueues<T extends Evictable> {
  readonly #small = new Deque<T>();
  readonly #main = new Deque<T>();
  /** In the order in which they left. */
  readonly #ghosts = new Set<number>();
  readonly #smallMax: number;
  readonly #ghostsMax: number;

  constructor(pagesMax: number) {
    this.#smallMax = Math.max(1, Math.floor(pagesMax / 10));
    this.#ghostsMax = pagesMax;
  }

  add(page: T): void {
    const queue = this.#ghosts.delete(page.id) ? this.#main : this.#small;
    queue.push(page);
  }

  /** Removes the page to give up next; undefined when none of them can be given up. */
  take(canLeave: (page: T) => boolean): T | undefined {
    if (this.#small.length > this.#smallMax) {
      return this.#takeSmall(canLeave) ?? this.#takeMain(canLeave);
    }
    return this.#takeMain(canLeave) ?? this.#takeSmall(canLeave);
  }

  #takeSmall(canLeave: (page: T) => boolean): T | undefined {
    for (let rest = this.#small.length; rest > 0; rest -= 1) {
      const page = this.#small.shift();
      if (page === undefined) {
        return undefined;
      }
      if (page.visits >= VISITS_TO_STAY) {
        page.visits = 0;
        this.#main.push(page);
      } else if (canLeave(page)) {
        this.#remember(page.id);
        return page;
      } else {
        this.#small.push(page);
      }
    }
    return undefined;
  }

  /** Each round lowers every counter by one, so that the last round finds whoever can leave. */
  #takeMain(canLeave: (page: T) => boolean): T | undefined {
    for (let rest = this.#main.length * (VISITS_MAX + 1); rest > 0; rest -= 1) {
      const page = this.#main.shift();
      if (page === undefined) {
        return undefined;
      }
      if (page.visits === 0 && canLeave(page)) {
        return page;
      }
      page.visits = Math.max(0, page.visits - 1);
      this.#main.push(page);
    }
    return undefined;
  }

  #remember(id: number): void {
    this.#ghosts.add(id);
    if (this.#ghosts.size > this.#ghostsMax) {
      const [oldest] = this.#ghosts;
      if (oldest !== undefined) {
        this.#ghosts.delete(oldest);
      }
    }
  }
}
