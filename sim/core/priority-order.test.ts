import { describe, expect, test } from "vitest";

import { type Choices, PrngChoices, RecordingChoices, ReplayedChoices } from "./choices.ts";
import { PriorityOrder } from "./priority-order.ts";
import { Scheduler } from "./scheduler.ts";

const STEPS = 100;
const SEEDS = 1000;

/**
 * A check and an act one step apart at the beginning of one chain, and what they must not have between them at
 * the end of a long other one: two ordering constraints. Latencies are drawn as the disk draws them.
 */
function breaks(scheduler: Scheduler, latency: Choices): boolean {
  let isChecked = false;
  let isBroken = false;
  const wait = (then: () => void): void => {
    scheduler.schedule(8 + latency.below(8), then);
  };
  wait(() => {
    isChecked = true;
    wait(() => {
      isChecked = false;
    });
  });
  const walk = (left: number): void => {
    if (left > 0) {
      wait(() => walk(left - 1));
    } else {
      isBroken = isChecked;
    }
  };
  walk(STEPS);
  while (scheduler.step()) {
    // Runs everything.
  }
  return isBroken;
}

function byPriority(choices: Choices, depth: number): Scheduler {
  return new Scheduler(new PriorityOrder(choices, { depth, steps: STEPS, windowUs: 10_000 }));
}

/** Undefined when no seed does. */
function firstSeed(schedulerOf: (seed: number) => Scheduler): number | undefined {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    if (breaks(schedulerOf(seed), new PrngChoices(`${seed}/latency`))) {
      return seed;
    }
  }
  return undefined;
}

const prioritySeed = (depth: number) => (seed: number) =>
  byPriority(new PrngChoices(`${seed}/schedule`), depth);

describe("an order that takes two constraints", () => {
  test("is never found by latencies alone, however many seeds", () => {
    expect(firstSeed(() => new Scheduler())).toBeUndefined();
  });

  test("needs one change of priority", () => {
    expect(firstSeed(prioritySeed(1))).toBeUndefined();
    // One in about 200 (two chains, a hundred steps): the first here is in time for any campaign.
    expect(firstSeed(prioritySeed(2))).toBeLessThan(500);
  });
});

function orderOf(choices: Choices): string {
  const scheduler = byPriority(choices, 3);
  const order: string[] = [];
  for (const name of ["a", "b", "c", "d", "e"]) {
    scheduler.schedule(10, () => {
      order.push(name);
      scheduler.schedule(10, () => order.push(name.toUpperCase()));
    });
  }
  while (scheduler.step()) {
    // Runs everything.
  }
  return order.join("");
}

test("the same choices give the same order, from a tape too", () => {
  const recording = new RecordingChoices(new PrngChoices("order"));
  const order = orderOf(recording);
  expect(order).toHaveLength(10);
  expect(order).not.toBe("abcdeABCDE");
  const tape = new ReplayedChoices(recording.taken);
  expect(orderOf(tape)).toBe(order);
  expect([tape.divergence, tape.left]).toEqual([undefined, 0]);
});

test("time never goes back, and nothing waits for more than the window", () => {
  const scheduler = byPriority(new PrngChoices("time"), 3);
  const lateUs: number[] = [];
  const times: number[] = [];
  const chain = (left: number): void => {
    const dueUs = scheduler.nowUs + 100;
    scheduler.schedule(100, () => {
      times.push(scheduler.nowUs);
      lateUs.push(scheduler.nowUs - dueUs);
      if (left > 0) {
        chain(left - 1);
      }
    });
  };
  chain(500);
  chain(500);
  chain(500);
  while (scheduler.step()) {
    // Runs everything.
  }
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(Math.max(...lateUs)).toBeGreaterThan(1000);
  expect(Math.max(...lateUs)).toBeLessThanOrEqual(10_000);
});
