import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

test("so much runs at a time, in the order in which it came, and what is urgent before all who wait", async () => {
  const turns = new Turns(2);
  const log: string[] = [];
  let running = 0;
  const work = (name: string) => async (): Promise<void> => {
    running += 1;
    expect(running).toBeLessThanOrEqual(2);
    log.push(name);
    await Promise.resolve();
    running -= 1;
  };
  await Promise.all([
    ...["a", "b", "c", "d"].map((name) => turns.take(work(name))),
    turns.take(work("urgent"), "urgent"),
  ]);
  expect(log).toEqual(["a", "b", "urgent", "c", "d"]);
});

test("work that fails gives its turn to the next", async () => {
  const turns = new Turns(1);
  const failing = turns.take(() => Promise.reject(new Error("no")));
  const next = turns.take(() => "done");
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe("done");
});
