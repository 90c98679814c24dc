import { expect, test } from "vitest";
import type { Choices } from "../sim/core/choices.ts";
import { VirtualStore } from "./support/virtual-store.ts";

const never = (): Promise<never> => new Promise<never>(() => {});

/** Calls under way land in part. */
const PARTLY: Choices = { below: (bound: number) => (bound === 3 ? 2 : bound - 1) };

test("processes that die while they make a log file do not leave one more file each", async () => {
  const store = new VirtualStore();
  const options = { segmentBytes: 16_384 };
  let allocations = 0;
  for (let round = 0; round < 12; round += 1) {
    const db = await store.open(options);
    await store.settle();
    const state = { allocating: false };
    store.disk.faults = {
      beforeOperation: () => undefined,
      delayUs: ({ kind }) => {
        state.allocating ||= kind === "preallocate";
        return 0;
      },
    };
    // It takes the file that is ready, and another is made.
    db.put(`k${round}`, "x".repeat(15_000)).catch(() => {});
    for (let steps = 0; steps < 300 && !state.allocating; steps += 1) {
      await store.runSteps(1, never);
    }
    allocations += state.allocating ? 1 : 0;
    store.crash("process", PARTLY);
    store.disk.faults = undefined;
  }
  const db = await store.open(options);
  await store.settle();
  await store.run(() => db.close());
  expect(allocations).toBeGreaterThan(3);
  const sizes = store.disk
    .files()
    .flatMap(({ path, bytes }) => (path.includes("wal-") ? bytes : []));
  expect(sizes.filter((bytes) => bytes !== 16_384 && bytes !== 4096)).toEqual([]);
});
