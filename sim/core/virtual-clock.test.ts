import { describe, expect, it } from "vitest";

import { PrngChoices } from "./choices.ts";
import { Scheduler } from "./scheduler.ts";
import { VirtualClock, WALL_START_MS } from "./virtual-clock.ts";
import { VirtualEntropy } from "./virtual-entropy.ts";

describe("the virtual clock", () => {
  it("moves only with the scheduler", () => {
    const scheduler = new Scheduler();
    const clock = new VirtualClock(scheduler);
    expect(clock.nowMs()).toBe(WALL_START_MS);
    scheduler.schedule(2500, () => {});
    scheduler.step();
    expect(clock.monotonicMs()).toBe(2.5);
    expect(clock.nowMs()).toBe(WALL_START_MS + 2);
  });

  it("never goes backward for intervals when the wall clock is set back", () => {
    const scheduler = new Scheduler();
    const clock = new VirtualClock(scheduler);
    clock.jumpWall(-60_000);
    expect(clock.nowMs()).toBe(WALL_START_MS - 60_000);
    expect(clock.monotonicMs()).toBe(0);
  });

  it("rings timers in time order, never synchronously, and not after they were cancelled", () => {
    const scheduler = new Scheduler();
    const clock = new VirtualClock(scheduler);
    const rung: string[] = [];
    clock.setTimer(2, () => rung.push("two"));
    clock.setTimer(0, () => rung.push("none"));
    clock.setTimer(1, () => rung.push("never")).cancel();
    expect(rung).toEqual([]);
    while (scheduler.step()) {
      // Runs until nothing waits.
    }
    expect(rung).toEqual(["none", "two"]);
    expect(clock.monotonicMs()).toBe(2);
  });

  it("rings late by less than the bound, never early", () => {
    const scheduler = new Scheduler();
    const clock = new VirtualClock(scheduler, {
      lateness: new PrngChoices("late"),
      latenessUsMax: 100,
    });
    for (let count = 0; count < 50; count += 1) {
      const startUs = scheduler.nowUs;
      clock.setTimer(1, () => {});
      scheduler.step();
      expect(scheduler.nowUs - startUs).toBeGreaterThanOrEqual(1000);
      expect(scheduler.nowUs - startUs).toBeLessThan(1100);
    }
  });
});

describe("virtual entropy", () => {
  it("gives unsigned 32-bit integers, the same for the same choices", () => {
    const one = new VirtualEntropy(new PrngChoices("id"));
    const two = new VirtualEntropy(new PrngChoices("id"));
    for (let count = 0; count < 100; count += 1) {
      const value = one.uint32();
      expect(value).toBe(two.uint32());
      expect(value).toBe(value >>> 0);
    }
  });
});
