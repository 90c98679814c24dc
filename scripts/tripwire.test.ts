import { expect, test } from "vitest";
import { generateScenario } from "../sim/index.ts";
import { loadMutant } from "./mutants/load-mutant.ts";
import { ScenarioRunner } from "./scenario-runner.ts";
import { RealWorldTouched, withTripwire } from "./tripwire.ts";

const TOUCHES: readonly (readonly [name: string, touch: () => unknown])[] = [
  ["random", () => Math.random()],
  ["now", () => Date.now()],
  ["now", () => performance.now()],
  ["setTimeout", () => setTimeout(() => {}, 0)],
  ["setImmediate", () => setImmediate(() => {})],
  ["randomUUID", () => crypto.randomUUID()],
  ["hrtime", () => process.hrtime()],
];

test.each(TOUCHES)(
  "%s trips, also when the error is swallowed, and works again afterwards",
  (name, touch) => {
    const swallow = (): string => {
      try {
        touch();
      } catch {
        return "swallowed";
      }
      return "not tripped";
    };
    expect(() => withTripwire(swallow)).toThrow(RealWorldTouched);
    expect(() => withTripwire(swallow)).toThrow(name);
    expect(touch).not.toThrow();
  },
);

test("what touches nothing is let through", () => {
  expect(withTripwire(() => new Date(5).getTime())).toBe(5);
});

test("an engine that looks at the real clock fails its run", async () => {
  const engine = await loadMutant({
    name: "real-clock",
    about: "commits carry the real time",
    edits: [
      {
        file: "engine/transactions/transaction-manager.ts",
        anchor: "Math.max(0, Math.floor(clock.nowMs()))",
        replacement: "Math.max(clock.nowMs() * 0, Date.now())",
      },
    ],
    expects: [],
  });
  const runner = await ScenarioRunner.create();
  await expect(runner.run(generateScenario("1"), { engine })).rejects.toThrow(RealWorldTouched);
});
