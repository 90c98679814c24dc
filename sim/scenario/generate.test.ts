import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { PROFILE_NAMES } from "../disk/profiles.ts";
import { generateScenario } from "./generate.ts";
import { WEATHERS } from "./generate-storm.ts";
import { parseScenario } from "./parse-scenario.ts";
import { stepsOf } from "./client-program.ts";
import { countOperations, type Scenario } from "./scenario.ts";
import { POLICY_NAMES } from "./store-spec.ts";
import { ScenarioArbitrary } from "./scenario-arbitrary.ts";
import { shrinkScenario } from "./shrink-scenario.ts";

const SAMPLE = Array.from({ length: 300 }, (_, index) => generateScenario(`sample-${index}`));

function valueIds(scenario: Scenario): readonly number[] {
  return scenario.clients
    .flatMap(({ items }) => items)
    .flatMap(stepsOf)
    .flatMap((step) => (step.do === "put" ? [step.value.id] : []));
}

describe("the generator", () => {
  test("the same seed gives the same scenario, another seed another one", () => {
    expect(generateScenario("a")).toEqual(generateScenario("a"));
    expect(generateScenario("a")).not.toEqual(generateScenario("b"));
  });

  test("a scenario survives JSON and passes its own parser", () => {
    for (const scenario of SAMPLE) {
      const copy: unknown = JSON.parse(JSON.stringify(scenario));
      expect(parseScenario(copy)).toEqual(scenario);
    }
  });

  test("policy, profile and weather can be fixed", () => {
    for (const policy of POLICY_NAMES) {
      expect(generateScenario("x", { policy }).policy.kind).toBe(policy);
    }
    for (const profile of PROFILE_NAMES) {
      expect(generateScenario("x", { profile }).profile).toBe(profile);
    }
    for (const weather of WEATHERS) {
      const { cycles } = generateScenario("x", { weather });
      expect(cycles.length === 0).toBe(weather === "calm");
    }
  });

  test("every written value is unique in its scenario", () => {
    for (const scenario of SAMPLE) {
      const ids = valueIds(scenario);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  test("the swarm meets every policy, profile, kind of item, crash and fault", () => {
    const met = new Set<string>();
    for (const scenario of SAMPLE) {
      met.add(`policy ${scenario.policy.kind}`).add(`profile ${scenario.profile}`);
      for (const { items } of scenario.clients) {
        for (const item of items) {
          met.add(`item ${item.do}`);
        }
      }
      for (const { kind, nested } of scenario.cycles) {
        met.add(`crash ${kind}`).add(`nested ${nested.length}`);
      }
      for (const { kind } of scenario.faults) {
        met.add(`fault ${kind}`);
      }
    }
    const expected = [
      ...POLICY_NAMES.map((name) => `policy ${name}`),
      ...PROFILE_NAMES.map((name) => `profile ${name}`),
      ...["transaction", "put", "delete", "get", "scan", "batch", "burst", "sync", "sleep"].map(
        (name) => `item ${name}`,
      ),
      "item checkpoint",
      "item verify",
      ...["process", "os", "power", "close"].map((name) => `crash ${name}`),
      ...[0, 1, 2, 3].map((depth) => `nested ${depth}`),
      "fault sync-failure",
      "fault no-space",
      "fault write-error",
      "fault read-error",
      "fault short-writes",
      "fault short-reads",
      "fault clock-jump",
      "fault bit-flips",
      "fault bad-sector",
      "fault slow-syncs",
    ];
    expect(expected.filter((name) => !met.has(name))).toEqual([]);
  });

  test("scenarios make about two hundred calls", () => {
    const total = SAMPLE.reduce((sum, scenario) => sum + countOperations(scenario), 0);
    expect(total / SAMPLE.length).toBeGreaterThan(150);
    expect(total / SAMPLE.length).toBeLessThan(260);
  });

  test("most seeds have no damaged bytes, so that the strictest property is judged", () => {
    const rotten = SAMPLE.filter(({ faults }) =>
      faults.some(({ kind }) => kind === "bit-flips" || kind === "bad-sector"),
    );
    expect(rotten.length).toBeGreaterThan(0);
    expect(rotten.length).toBeLessThan(SAMPLE.length / 4);
  });
});

describe("the arbitrary", () => {
  test("draws what the seeds draw, for fast-check", () => {
    const drawn = fc.sample(new ScenarioArbitrary({ policy: "os" }), { numRuns: 20, seed: 1 });
    const again = fc.sample(new ScenarioArbitrary({ policy: "os" }), { numRuns: 20, seed: 1 });
    expect(drawn).toEqual(again);
    for (const scenario of drawn) {
      expect(parseScenario(JSON.parse(JSON.stringify(scenario))).policy.kind).toBe("os");
    }
  });

  test("shrinks a failure to the one item that makes it", () => {
    const property = fc.property(new ScenarioArbitrary({ weather: "crashes" }), (scenario) =>
      scenario.clients.every(({ items }) => items.every((item) => item.do !== "batch")),
    );
    const { counterexample } = fc.check(property, { numRuns: 50, seed: 3 });
    const [scenario] = counterexample ?? [];
    expect(scenario?.faults).toEqual([]);
    expect(scenario?.cycles).toEqual([]);
    expect(scenario?.clients.flatMap(({ items }) => items).map((item) => item.do)).toEqual([
      "batch",
    ]);
  });
});

describe("shrinking", () => {
  test("gives valid scenarios only, none of them the one it began with", () => {
    for (const scenario of SAMPLE.slice(0, 4)) {
      for (const simpler of shrinkScenario(scenario)) {
        expect(simpler).not.toEqual(scenario);
        expect(() => parseScenario(simpler)).not.toThrow();
      }
    }
  });
});
