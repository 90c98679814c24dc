import { expect, test } from "vitest";
import { createNodeClock } from "./node-clock.ts";

const clock = createNodeClock();

function fired(delayMs: number): Promise<number> {
  const startMs = clock.monotonicMs();
  return new Promise((resolve) => {
    clock.setTimer(delayMs, () => resolve(clock.monotonicMs() - startMs));
  });
}

test("a timer never fires before its delay has passed", async () => {
  const delaysMs = [0.3, 1, 1.5, 2.9, 5];
  const waitedMs = await Promise.all(delaysMs.map((delayMs) => fired(delayMs)));
  waitedMs.forEach((waited, index) => {
    expect(waited).toBeGreaterThanOrEqual(delaysMs[index] ?? 0);
  });
});

test("a timer of 0 never fires synchronously, and fires after everything that is ready", async () => {
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    clock.setTimer(0, () => {
      order.push("timer");
      resolve();
    });
    void Promise.resolve()
      .then(() => order.push("micro-task"))
      .then(() => order.push("its successor"));
    order.push("caller");
  });
  expect(order).toEqual(["caller", "micro-task", "its successor", "timer"]);
});

test("a cancelled timer does not fire, also one longer than setTimeout can count", async () => {
  let calls = 0;
  const count = (): void => {
    calls += 1;
  };
  for (const delayMs of [0, 1, 2 ** 33]) {
    const timer = clock.setTimer(delayMs, count);
    timer.cancel();
    timer.cancel();
  }
  const long = clock.setTimer(2 ** 33, count);
  await fired(10);
  long.cancel();
  expect(calls).toBe(0);
});
