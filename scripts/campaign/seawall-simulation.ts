import {
  ORDERS,
  POLICY_NAMES,
  PROFILE_NAMES,
  WEATHERS,
  formatRecord,
  generateScenario,
  makeRecord,
  type RunResult,
  type Scenario,
} from "../../sim/index.ts";
import { packageInfo } from "../cli/package-info.ts";
import { ScenarioRunner } from "../scenario-runner.ts";
import type { Cell, Selection } from "./cell.ts";
import type { FinishedRun, Simulation } from "./simulation.ts";

/** The simulator itself, as campaigns run it. */
export async function createSeawallSimulation(): Promise<Simulation> {
  const runner = await ScenarioRunner.create();
  const engineVersion = packageInfo().version;
  return {
    async run(seed, selection) {
      const scenario = scenarioOf(seed, selection);
      return finishedRun(scenario, await runner.run(scenario));
    },

    async runRecorded(seed, selection) {
      const scenario = scenarioOf(seed, selection);
      const result = await runner.run(scenario, { record: true });
      const run = finishedRun(scenario, result);
      return run.verdict === "held"
        ? { run }
        : { run, recordText: formatRecord(makeRecord(scenario, result, { engineVersion })) };
    },

    cellOf,
  };
}

/** What a bare seed means, here and for every command that takes one. */
export function scenarioOf(seed: number, selection: Selection): Scenario {
  const profile = PROFILE_NAMES.find((name) => name === selection.profile);
  const policy = POLICY_NAMES.find((name) => name === selection.policy);
  const weather = WEATHERS.find((name) => name === selection.weather);
  const order = ORDERS.find((name) => name === selection.order);
  return generateScenario(String(seed), {
    ...(profile === undefined ? {} : { profile }),
    ...(policy === undefined ? {} : { policy }),
    ...(weather === undefined ? {} : { weather }),
    ...(order === undefined ? {} : { order }),
  });
}

export function cellOf(seed: number, selection: Selection): Cell {
  return cellOfScenario(scenarioOf(seed, selection));
}

function cellOfScenario({ policy, profile }: Scenario): Cell {
  return { policy: policy.kind, profile };
}

function finishedRun(scenario: Scenario, result: RunResult): FinishedRun {
  const { verdict, violation, traceHash, probes, ledger } = result;
  const { operations, crashes, checks, steps, virtualMs } = result;
  return {
    cell: cellOfScenario(scenario),
    verdict,
    ...(violation === undefined ? {} : { violation }),
    traceHash,
    operations,
    crashes,
    checks,
    refused: result.over === "refused",
    steps,
    virtualMs,
    probes,
    ledger,
  };
}
