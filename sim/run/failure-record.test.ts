import { setImmediate } from "node:timers/promises";

import { beforeAll, describe, expect, test } from "vitest";

import { HELD_RUN } from "../../properties/support/held-run.ts";
import { SeawallError } from "../../engine/base/errors.ts";
import * as seawall from "../../engine/index.ts";
import { generateScenario } from "../scenario/generate.ts";
import type { EnginePort } from "./engine-port.ts";
import { type FailureRecord, formatRecord, makeRecord, parseRecord } from "./failure-record.ts";
import { compareReplay, replaySettings } from "./replay.ts";
import { runScenarioAsync, type RunSettings } from "./run-scenario.ts";

const SCENARIO = generateScenario("record", { policy: "sync", weather: "crashes" });

/** Fails the second open. */
function failingEngine(code: "CORRUPTION" | "RECOVERY" = "CORRUPTION"): EnginePort {
  let opens = 0;
  return {
    ...seawall,
    Database: {
      open: async (options) => {
        opens += 1;
        if (opens > 1) {
          throw new SeawallError(code, "no");
        }
        return await seawall.Database.open(options);
      },
    },
  };
}

async function run(settings: RunSettings): Promise<Awaited<ReturnType<typeof runScenarioAsync>>> {
  return await runScenarioAsync(SCENARIO, {
    ...settings,
    settle: async () => await setImmediate(),
  });
}

let record: FailureRecord;

beforeAll(async () => {
  const result = await run({ record: true, engine: failingEngine() });
  record = makeRecord(SCENARIO, result, { engineVersion: "1.2.3", note: "a test" });
});

describe("a failure record", () => {
  test("survives being written and read", () => {
    expect(parseRecord(formatRecord(record))).toEqual(record);
  });

  test("holds what broke, and every choice that was made", () => {
    expect(record.violation.property).toBe("P8");
    expect(Object.keys(record.tapes)).toContain("latency");
  });

  test("replays to the same failure, step by step", async () => {
    const result = await run(replaySettings(record, { engine: failingEngine() }));
    expect(compareReplay(record, result)).toMatchObject({ outcome: "same" });
    expect(result.traceHash).toBe(record.traceHash);
    expect(result.divergences).toEqual([]);
  });

  test("is fixed when the same scenario breaks nothing, and says from where on the path differs", async () => {
    const replay = compareReplay(record, await run(replaySettings(record, {})));
    expect(replay.outcome).toBe("fixed");
    expect(replay.step).toBeGreaterThan(0);
  });

  test("has diverged when another property breaks", () => {
    const violation = { property: "P1", message: "", details: [] } as const;
    const result = {
      ...HELD_RUN,
      verdict: "broken",
      violation,
      traceHash: "0",
      steps: 10,
    } as const;
    const replay = compareReplay(record, result);
    expect(replay).toMatchObject({ outcome: "diverged", why: "P1 is broken, the record says P8" });
  });

  test("is not made of a run that held", async () => {
    const result = await run({ record: true });
    expect(() => makeRecord(SCENARIO, result, { engineVersion: "1" })).toThrow("broken run");
  });
});

describe("reading a failure record", () => {
  test("says what is wrong with it, and where", () => {
    expect(() => parseRecord("{")).toThrow("the document: expected JSON");
    expect(() => parseRecord("[]")).toThrow("the document: expected an object");
    expect(() => parseRecord(JSON.stringify({ ...record, version: 3 }))).toThrow(
      "version: expected one of 1, 2, found 3",
    );
    expect(() => parseRecord(JSON.stringify({ ...record, tapes: { x: ["a"] } }))).toThrow(
      'tapes.x[0]: expected a whole number from 0 to 2147483647, found "a"',
    );
    const scenario = { ...record.scenario, keys: [] };
    expect(() => parseRecord(JSON.stringify({ ...record, scenario }))).toThrow("scenario.keys");
  });
});
