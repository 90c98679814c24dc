import path from "node:path";
import process from "node:process";
import { Command } from "commander";
import {
  countOperations,
  formatRecord,
  makeRecord,
  SHRINK_RUNS_MAX,
  sizeText,
  tellStory,
} from "../../sim/index.ts";
import { writeWhole } from "../campaign/atomic-file.ts";
import { parseCount, parseDuration } from "../cli/arguments.ts";
import type { CreateCommand } from "../cli/command.ts";
import { EXIT, type ExitStatus } from "../cli/exit-status.ts";
import { packageInfo } from "../cli/package-info.ts";
import { addSelection } from "../cli/selection-options.ts";
import { runNamed, type NamedRun, type RunChoice } from "../records/failing-run.ts";
import { ScenarioRunner } from "../scenario-runner.ts";
import { shrinkCase, type ShrunkCase } from "../shrink/shrink-case.ts";

interface ShrinkCommandOptions extends RunChoice {
  readonly runs: number;
  readonly time: number;
  readonly out: string;
}

const HELP = `
Every axis of a run is shrunk: clients, transactions, operations, keys, values, options, faults, crashes,
which pieces survive a crash, and the schedule; as long as the same property breaks. The result is told
as a story and kept as a record that stands alone.

Exit status 1: the smallest run breaks the property. 0: nothing is broken, there is nothing to shrink.
`;

export const createShrinkCommand: CreateCommand = (finish) =>
  addSelection(
    new Command("shrink")
      .description(
        "Make a failing seed or record as small as it can be, and tell what happens in it.",
      )
      .argument("<what>", "a seed, or a record.json")
      .option("--runs <n>", "spend at most this many runs", parseCount, SHRINK_RUNS_MAX)
      .option("--time <duration>", "and at most this long", parseDuration, 30_000)
      .option("--out <dir>", "where the smaller record goes", path.join("reports", "out", "shrunk"))
      .option("--mutant <name>", "of a seed: with this planted bug"),
    "of a seed:",
  )
    .addHelpText("after", HELP)
    .action(async (what: string, options: ShrinkCommandOptions) =>
      finish(await shrinkNamed(what, options)),
    );

async function shrinkNamed(what: string, options: ShrinkCommandOptions): Promise<ExitStatus> {
  const runner = await ScenarioRunner.create();
  const named = await runNamed(what, options, runner);
  const { violation } = named.result;
  if (violation === undefined) {
    process.stdout.write(`${what}: nothing is broken, there is nothing to shrink\n`);
    return EXIT.held;
  }
  const failing = { first: named.first, broken: violation };
  const shrunk = await shrinkCase(runner, failing, named.settings, {
    runsMax: options.runs,
    timeMs: options.time,
    onProgress: (runs, best) => {
      process.stderr.write(`run ${runs}: ${countOperations(best.scenario)} operations\n`);
    },
  });
  const file = path.join(options.out, `${named.name}.json`);
  writeWhole(file, recordText(named, shrunk));
  process.stdout.write(report(named, shrunk, file));
  return violation.property === "harness" ? EXIT.untrusted : EXIT.broken;
}

function recordText({ first, result, mutant }: NamedRun, shrunk: ShrunkCase): string {
  const record = makeRecord(shrunk.smallest.scenario, shrunk.result, {
    engineVersion: packageInfo().version,
    offTape: shrunk.smallest.offTape,
    ...(mutant === undefined ? {} : { mutant }),
    shrunkFrom: {
      operations: countOperations(first.scenario),
      crashes: result.crashes,
      runs: shrunk.runs,
    },
  });
  return formatRecord(record);
}

function report({ first, result }: NamedRun, shrunk: ShrunkCase, file: string): string {
  const { smallest, runs, seconds, complete } = shrunk;
  const from = sizeText(countOperations(first.scenario), result.crashes);
  const to = sizeText(countOperations(smallest.scenario), shrunk.result.crashes);
  const why = complete
    ? ""
    : "; stopped by its limits, more --runs or --time may find a smaller one";
  return [
    ...tellStory(smallest.scenario, shrunk.result),
    "",
    `shrunk from ${from} to ${to}; ${runs} runs, ${seconds.toFixed(1)} s${why}`,
    `  replay: npx seawall replay ${file}`,
    `  export: npx seawall export ${file}`,
    "",
  ].join("\n");
}
