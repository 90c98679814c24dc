import { expect, test } from "vitest";

import { GentleChoices, PrngChoices } from "../core/choices.ts";
import { combinations } from "./combinations.ts";
import { DEVICE_NAMES, DEVICES, drawSyncUs } from "./devices.ts";
import { excludedRate, summarize } from "./distribution.ts";

test("a summary tells the worst, the middle and the mean", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(summarize(values)).toEqual({ count: 100, mean: 50.5, p50: 50, p99: 99, worst: 100 });
  expect(summarize([])).toEqual({ count: 0, mean: 0, p50: 0, p99: 0, worst: 0 });
});

test("so many trials without a failure exclude about three in so many", () => {
  expect(excludedRate(0)).toBe(1);
  expect(excludedRate(2000)).toBeCloseTo(0.0015, 4);
});

test.each(DEVICE_NAMES)(
  "latencies of %s are quantiles from least to most, and say where from",
  (name) => {
    const { syncUs, source } = DEVICES[name];
    expect(source.length).toBeGreaterThan(40);
    expect(syncUs[0]?.[0]).toBe(0);
    expect(syncUs.at(-1)?.[0]).toBe(1000);
    expect(syncUs.flat()).toEqual(syncUs.toSorted(([, one], [, other]) => one - other).flat());
    const choices = new PrngChoices(name);
    const drawn = Array.from({ length: 20_000 }, () => drawSyncUs(DEVICES[name], 0, choices));
    const { p50, worst } = summarize(drawn);
    const median = syncUs.find(([perMille]) => perMille === 500)?.[1] ?? 0;
    expect(p50 / median).toBeGreaterThan(0.95);
    expect(p50 / median).toBeLessThan(1.05);
    expect(worst).toBeLessThanOrEqual(syncUs.at(-1)?.[1] ?? 0);
  },
);

test("bytes take the time that the device needs for them", () => {
  const gentle = new GentleChoices();
  const { hdd } = DEVICES;
  expect(drawSyncUs(hdd, 150_000, gentle) - drawSyncUs(hdd, 0, gentle)).toBe(1000);
});

test("combinations come in the order of the lists", () => {
  expect(combinations({ a: [1, 2], b: [3, 4] })).toEqual([
    { a: 1, b: 3 },
    { a: 1, b: 4 },
    { a: 2, b: 3 },
    { a: 2, b: 4 },
  ]);
});
