import { expect, test } from "vitest";
import { SyncCoverage } from "./sync-coverage.ts";

test("a sync covers what was written before its call, and the first write that none covers is known", () => {
  const coverage = new SyncCoverage();
  coverage.written("/log");
  coverage.called("/log");
  coverage.written("/log");
  coverage.written("/pages");
  expect(coverage.firstDirty("/log")).toBe(1);
  coverage.succeeded("/log", coverage.ended("/log"));
  expect(coverage.firstDirty("/log")).toBe(2);
  expect(coverage.firstDirty("/pages")).toBe(3);
  expect(coverage.writes).toBe(3);
  coverage.called("/log");
  coverage.succeeded("/log", coverage.ended("/log"));
  expect(coverage.firstDirty("/log")).toBeUndefined();
});

test("syncs end in the order in which they were called", () => {
  const coverage = new SyncCoverage();
  coverage.written("/log");
  coverage.called("/log");
  coverage.written("/log");
  coverage.called("/log");
  expect([coverage.ended("/log"), coverage.ended("/log")]).toEqual([1, 2]);
});
