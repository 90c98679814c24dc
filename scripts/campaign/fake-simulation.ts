import { inMacroTask } from "../micro-tasks.ts";
import type { Cell } from "./cell.ts";
import type { FinishedRun, Simulation } from "./simulation.ts";

/** What a seed of the fake does instead of holding. */
export type FakeOutcome = "broken" | "diverges" | "vacuous" | "refused" | "throws" | "harness";

export type FakeBehaviour = Partial<Record<FakeOutcome, (seed: number) => boolean>>;

/** A simulator for tests of the campaign: no store, no disk, only outcomes that follow from the seed. */
export function createFakeSimulation(behaviour: FakeBehaviour = {}): Simulation {
  let runs = 0;
  const does = (outcome: FakeOutcome, seed: number): boolean => behaviour[outcome]?.(seed) ?? false;
  const run = (seed: number): FinishedRun => {
    runs += 1;
    if (does("throws", seed)) {
      throw new Error(`the fake fails at seed ${seed}`);
    }
    const harness = does("harness", seed);
    return {
      cell: fakeCell(seed),
      ...(harness || does("broken", seed)
        ? { verdict: "broken", violation: fakeViolation(seed, harness) }
        : { verdict: "held" }),
      traceHash: does("diverges", seed) ? `trace ${runs}` : `trace of ${seed}`,
      operations: 10,
      crashes: 2,
      checks: does("vacuous", seed) || does("refused", seed) ? 0 : 5,
      refused: does("refused", seed),
      steps: 100,
      virtualMs: 7,
      probes: { reached: 1, rare: seed % 10 === 0 ? 1 : 0 },
    };
  };
  return {
    run: (seed) => inMacroTask(() => run(seed)),
    runRecorded: (seed) => inMacroTask(() => ({ run: run(seed), recordText: `record of ${seed}` })),
    cellOf: fakeCell,
  };
}

function fakeCell(seed: number): Cell {
  return { policy: seed % 2 === 0 ? "sync" : "os", profile: "paranoid" };
}

function fakeViolation(seed: number, harness: boolean): NonNullable<FinishedRun["violation"]> {
  return {
    property: harness ? "harness" : "P1",
    message: `the fake breaks at seed ${seed}`,
    details: [`key ${seed} is gone`],
  };
}
