import { expect, test } from "vitest";
import { createDrain, inMacroTask } from "./micro-tasks.ts";

async function hops(count: number, log: number[]): Promise<void> {
  for (let hop = 1; hop <= count; hop += 1) {
    await Promise.resolve();
    log.push(hop);
  }
}

test("in a macro-task a drain runs every micro-task, also those that others queue, before it returns", async () => {
  const seen = await inMacroTask(() => {
    const drain = createDrain();
    expect(drain).toBeDefined();
    const log: number[] = [];
    void hops(1000, log);
    drain?.();
    return log.length;
  });
  expect(seen).toBe(1000);
});

test("a drain is refused where it would do nothing: inside a micro-task", async () => {
  await Promise.resolve();
  expect(createDrain()).toBeUndefined();
});
