import fs from "node:fs";
import path from "node:path";
import { replaySettings, type Case, type RunResult, type RunSettings } from "../../sim/index.ts";
import type { Selection } from "../campaign/cell.ts";
import { scenarioOf } from "../campaign/seawall-simulation.ts";
import { UsageError } from "../cli/exit-status.ts";
import { isFixed } from "../cli/selection-options.ts";
import { engineFor } from "../mutants/engine-for.ts";
import type { ScenarioRunner } from "../scenario-runner.ts";
import { readRecord, seedOf } from "./record-files.ts";

/** A seed or a record, run once, with everything that it drew. */
export interface NamedRun {
  /** For file names and for people. */
  readonly name: string;
  readonly first: Case;
  readonly result: RunResult;
  readonly settings: Pick<RunSettings, "engine">;
  readonly mutant: string | undefined;
}

export interface RunChoice extends Selection {
  readonly mutant?: string;
}

/** What a command was given: a seed, or a file with a failure record. @throws UsageError */
export async function runNamed(
  what: string,
  choice: RunChoice,
  runner: ScenarioRunner,
): Promise<NamedRun> {
  const isFile = fs.statSync(what, { throwIfNoEntry: false })?.isFile() === true;
  return isFile ? await runRecord(what, choice, runner) : await runSeed(what, choice, runner);
}

async function runRecord(
  file: string,
  choice: RunChoice,
  runner: ScenarioRunner,
): Promise<NamedRun> {
  if (isFixed(choice) || choice.mutant !== undefined) {
    throw new UsageError(
      "--profile, --policy, --weather, --order and --mutant are for seeds: a record says what it ran with.",
      "Leave them out, or give a seed.",
    );
  }
  const record = readRecord(file);
  const settings = await engineFor(record.mutant);
  const result = await runner.run(record.scenario, replaySettings(record, settings));
  const { tapes = {} } = result;
  return {
    name: path.basename(file, ".json"),
    first: { scenario: record.scenario, tapes, offTape: record.offTape ?? "seed" },
    result,
    settings,
    mutant: record.mutant,
  };
}

async function runSeed(what: string, choice: RunChoice, runner: ScenarioRunner): Promise<NamedRun> {
  const scenario = scenarioOf(seedOf(what), choice);
  const settings = await engineFor(choice.mutant);
  const result = await runner.run(scenario, { ...settings, record: true });
  const { tapes = {} } = result;
  const name = choice.mutant === undefined ? what : `${choice.mutant}-${what}`;
  return {
    name,
    first: { scenario, tapes, offTape: "seed" },
    result,
    settings,
    mutant: choice.mutant,
  };
}
