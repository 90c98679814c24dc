import os from "node:os";
import path from "node:path";
import process from "node:process";
import { Command, Option } from "commander";
import {
  LAB_REPORTER_NAMES,
  type LabReport,
  type LabReporterName,
  renderLab,
} from "../../reports/lab/index.ts";
import { PROFILE_NAMES, type ProfileName } from "../../sim/index.ts";
import { DEVICE_NAMES, type DeviceName, PolicyError } from "../../sim/lab/index.ts";
import { clearWay, writeWhole } from "../campaign/atomic-file.ts";
import {
  type NamedOutput,
  parseCount,
  parseNamedOutputs,
  parseSeed,
  parseShard,
  parseWorkers,
  type Shard,
} from "../cli/arguments.ts";
import { screenHasColors } from "../cli/colors.ts";
import type { CreateCommand } from "../cli/command.ts";
import { EXIT, type ExitStatus } from "../cli/exit-status.ts";
import { parseBudget } from "../lab/budget.ts";
import { replayCounterexample } from "../lab/replay-counterexample.ts";
import { runPolicies } from "../lab/run-policies.ts";

interface PoliciesOptions {
  readonly crashes: number;
  readonly start: number;
  readonly only?: readonly string[];
  readonly compare?: readonly string[];
  readonly budget?: string;
  readonly tune?: string;
  readonly real?: true;
  readonly profile?: ProfileName;
  readonly device: DeviceName;
  readonly workers: number;
  readonly shard?: Shard;
  readonly replay?: string;
  readonly reporter?: readonly NamedOutput[];
  readonly out: string;
}

const HELP = `
Without a file, every policy that ships with Seawall is put to the test: its own four, settings that other
systems have, and negative controls, which claim what they do not keep and have to be broken.

A policy of your own is a TypeScript file that exports it:

  import { definePolicy, flush, forTheSystem } from "seawall/lab";

  export default definePolicy({
    name: "every-100-ms",
    acknowledgeAt: "written",
    promise: forTheSystem({ kind: "suffix", milliseconds: 100 }),
    decide: flush({ intervalMs: 100, holdMs: 100 }),
  });

Exit status: 0 every promise held, 1 one was broken, 2 one was never put to the test or a policy is wrong.
`;

export const createPoliciesCommand: CreateCommand = (finish) =>
  new Command("policies")
    .description(
      "Put sync policies to the test: what they promise, what they lose, what they cost.",
    )
    .argument("[file.ts...]", "files that export policies of your own")
    .option("--crashes <n>", "crashes of each kind for each policy", parseCount, 2000)
    .option("--only <name...>", "only these policies")
    .option("--compare <name...>", "only these policies, side by side")
    .option("--budget <text>", 'which policies fit, such as "lose at most 50 ms, p99 under 2 ms"')
    .option("--tune <name>", "try the parameters of one policy, and show the best trades")
    .addOption(
      new Option("--device <name>", "the simulated device of tables and plots")
        .choices(DEVICE_NAMES)
        .default("nvme"),
    )
    .option("--real", "measure the price on this machine's disk too")
    .addOption(new Option("--profile <name>", "only this disk profile").choices(PROFILE_NAMES))
    .option("--start <seed>", "the first seed", parseSeed, 1)
    .option("--shard <i/n>", "run the i-th of n disjoint parts, such as 2/8", parseShard)
    .option("--workers <n>", "worker threads", parseWorkers, os.availableParallelism())
    .option(
      "--reporter <name[=file]>",
      `${LAB_REPORTER_NAMES.join(", ")}; repeatable (default: pretty, and html to a file)`,
      parseNamedOutputs(LAB_REPORTER_NAMES),
    )
    .option("--out <dir>", "where counterexamples go", path.join("reports", "out", "policies"))
    .option("--replay <record.json>", "run a counterexample again: same or fixed")
    .addHelpText("after", HELP)
    .action(async (files: string[], options: PoliciesOptions) =>
      finish(await policies(files, options)),
    );

async function policies(files: readonly string[], options: PoliciesOptions): Promise<ExitStatus> {
  try {
    if (options.replay !== undefined) {
      return await replayCounterexample(options.replay, (text) => process.stdout.write(text));
    }
    const budget = options.budget === undefined ? undefined : parseBudget(options.budget);
    const outputs = outputsOf(options);
    outputs.forEach(({ file }) => {
      if (file !== undefined) {
        clearWay(file);
      }
    });
    const ended = await runPolicies({ ...options, files, budget });
    await show(ended.report, outputs);
    return ended.status ?? EXIT[ended.report.verdict];
  } catch (error) {
    if (error instanceof PolicyError) {
      process.stderr.write(`error: ${error.message}\nThis says nothing about what it promises.\n`);
      return EXIT.untrusted;
    }
    throw error;
  }
}

function outputsOf({ reporter, out }: PoliciesOptions): readonly NamedOutput[] {
  return reporter ?? [{ name: "pretty" }, { name: "html", file: path.join(out, "policies.html") }];
}

async function show(report: LabReport, outputs: readonly NamedOutput[]): Promise<void> {
  for (const { name, file } of outputs) {
    const text = await renderLab(
      reporterNamed(name),
      report,
      file === undefined && screenHasColors(),
    );
    if (file === undefined) {
      process.stdout.write(text);
    } else {
      writeWhole(file, text);
      process.stderr.write(`${name} report: ${file}\n`);
    }
  }
}

function reporterNamed(name: string): LabReporterName {
  const found = LAB_REPORTER_NAMES.find((known) => known === name);
  if (found === undefined) {
    throw new RangeError(`there is no reporter ${name}`);
  }
  return found;
}
