import { beforeAll, describe, expect, test } from "vitest";

import {
  countOperations,
  generateScenario,
  makeRecord,
  formatRecord,
  parseRecord,
  replaySettings,
  tellStory,
  type Case,
  type RunSettings,
  type Violation,
} from "../../sim/index.ts";
import { engineFor } from "../mutants/engine-for.ts";
import { ScenarioRunner } from "../scenario-runner.ts";
import { shrinkCase, type ShrunkCase } from "./shrink-case.ts";

let runner: ScenarioRunner;
let settings: RunSettings;
let failing: { readonly first: Case; readonly broken: Violation };
let shrunk: ShrunkCase;

/** A large run that a store fails which acknowledges before it syncs. */
beforeAll(async () => {
  runner = await ScenarioRunner.create();
  settings = await engineFor("acknowledged-before-sync");
  for (let seed = 1; ; seed += 1) {
    const scenario = generateScenario(`shrink-${seed}`, { policy: "sync", weather: "errors" });
    const result = await runner.run(scenario, { ...settings, record: true });
    if (result.violation?.property === "P1" && countOperations(scenario) > 100) {
      const { tapes = {} } = result;
      failing = { first: { scenario, tapes, offTape: "seed" }, broken: result.violation };
      break;
    }
  }
  shrunk = await shrinkCase(runner, failing, settings);
}, 60_000);

describe("a failing run", () => {
  test("shrinks to a few operations and one crash which break the same property", () => {
    expect(shrunk.result.violation?.property).toBe("P1");
    expect(shrunk.complete).toBe(true);
    expect(countOperations(shrunk.smallest.scenario)).toBeLessThanOrEqual(3);
    expect(shrunk.result.crashes).toBe(1);
    expect(shrunk.smallest.scenario.faults).toEqual([]);
    // The most ordinary one: it fails on any.
    expect(shrunk.smallest.scenario.profile).toBe("ext4-ordered");
  });

  test("shrinks to the same every time", async () => {
    const again = await shrinkCase(runner, failing, settings);
    expect(again.smallest).toEqual(shrunk.smallest);
    expect(again.runs).toBe(shrunk.runs);
  });

  test("spends no more runs than it may", async () => {
    const limited = await shrinkCase(runner, failing, settings, { runsMax: 5 });
    expect(limited.runs).toBe(5);
    expect(limited.complete).toBe(false);
    expect(limited.result.violation?.property).toBe("P1");
  });

  test("ends with what it has when its time is up", async () => {
    const hurried = await shrinkCase(runner, failing, settings, { timeMs: 0 });
    expect(hurried.complete).toBe(false);
    expect(hurried.smallest).toEqual(failing.first);
  });
});

test("its story tells what was asked, the crash, what survived, what was expected and what was found", () => {
  const story = tellStory(shrunk.smallest.scenario, shrunk.result).join("\n");
  expect(story).toMatch(/client 0 (puts|deletes|commits)/);
  expect(story).toContain("is told that its commit is number 1");
  expect(story).toMatch(/CRASH \((os|power)\)/);
  expect(story).toMatch(/on the disk: wal-\d+\.log \d+\.\.\d+: lost/);
  expect(story).toContain("disk: reads wal-");
  expect(story).toContain("recovery: redo");
  expect(story).toContain("broken P1: commit 1 had to survive and did not");
});

test("its record replays to the same failure, and holds without the bug", async () => {
  const record = parseRecord(
    formatRecord(
      makeRecord(shrunk.smallest.scenario, shrunk.result, {
        engineVersion: "0.0.0",
        offTape: shrunk.smallest.offTape,
      }),
    ),
  );
  const again = await runner.run(record.scenario, replaySettings(record, settings));
  expect(again.traceHash).toBe(record.traceHash);
  const itself = await runner.run(record.scenario, replaySettings(record, {}));
  expect(itself.violation).toBeUndefined();
});
