import { describe, expect, test } from "vitest";
import type { CampaignReport } from "../../reports/index.ts";
import { Campaign, type CampaignOptions } from "./campaign.ts";
import { LostChunkError, type Chunk, type ChunkResult, type ChunkRunner } from "./chunk.ts";
import { createFakeSimulation, type FakeBehaviour } from "./fake-simulation.ts";
import { runChunk } from "./run-chunk.ts";

/** Runs chunks here; `lose` decides which seed hangs or kills its worker. */
class InlineRunner implements ChunkRunner {
  readonly chunks: Chunk[] = [];
  readonly #behaviour: FakeBehaviour;
  readonly #lose: (seed: number) => LostChunkError | undefined;

  constructor(
    behaviour: FakeBehaviour = {},
    lose: (seed: number) => LostChunkError | undefined = () => undefined,
  ) {
    this.#behaviour = behaviour;
    this.#lose = lose;
  }

  run(chunk: Chunk): Promise<ChunkResult> {
    this.chunks.push(chunk);
    return runChunk(chunk, createFakeSimulation(this.#behaviour), (seed) => {
      const lost = this.#lose(seed);
      if (lost !== undefined) {
        throw lost;
      }
    });
  }

  async close(): Promise<void> {}
}

function campaign(runner: ChunkRunner, options: Partial<CampaignOptions> = {}): Campaign {
  return new Campaign({
    range: { first: 1, count: 100 },
    workers: 2,
    selection: {},
    cellNames: { policies: ["sync", "os"], profiles: ["paranoid"] },
    cellOf: () => ({ policy: "sync", profile: "paranoid" }),
    probeNames: ["reached", "rare", "never"],
    engineVersion: "0.0.0",
    runner,
    keepFailure: ({ seed }) => ({ record: `${seed}.json`, replay: `replay ${seed}.json` }),
    replayLine: ({ seed }) => `replay ${seed}`,
    ...options,
  });
}

function findings(report: CampaignReport): Omit<CampaignReport, "elapsedMs" | "workers"> {
  const { elapsedMs: _, workers: __, ...rest } = report;
  return rest;
}

test("a campaign runs every seed once and reports the same however many workers share it", async () => {
  const behaviour = { broken: (seed: number) => seed % 30 === 0 };
  const [one, two, seven] = await Promise.all(
    [1, 2, 7].map((workers) => campaign(new InlineRunner(behaviour), { workers }).run()),
  );
  expect(one?.totals).toMatchObject({
    seeds: 100,
    crashes: 200,
    checks: 500,
    broken: 3,
    repeated: 7,
  });
  expect(one?.cells.map(({ policy, seeds }) => [policy, seeds])).toEqual([
    ["sync", 50],
    ["os", 50],
  ]);
  expect(one?.probes).toEqual({ reached: 100, rare: 10, never: 0 });
  expect(one).toMatchObject({ complete: true, verdict: "broken" });
  expect(one?.failures.map(({ seed, replay }) => [seed, replay])).toEqual([
    [30, "replay 30.json"],
    [60, "replay 60.json"],
    [90, "replay 90.json"],
  ]);
  for (const other of [two, seven]) {
    expect(other && findings(other)).toEqual(one && findings(one));
  }
});

test("the combined trace hash changes with one seed's trace", async () => {
  const plain = await campaign(new InlineRunner()).run();
  const changed = await campaign(new InlineRunner({ diverges: (seed) => seed === 41 })).run();
  expect(plain.traceHash).toMatch(/^[0-9a-f]{16}$/);
  expect(changed.traceHash).not.toBe(plain.traceHash);
});

test("bail stops handing out seeds, and the report is complete all the same", async () => {
  const runner = new InlineRunner({ broken: () => true });
  const report = await campaign(runner, { bail: 3, workers: 1 }).run();
  expect(report.totals.broken).toBeGreaterThanOrEqual(3);
  expect(report.totals.seeds).toBeLessThan(20);
  expect(report).toMatchObject({ complete: true, verdict: "broken" });
});

test("a campaign limited by time ends after it", async () => {
  const range = { first: 1, count: Infinity };
  const report = await campaign(new InlineRunner(), { range, timeMs: 50 }).run();
  expect(report.totals.seeds).toBeGreaterThan(0);
  expect(report.elapsedMs).toBeGreaterThanOrEqual(50);
  expect(report.seeds).toEqual({ first: 1 });
});

test("a stopped campaign gives a partial report that says so", async () => {
  const range = { first: 1, count: Infinity };
  const running = campaign(new InlineRunner(), { range });
  setTimeout(() => void running.stop(), 30);
  const report = await running.run();
  expect(report.complete).toBe(false);
  expect(report.totals.seeds).toBeGreaterThan(0);
});

function hangsAt(...seeds: number[]): (seed: number) => LostChunkError | undefined {
  return (seed) => (seeds.includes(seed) ? new LostChunkError("hung", seed, "hangs") : undefined);
}

function dies(seed: number): LostChunkError {
  return new LostChunkError("worker-crash", seed, "dies");
}

describe("lost workers", () => {
  test("a hanging seed is untrusted by name, and every other seed still runs", async () => {
    const report = await campaign(new InlineRunner({}, hangsAt(1, 37, 100))).run();
    expect(report.untrusted.map(({ seed, kind, replay }) => [seed, kind, replay])).toEqual([
      [1, "hung", "replay 1"],
      [37, "hung", "replay 37"],
      [100, "hung", "replay 100"],
    ]);
    expect(report.totals.seeds).toBe(97);
    expect(report).toMatchObject({ complete: true, verdict: "untrusted" });
  });

  test("workers that die again and again end the campaign", async () => {
    const report = await campaign(new InlineRunner({}, dies)).run();
    expect(report.untrusted.length).toBeLessThanOrEqual(12);
    expect(report).toMatchObject({ complete: false, verdict: "untrusted" });
  });

  test("a worker that never comes to a seed ends the campaign at once", async () => {
    const runner: ChunkRunner = {
      run: () => Promise.reject(new LostChunkError("worker-crash", undefined, "cannot load")),
      close: async () => {},
    };
    const report = await campaign(runner, { workers: 1 }).run();
    expect(report.untrusted).toHaveLength(1);
    expect(report.verdict).toBe("untrusted");
  });
});

test("a campaign that checks nothing is untrusted", async () => {
  const report = await campaign(new InlineRunner({ vacuous: () => true })).run();
  expect(report.verdict).toBe("untrusted");
  const empty = await campaign(new InlineRunner(), { range: { first: 1, count: 0 } }).run();
  expect(empty).toMatchObject({ complete: true, verdict: "untrusted" });
});

test("a campaign in which too many seeds checked nothing is untrusted, whatever explains each", async () => {
  const few = await campaign(new InlineRunner({ refused: (seed) => seed === 7 })).run();
  expect(few).toMatchObject({ verdict: "held", totals: { unchecked: 1 }, untrusted: [] });
  const many = await campaign(new InlineRunner({ refused: (seed) => seed % 30 === 0 })).run();
  expect(many).toMatchObject({ verdict: "untrusted", untrusted: [] });
});

test("a campaign that is large enough and missed a probe is untrusted, and says which", async () => {
  const large = await campaign(new InlineRunner(), { demandedProbes }).run();
  expect(large).toMatchObject({ verdict: "untrusted", missedProbes: ["never"] });
  const range = { first: 1, count: 99 };
  const small = await campaign(new InlineRunner(), { demandedProbes, range }).run();
  expect(small.verdict).toBe("held");
  expect(small.missedProbes).toBeUndefined();
});

function demandedProbes(seeds: number): readonly string[] {
  return seeds >= 100 ? ["reached", "never"] : [];
}
