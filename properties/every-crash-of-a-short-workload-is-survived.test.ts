import { describe, expect, test } from "vitest";

import { ExplorationRunner } from "../scripts/exploration-runner.ts";
import { findMutant } from "../scripts/mutants/catalog.ts";
import { loadMutant } from "../scripts/mutants/load-mutant.ts";
import type { Mutant } from "../scripts/mutants/mutant.ts";
import { ScenarioRunner } from "../scripts/scenario-runner.ts";
import {
  allCrashPoints,
  compareReplay,
  HONEST_PROFILE_NAMES,
  replaySettings,
  shortScenario,
  type Bound,
  type Exploration,
  type ExploreSettings,
  type Scenario,
} from "../sim/index.ts";
import { withoutFileSyncs } from "./support/deaf-files.ts";

const PREFIXES: Bound = { tier: 0, nestedTier: 0, depth: 1 };
const SINGLES: Bound = { tier: 1, nestedTier: 0, depth: 1 };
const TWICE: Bound = { tier: 0, nestedTier: 0, depth: 2 };

function workload(operations: number, seed = "1"): Scenario {
  return shortScenario({ seed, operations, profile: "paranoid", policy: "sync" });
}

async function explore(
  scenario: Scenario,
  settings: Omit<ExploreSettings, "drain">,
): Promise<Exploration> {
  return (await ExplorationRunner.create()).explore(scenario, settings);
}

describe("the store survives every crash", () => {
  test("of one write and one transaction: any one piece lost, or kept alone", async () => {
    const { broken, complete, counts } = await explore(workload(2), { bound: SINGLES });
    expect(broken).toEqual([]);
    expect(complete).toBe(true);
    expect(counts.crashPoints.life).toBeGreaterThan(20);
    expect(counts.judged).toBeGreaterThan(500);
  });

  test("and every crash in the recovery from it", async () => {
    const { broken, complete, counts } = await explore(workload(1), { bound: TWICE });
    expect(broken).toEqual([]);
    expect(complete).toBe(true);
    expect(counts.crashPoints.recovery).toBeGreaterThan(200);
    expect(counts.crashPoints.reopened).toBeGreaterThan(40);
  });

  for (const profile of HONEST_PROFILE_NAMES) {
    test(`on ${profile}, acknowledged from memory, over two checkpoints`, async () => {
      const short = shortScenario({ seed: "2", operations: 6, profile, policy: "async" });
      const { broken, complete } = await explore(short, { bound: PREFIXES });
      expect(broken).toEqual([]);
      expect(complete).toBe(true);
    });
  }

  test("however little is tried: a budget ends it, and it says so", async () => {
    const exploration = await explore(workload(3), { bound: SINGLES, statesMax: 100 });
    expect(exploration.complete).toBe(false);
    expect(exploration.counts.states).toBe(100);
    expect(allCrashPoints(exploration.counts)).toBeLessThan(20);
  });
});

function planted(wanted: string): Mutant {
  const found = findMutant(wanted);
  if (found === undefined) {
    throw new RangeError(`no planted bug has the name ${wanted}`);
  }
  return found;
}

/** Finds the bug within the bound; the record of it must replay step by step. Returns the property. */
async function firstBroken(
  scenario: Scenario,
  bound: Bound,
  bug: Pick<ExploreSettings, "engine" | "wrapFiles">,
): Promise<{ readonly property: string; readonly crashes: number } | undefined> {
  const runner = await ExplorationRunner.create();
  const { broken } = await runner.explore(scenario, { bound, bail: true, ...bug });
  const [found] = broken;
  if (found === undefined) {
    return undefined;
  }
  const record = await runner.recordOf(found, bug, "test");
  if (record?.violation.message !== found.violation.message) {
    throw new Error(`no run breaks what was found: ${found.violation.message}`);
  }
  const settings = replaySettings(record, bug);
  const replayed = await (await ScenarioRunner.create()).run(record.scenario, settings);
  const { outcome, step } = compareReplay(record, replayed);
  if (outcome !== "same" || step !== undefined) {
    throw new Error(`the record does not replay step by step: ${outcome} by step ${step}`);
  }
  return { property: found.violation.property, crashes: found.path.length };
}

describe("a planted bug is found, with a record that replays", () => {
  test("syncs that do nothing", async () => {
    const found = await firstBroken(workload(1), PREFIXES, { wrapFiles: withoutFileSyncs });
    expect(found).toEqual({ property: expect.stringMatching(/^P[18]$/), crashes: 1 });
  });

  const shallow = [
    ["losers-not-undone", 3, PREFIXES],
    ["payload-not-checked", 3, SINGLES],
    ["pages-overtake-the-log", 8, PREFIXES],
    ["no-double-write", 8, PREFIXES],
    ["redo-point-too-late", 8, PREFIXES],
  ] as const;
  for (const [name, operations, bound] of shallow) {
    test(`${name}: by a crash of ${operations} operations, tier ${bound.tier}`, async () => {
      const bug = { engine: await loadMutant(planted(name)) };
      const found = await firstBroken(workload(operations), bound, bug);
      expect(found).toEqual({ property: expect.stringMatching(/^P[1-8]$/), crashes: 1 });
    });
  }

  test("redo-of-what-is-there: by a split and a crash of a checkpoint, which one workload has", async () => {
    const bug = { engine: await loadMutant(planted("redo-of-what-is-there")) };
    const found = await firstBroken(workload(16, "3"), PREFIXES, bug);
    expect(found).toEqual({ property: "P5", crashes: 1 });
  });

  test("undo-not-logged: only by a second crash, in the recovery from the first", async () => {
    const bug = { engine: await loadMutant(planted("undo-not-logged")) };
    expect(await firstBroken(workload(3), PREFIXES, bug)).toBeUndefined();
    const found = await firstBroken(workload(3), TWICE, bug);
    expect(found).toEqual({ property: expect.stringMatching(/^P[1-8]$/), crashes: 2 });
  });
});
