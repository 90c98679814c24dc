import { expect, test } from "vitest";
import { doneShare } from "./progress.ts";
import { grouped } from "./pretty-reporter.ts";
import { sampleReport } from "./sample-report.ts";

test("a campaign is as far as the nearer of its two ends", () => {
  const report = sampleReport({ elapsedMs: 6000 });
  expect(doneShare(report, { seeds: 4000 })).toBe(0.5);
  expect(doneShare(report, { seeds: 4000, timeMs: 8000 })).toBe(0.75);
  expect(doneShare(report, { seeds: 1000, timeMs: 8000 })).toBe(1);
  expect(doneShare(report, {})).toBe(0);
});

test("thousands are grouped the same on every machine", () => {
  expect([0, 999, 1000, 1234567].map(grouped)).toEqual(["0", "999", "1,000", "1,234,567"]);
});
