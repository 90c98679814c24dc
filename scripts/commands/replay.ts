import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { Command } from "commander";
import { compareReplay, replaySettings, type FailureRecord, type Replay } from "../../sim/index.ts";
import type { Selection } from "../campaign/cell.ts";
import { scenarioOf } from "../campaign/seawall-simulation.ts";
import type { CreateCommand } from "../cli/command.ts";
import { EXIT, UsageError, type ExitStatus } from "../cli/exit-status.ts";
import { addSelection, isFixed } from "../cli/selection-options.ts";
import { ScenarioRunner } from "../scenario-runner.ts";
import { engineFor } from "../mutants/engine-for.ts";
import { readRecord, seedOf } from "../records/record-files.ts";
import { ReplayReport } from "../replay-report.ts";

interface ReplayOptions extends Selection {
  readonly trace?: true;
}

const HELP = `
A record says all there is about a run and can be replayed for ever. A bare seed means the same run only
as long as the scenario generator does not change.

  same      the recorded property is broken again (exit status 1)
  fixed     nothing is broken any more (exit status 0)
  diverged  another property is broken, or two runs differ (exit status 2)
`;

export const createReplayCommand: CreateCommand = (finish) =>
  addSelection(
    new Command("replay")
      .description("Run a seed or a failure record again: same, fixed or diverged.")
      .argument("<what>", "a seed, a record.json, or a directory of records")
      .option("--trace", "print every event of the run"),
    "of a seed:",
  )
    .addHelpText("after", HELP)
    .action(async (what: string, options: ReplayOptions) => finish(await replay(what, options)));

async function replay(what: string, options: ReplayOptions): Promise<ExitStatus> {
  const report = new ReplayReport((text) => process.stdout.write(text));
  const found = fs.statSync(what, { throwIfNoEntry: false });
  if (found === undefined) {
    return replaySeed(seedOf(what), options, report);
  }
  if (isFixed(options)) {
    throw new UsageError(
      "--profile, --policy, --weather and --order are for seeds: a record says itself what it ran with.",
      "Leave them out, or give a seed.",
    );
  }
  if (!found.isDirectory()) {
    return replayFile(what, options.trace === true, report);
  }
  return replayDirectory(what, options.trace === true, report);
}

async function replaySeed(
  seed: number,
  options: ReplayOptions,
  report: ReplayReport,
): Promise<ExitStatus> {
  const runner = await ScenarioRunner.create();
  const scenario = scenarioOf(seed, options);
  const first = await runner.run(scenario, { keepTrace: options.trace === true });
  const second = await runner.run(scenario);
  return report.seed(scenario, first, second);
}

async function replayFile(file: string, trace: boolean, report: ReplayReport): Promise<ExitStatus> {
  const record = readRecord(file);
  return report.record(file, record, await replayOf(record, trace));
}

/** A replay that left the path is run once more: with its events, to say what it did there. */
async function replayOf(record: FailureRecord, trace: boolean): Promise<Replay> {
  const runner = await ScenarioRunner.create();
  const settings = replaySettings(record, await engineFor(record.mutant));
  const result = await runner.run(record.scenario, { ...settings, keepTrace: trace });
  const replay = compareReplay(record, result);
  if (replay.step === undefined || record.path === undefined || trace) {
    return replay;
  }
  const again = await runner.run(record.scenario, { ...settings, keepTrace: true });
  const { events = [] } = compareReplay(record, again);
  return { ...replay, events };
}

/** All of them, also after one that is not fixed or no record; the worst status counts. */
async function replayDirectory(
  directory: string,
  trace: boolean,
  report: ReplayReport,
): Promise<ExitStatus> {
  const names = fs
    .readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.name.endsWith(".json") && !entry.isDirectory())
    .map((entry) => entry.name);
  if (names.length === 0) {
    throw new UsageError(
      `There is no record in ${directory}.`,
      "Give a directory with .json files that seawall fuzz has written.",
    );
  }
  let worst: ExitStatus = EXIT.held;
  for (const name of names.toSorted()) {
    worst = Math.max(worst, await replayOneOf(path.join(directory, name), trace, report));
  }
  return worst;
}

async function replayOneOf(
  file: string,
  trace: boolean,
  report: ReplayReport,
): Promise<ExitStatus> {
  try {
    return await replayFile(file, trace, report);
  } catch (error) {
    if (error instanceof UsageError) {
      return report.unreadable(error.message);
    }
    throw error;
  }
}
