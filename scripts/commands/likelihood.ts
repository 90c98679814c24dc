import process from "node:process";
import { Command } from "commander";
import { writeWhole } from "../campaign/atomic-file.ts";
import { parseCount } from "../cli/arguments.ts";
import type { CreateCommand } from "../cli/command.ts";
import { EXIT, type ExitStatus } from "../cli/exit-status.ts";
import { Interrupts } from "../cli/interrupts.ts";
import { addSelection } from "../cli/selection-options.ts";
import { likelihood, type LikelihoodPoint } from "../likelihood/likelihood.ts";
import { likelihoodPlot, likelihoodSummary } from "../likelihood/likelihood-plot.ts";
import { runNamed, type NamedRun, type RunChoice } from "../records/failing-run.ts";
import { ScenarioRunner } from "../scenario-runner.ts";

interface LikelihoodOptions extends RunChoice {
  readonly points: number;
  readonly runs: number;
  readonly json?: string;
}

const HELP = `
The run is repeated up to a step, and from there on everything that chance decides is decided anew: delays,
faults, what survives a crash. Where the chance of the failure jumps, something happened that it needs.

Exit status 1: some future broke a property. 0: none did.
`;

export const createLikelihoodCommand: CreateCommand = (finish) =>
  addSelection(
    new Command("likelihood")
      .description("How likely a failure still was at each step of its run.")
      .argument("<what>", "a seed, or a record.json")
      .option("--points <n>", "look at so many steps", parseCount, 16)
      .option("--runs <n>", "runs per step", parseCount, 40)
      .option("--json <file>", "write the numbers there as well")
      .option("--mutant <name>", "of a seed: with this planted bug"),
    "of a seed:",
  )
    .addHelpText("after", HELP)
    .action(async (what: string, options: LikelihoodOptions) =>
      finish(await likelihoodOf(what, options)),
    );

async function likelihoodOf(what: string, options: LikelihoodOptions): Promise<ExitStatus> {
  const runner = await ScenarioRunner.create();
  const named = await runNamed(what, options, runner);
  const interrupts = new Interrupts(() => {});
  let done = 0;
  let points: readonly LikelihoodPoint[];
  try {
    points = await likelihood(runner, named, {
      points: options.points,
      runsPerPoint: options.runs,
      settings: named.settings,
      goesOn: () => interrupts.status === undefined,
      onPoint: ({ step, failed, runs }) => {
        done += 1;
        process.stderr.write(`${done}/${options.points} step ${step}: ${failed} of ${runs}\n`);
      },
    });
  } finally {
    interrupts.close();
  }
  process.stdout.write(
    `${heading(what, named)}\n\n${likelihoodPlot(points)}\n\n${likelihoodSummary(points)}\n`,
  );
  if (options.json !== undefined) {
    writeWhole(options.json, `${jsonOf(named, points)}\n`);
  }
  const failed = points.some((point) => point.failed > 0);
  return interrupts.status ?? (failed ? EXIT.broken : EXIT.held);
}

function heading(what: string, { result, mutant }: NamedRun): string {
  const { violation, steps } = result;
  const bug = mutant === undefined ? "" : ` with ${mutant}`;
  return violation === undefined
    ? `${what}${bug}: held, in ${steps} steps`
    : `${what}${bug}: broken ${violation.property} in step ${steps}: ${violation.message}`;
}

function jsonOf({ result, first }: NamedRun, points: readonly LikelihoodPoint[]): string {
  const { violation, steps } = result;
  return JSON.stringify(
    { seed: first.scenario.seed, property: violation?.property, steps, points },
    null,
    2,
  );
}
