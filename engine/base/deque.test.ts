import fc from "fast-check";
import { expect, test } from "vitest";
import { Deque } from "./deque.ts";

test("a deque does what a plain array does", () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.nat().map((value) => ({ push: value })) },
    { weight: 5, arbitrary: fc.constant("shift" as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: "max" }), (steps) => {
      const deque = new Deque<number>();
      const model: number[] = [];
      const seen: unknown[] = [];
      const expected: unknown[] = [];
      for (const step of steps) {
        if (step === "shift") {
          seen.push(deque.shift());
          expected.push(model.shift());
        } else {
          deque.push(step.push);
          model.push(step.push);
        }
        seen.push(deque.peek(), deque.length);
        expected.push(model[0], model.length);
      }
      expect(seen).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

test("a deque lets go of what was taken out", () => {
  const deque = new Deque<number>();
  for (let round = 0; round < 1000; round += 1) {
    deque.push(round);
    expect(deque.shift()).toBe(round);
  }
  expect(deque.length).toBe(0);
  expect(deque.shift()).toBeUndefined();
});
