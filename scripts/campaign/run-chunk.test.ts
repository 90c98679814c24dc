import { expect, test } from "vitest";
import { createFakeSimulation, type FakeBehaviour } from "./fake-simulation.ts";
import { runChunk } from "./run-chunk.ts";
import type { ChunkResult } from "./chunk.ts";

function run(behaviour: FakeBehaviour, first = 1, count = 40): Promise<ChunkResult> {
  return runChunk({ first, count, selection: {} }, createFakeSimulation(behaviour), () => {});
}

test("every seed is announced before it runs, and counted in the cell it ran in", async () => {
  const seen: number[] = [];
  const chunk = { first: 7, count: 4, selection: {} };
  const result = await runChunk(chunk, createFakeSimulation(), (seed) => seen.push(seed));
  expect(seen).toEqual([7, 8, 9, 10]);
  expect(result.cells.map(({ policy, seeds, crashes }) => ({ policy, seeds, crashes }))).toEqual([
    { policy: "os", seeds: 2, crashes: 4 },
    { policy: "sync", seeds: 2, crashes: 4 },
  ]);
  expect(result.probes).toEqual({ reached: 4, rare: 1 });
});

test("one in twenty of the seeds that hold runs twice, chosen by the seed", async () => {
  const result = await run({}, 15, 30);
  expect(result.cells.reduce((sum, cell) => sum + cell.repeated, 0)).toBe(2);
  expect(result.untrusted).toEqual([]);
});

test("a broken seed is a failure with its record, and was run twice", async () => {
  const result = await run({ broken: (seed) => seed === 13 });
  expect(result.failures).toEqual([
    {
      seed: 13,
      policy: "os",
      profile: "paranoid",
      property: "P1",
      message: "the fake breaks at seed 13",
      details: ["key 13 is gone"],
      traceHash: "trace of 13",
      recordText: "record of 13",
    },
  ]);
  expect(result.cells.map((cell) => cell.repeated)).toEqual([1, 2]);
});

test("two different traces of one seed are a divergence, for failing seeds too", async () => {
  const result = await run({
    diverges: (seed) => seed === 20 || seed === 9 || seed === 3,
    broken: (seed) => seed === 9,
  });
  expect(result.untrusted.map(({ seed, kind }) => ({ seed, kind }))).toEqual([
    { seed: 9, kind: "diverged" },
    { seed: 20, kind: "diverged" },
  ]);
  expect(result.failures.map(({ seed }) => seed)).toEqual([9]);
});

test("a store that was refused before anything could be compared is counted, and condemns nothing", async () => {
  const result = await run({ refused: (seed) => seed === 3 });
  expect(result.untrusted).toEqual([]);
  expect(result.cells.map(({ policy, unchecked }) => ({ policy, unchecked }))).toEqual([
    { policy: "os", unchecked: 1 },
    { policy: "sync", unchecked: 0 },
  ]);
});

test("a run without checks, a harness violation and an exception are untrusted, not failures", async () => {
  const result = await run({
    vacuous: (seed) => seed === 2,
    harness: (seed) => seed === 4,
    throws: (seed) => seed === 6,
  });
  expect(result.failures).toEqual([]);
  expect(result.untrusted.map(({ seed, kind }) => ({ seed, kind }))).toEqual([
    { seed: 2, kind: "vacuous" },
    { seed: 4, kind: "error" },
    { seed: 6, kind: "error" },
  ]);
  expect(result.untrusted[2]?.message).toContain("the fake fails at seed 6");
});
