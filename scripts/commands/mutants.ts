import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { Command } from "commander";
import { writeWhole } from "../campaign/atomic-file.ts";
import { parseCount, parseDuration } from "../cli/arguments.ts";
import { screenHasColors } from "../cli/colors.ts";
import type { CreateCommand } from "../cli/command.ts";
import { EXIT, UsageError, type ExitStatus } from "../cli/exit-status.ts";
import { Interrupts } from "../cli/interrupts.ts";
import { packageInfo } from "../cli/package-info.ts";
import { findMutant, MUTANTS } from "../mutants/catalog.ts";
import { Hunt, verdictOf, type HuntPlan, type HuntResult } from "../mutants/hunt.ts";
import { replayKept } from "../mutants/kept-record.ts";
import type { Mutant } from "../mutants/mutant.ts";
import { isAsItShouldBe, mutantsReport, progressLine } from "../mutants/mutants-report.ts";
import { QUICK } from "../mutants/quick.ts";
import { ScenarioRunner } from "../scenario-runner.ts";

interface MutantsOptions {
  readonly quick?: true;
  readonly ranges: number;
  readonly seeds: number;
  readonly shrinkTime: number;
  readonly records: string;
  readonly keep?: true;
  readonly json?: string;
}

const HELP = `
A mutant is the engine with one planted bug. Each is run with seed after seed until a property breaks that
the engine itself keeps with that seed; then the failure is shrunk. "seeds" is the median over disjoint
ranges. Controls change nothing that is promised: they must break nothing.

--quick takes some of each kind that the first seeds catch. It replays the kept record of each, and searches
where there is none or where it no longer fails; nothing is shrunk. With names: these.

Exit status 1: a mutant escaped, or a control was called a bug.
`;

export const createMutantsCommand: CreateCommand = (finish) =>
  new Command("mutants")
    .description(
      "Plant bugs in the engine, one at a time: which property catches each, and how soon.",
    )
    .argument("[names...]", "only these")
    .option("--quick", "some that are caught soon, in a minute")
    .option("--ranges <n>", "disjoint ranges of seeds", parseCount, 5)
    .option("--seeds <n>", "seeds per range before a mutant counts as escaped", parseCount, 10_000)
    .option("--shrink-time <duration>", "shrink each at most this long", parseDuration, 10_000)
    .option("--records <dir>", "kept records", path.join("seeds", "mutants"))
    .option("--keep", "write the smallest record of each into that directory")
    .option("--json <file>", "write the results there as well")
    .addHelpText("after", HELP)
    .action(async (names: string[], options: MutantsOptions) =>
      finish(await mutants(names, options)),
    );

/** Enough for most, and seconds for one that escapes. */
const QUICK_SEEDS = 150;
const QUICK_CONTROL_SEEDS = 20;
const CONTROL_SEEDS = 1000;
/** Ranges begin this far apart. */
const RANGE_STEP = 1_000_000;

async function mutants(names: readonly string[], options: MutantsOptions): Promise<ExitStatus> {
  const chosen = choose(names, options);
  await refuseStale(chosen);
  const runner = await ScenarioRunner.create();
  const interrupts = new Interrupts(() => {});
  const goesOn = (): boolean => interrupts.status === undefined;
  const hunt = new Hunt(runner, planOf(options, goesOn));
  const results: HuntResult[] = [];
  try {
    for (const mutant of chosen) {
      if (goesOn()) {
        const result = await huntOne(hunt, runner, mutant, options);
        results.push(result);
        process.stderr.write(progressLine(result, results.length, chosen.length));
      }
    }
  } finally {
    interrupts.close();
  }
  process.stdout.write(mutantsReport(results, screenHasColors()));
  if (options.json !== undefined) {
    writeWhole(options.json, `${JSON.stringify(results.map(withoutText), null, 2)}\n`);
  }
  const good = results.every((result) => isAsItShouldBe(verdictOf(result)));
  return interrupts.status ?? (good ? EXIT.held : EXIT.broken);
}

function choose(
  names: readonly string[],
  { quick }: Pick<MutantsOptions, "quick">,
): readonly Mutant[] {
  const unknown = names.find((name) => findMutant(name) === undefined);
  if (unknown !== undefined) {
    throw new UsageError(
      `There is no mutant "${unknown}".`,
      `Give some of: ${MUTANTS.map(({ name }) => name).join(", ")}.`,
    );
  }
  if (names.length === 0 && quick !== true) {
    return MUTANTS;
  }
  const meant = names.length === 0 ? QUICK : names;
  return MUTANTS.filter(({ name }) => meant.includes(name));
}

/** Before the first hunt: all of them take most of an hour. */
async function refuseStale(chosen: readonly Mutant[]): Promise<void> {
  const { staleEdits } = await import("../mutants/load-mutant.ts");
  const problems = await staleEdits(chosen);
  if (problems.length > 0) {
    throw new UsageError(
      `The engine's source has moved under ${problems.join("; ")}.`,
      "Move the anchors in scripts/mutants/catalog.",
    );
  }
}

function planOf(options: MutantsOptions, goesOn: () => boolean): HuntPlan {
  const ranges = options.quick === true ? 1 : options.ranges;
  return {
    starts: Array.from({ length: ranges }, (_, range) => 1 + range * RANGE_STEP),
    seedsMax: options.quick === true ? Math.min(QUICK_SEEDS, options.seeds) : options.seeds,
    controlSeeds: options.quick === true ? QUICK_CONTROL_SEEDS : CONTROL_SEEDS,
    shrinkMs: options.quick === true ? 0 : options.shrinkTime,
    engineVersion: packageInfo().version,
    goesOn,
  };
}

async function huntOne(
  hunt: Hunt,
  runner: ScenarioRunner,
  mutant: Mutant,
  { quick, keep, records }: MutantsOptions,
): Promise<HuntResult> {
  const { loadMutant } = await import("../mutants/load-mutant.ts");
  const engine = await loadMutant(mutant);
  const file = path.join(records, `${mutant.name}.json`);
  if (quick === true && fs.existsSync(file)) {
    const kept = await replayKept(runner, mutant, engine, file);
    if (kept !== undefined) {
      return kept;
    }
  }
  const result = await hunt.run(mutant, engine);
  if (keep === true && result.smallest !== undefined) {
    writeWhole(file, result.smallest.text);
  }
  return result;
}

/** The record goes into a file of its own. */
function withoutText({ mutant, smallest, ...rest }: HuntResult): object {
  const { name, about, edits, expects } = mutant;
  const { text: _text, ...size } = smallest ?? { text: "" };
  return { name, about, file: edits[0]?.file, expects, smallest: size, ...rest };
}
