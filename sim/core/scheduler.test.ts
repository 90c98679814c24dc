import { describe, expect, it } from "vitest";

import { PrngChoices } from "./choices.ts";
import { Scheduler } from "./scheduler.ts";

function runAll(scheduler: Scheduler): void {
  while (scheduler.step()) {
    // Runs until nothing waits.
  }
}

describe("the scheduler", () => {
  it("runs steps by time, and at one time in the order in which they were scheduled", () => {
    const scheduler = new Scheduler();
    const expected: [time: number, order: number][] = [];
    const seen: [time: number, order: number][] = [];
    const choices = new PrngChoices("heap");
    for (let order = 0; order < 500; order += 1) {
      const time = choices.below(40);
      expected.push([time, order]);
      scheduler.schedule(time, () => seen.push([scheduler.nowUs, order]));
    }
    runAll(scheduler);
    expected.sort(([timeA, orderA], [timeB, orderB]) => timeA - timeB || orderA - orderB);
    expect(seen).toEqual(expected);
    expect(scheduler.steps).toBe(500);
  });

  it("jumps over waiting", () => {
    const scheduler = new Scheduler();
    scheduler.schedule(3_600_000_000, () => {});
    expect(scheduler.nextUs).toBe(3_600_000_000);
    expect(scheduler.step()).toBe(true);
    expect(scheduler.nowUs).toBe(3_600_000_000);
    expect(scheduler.step()).toBe(false);
  });

  it("runs what a step schedules for now after everything that was there for now", () => {
    const scheduler = new Scheduler();
    const seen: string[] = [];
    scheduler.schedule(0, () => {
      seen.push("first");
      scheduler.schedule(0, () => seen.push("third"));
    });
    scheduler.schedule(0, () => seen.push("second"));
    runAll(scheduler);
    expect(seen).toEqual(["first", "second", "third"]);
  });

  it("does not run a cancelled step, nor let it move time", () => {
    const scheduler = new Scheduler();
    const seen: string[] = [];
    const task = scheduler.schedule(5, () => seen.push("cancelled"));
    scheduler.schedule(9, () => seen.push("kept"));
    task.cancel();
    task.cancel();
    expect(scheduler.pendingCount).toBe(1);
    expect(scheduler.nextUs).toBe(9);
    runAll(scheduler);
    task.cancel();
    expect(seen).toEqual(["kept"]);
    expect(scheduler.pendingCount).toBe(0);
  });

  it("forgets everything that waits when what was running is dead, and goes on", () => {
    const scheduler = new Scheduler();
    const seen: string[] = [];
    const old = scheduler.schedule(5, () => seen.push("dead"));
    scheduler.clear();
    old.cancel();
    expect(scheduler.pendingCount).toBe(0);
    scheduler.schedule(1, () => seen.push("alive"));
    runAll(scheduler);
    expect(seen).toEqual(["alive"]);
  });

  it("refuses a delay that is not a whole number of microseconds", () => {
    const scheduler = new Scheduler();
    for (const delay of [-1, 0.5, Number.NaN, Infinity]) {
      expect(() => scheduler.schedule(delay, () => {})).toThrow("a delay is");
    }
  });
});
