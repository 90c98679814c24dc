import { expect, test } from "vitest";
import { EvictionQueues } from "./eviction-queues.ts";

interface Item {
  readonly id: number;
  visits: number;
}

/** A cache of so many pages, of which every one may leave. */
class Cache {
  readonly items = new Map<number, Item>();
  readonly queues: EvictionQueues<Item>;
  readonly max: number;
  misses = 0;

  constructor(max: number) {
    this.max = max;
    this.queues = new EvictionQueues(max);
  }

  use(id: number): void {
    const there = this.items.get(id);
    if (there !== undefined) {
      there.visits = Math.min(3, there.visits + 1);
      return;
    }
    this.misses += 1;
    while (this.items.size >= this.max) {
      const out = this.queues.take(() => true);
      this.items.delete(out?.id ?? -1);
    }
    const item = { id, visits: 0 };
    this.items.set(id, item);
    this.queues.add(item);
  }
}

test("a scan of ten times the cache leaves what is used often", () => {
  const cache = new Cache(100);
  for (let round = 0; round < 5; round += 1) {
    for (let id = 0; id < 80; id += 1) {
      cache.use(id);
    }
  }
  for (let id = 1000; id < 2000; id += 1) {
    cache.use(id);
  }
  cache.misses = 0;
  for (let id = 0; id < 80; id += 1) {
    cache.use(id);
  }
  expect(cache.misses).toBe(0);
});

test("a page that comes back soon is kept", () => {
  const cache = new Cache(20);
  cache.use(1);
  for (let id = 100; id < 120; id += 1) {
    cache.use(id);
  }
  expect(cache.items.has(1)).toBe(false);
  cache.use(1);
  for (let id = 200; id < 230; id += 1) {
    cache.use(id);
  }
  expect(cache.items.has(1)).toBe(true);
});

test("nothing is taken when nothing may leave, and the rest keeps its place", () => {
  const queues = new EvictionQueues<Item>(10);
  for (const id of [1, 2, 3]) {
    queues.add({ id, visits: id });
  }
  expect(queues.take(() => false)).toBeUndefined();
  expect(new Set([1, 2, 3].map(() => queues.take(() => true)?.id))).toEqual(new Set([1, 2, 3]));
  expect(queues.take(() => true)).toBeUndefined();
});
