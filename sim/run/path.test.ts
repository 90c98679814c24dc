import { expect, test } from "vitest";

import { Trace } from "../core/trace.ts";
import { firstDifferentStep, Path } from "./path.ts";

function pathOf(events: readonly string[]): Path {
  const trace = new Trace({ keep: true });
  const path = new Path(trace);
  for (const event of events) {
    trace.event(event);
    path.noteStep();
  }
  return path;
}

test("two paths differ from the first step on in which something else happened", () => {
  const one = pathOf(["open", "write", "sync", "close"]).text;
  const other = pathOf(["open", "write", "crash", "close"]).text;
  expect(firstDifferentStep(one, other)).toBe(3);
});

test("a path that only goes on longer does not differ", () => {
  const one = pathOf(["open", "write"]).text;
  expect(firstDifferentStep(one, pathOf(["open", "write", "sync"]).text)).toBeUndefined();
  expect(firstDifferentStep(one, one)).toBeUndefined();
});

test("a path knows which lines of the trace belong to which step", () => {
  expect(pathOf(["open", "write"]).lineEnds).toEqual([1, 2]);
});
