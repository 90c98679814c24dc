import { expect, test } from "vitest";
import type { PeerName, WorkloadName } from "./catalog.ts";
import { rowsOf, type BenchReport, type BenchSettings, type Sample } from "./report.ts";
import { quantity, reportText } from "./report-text.ts";

const SETTINGS: BenchSettings = {
  keys: 1000,
  rounds: 3,
  budgetMs: 10,
  logBytes: 1000,
  workloads: ["W1", "R1"],
  peers: ["floor", "seawall", "classic-level", "lmdb", "better-sqlite3"],
};

function measured(workload: WorkloadName, peer: PeerName, perSecond: number): Sample {
  return {
    workload,
    peer,
    round: 0,
    outcome: {
      kind: "measured",
      figures: {
        perSecond,
        operations: 1,
        elapsedMs: 1,
        committedBytes: 116,
        written: { handed: 4096, dirtied: 4096, dirtiedFrom: "file sizes" },
      },
      peakBytes: 1,
    },
  };
}

const SAMPLES: readonly Sample[] = [
  measured("W1", "floor", 4000),
  measured("W1", "seawall", 3000),
  measured("W1", "seawall", 100),
  measured("W1", "seawall", 3200),
  measured("W1", "classic-level", 1000),
  measured("W1", "better-sqlite3", 1500),
  { workload: "W1", peer: "lmdb", round: 0, outcome: { kind: "missing", message: "is missing" } },
];

function reportOf(samples: readonly Sample[]): BenchReport {
  const machine = {
    date: "2026-11-26T00:00:00.000Z",
    cores: 2,
    processor: "any",
    memoryGiB: 1,
    platform: "linux x64",
    node: "v20",
    loadAverage: 0,
  };
  const rows = rowsOf(SETTINGS, samples);
  return { machine, seawallVersion: "0.0.0", settings: SETTINGS, rows, samples };
}

test("seawall's median is compared with the best rival that was measured, and with the floor", () => {
  const [w1] = rowsOf(SETTINGS, SAMPLES);
  expect(w1?.cells[1]?.perSecond).toBe(3000);
  expect(w1?.toBestRival).toBe(2);
  expect(w1?.toFloor).toBe(0.75);
  expect(w1?.cells[1]?.handedPerByte).toBeCloseTo(35.3, 1);
});

test("a peer that was not measured has a reason, and is no rival", () => {
  const [w1, r1] = rowsOf(SETTINGS, SAMPLES);
  expect(w1?.cells[3]).toMatchObject({ perSecond: undefined, note: "is missing" });
  expect(r1?.cells[4]?.note).toMatch(/^not offered: /);
  expect(r1?.toBestRival).toBeUndefined();
});

test("one failed round is told although others were measured", () => {
  const failed: Sample = {
    workload: "W1",
    peer: "seawall",
    round: 1,
    outcome: { kind: "failed", message: "out of luck" },
  };
  const text = reportText(reportOf([...SAMPLES, failed]), false);
  expect(text).toContain("W1  seawall: failed: out of luck");
});

test("the table holds the figures and the multiples in plain text", () => {
  const text = reportText(reportOf(SAMPLES), false);
  const line = text.split("\n").find((each) => each.includes("one writer")) ?? "";
  const cells = line.split("│").map((cell) => cell.trim());
  expect(cells.slice(3, -1)).toEqual([
    "puts/s",
    "4,000",
    "3,000",
    "1,000",
    "-",
    "1,500",
    "2.00x",
    "0.75x",
  ]);
  expect(text).not.toContain("\u001B");
});

test.each([
  [0.01234, "0.0123"],
  [12.34, "12.3"],
  [999.4, "999"],
  [1234, "1,230"],
  [1_234_567, "1,230,000"],
])("%d is written with three digits: %s", (value, text) => {
  expect(quantity(value)).toBe(text);
});
