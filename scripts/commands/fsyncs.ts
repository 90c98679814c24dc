import process from "node:process";
import { Command } from "commander";
import { writeWhole } from "../campaign/atomic-file.ts";
import { parseCount, parseDuration } from "../cli/arguments.ts";
import type { CreateCommand } from "../cli/command.ts";
import { EXIT, UsageError, type ExitStatus } from "../cli/exit-status.ts";
import { Interrupts } from "../cli/interrupts.ts";
import { packageInfo } from "../cli/package-info.ts";
import type { BarrierSite } from "../fsyncs/barrier-sites.ts";
import { huntSite, type SiteHuntPlan } from "../fsyncs/hunt-site.ts";
import { testOf } from "../fsyncs/tested-elsewhere.ts";
import { fsyncsReport, isNeeded, nameOf, type SiteResult } from "../fsyncs/fsyncs-report.ts";
import { ScenarioRunner } from "../scenario-runner.ts";

interface FsyncsOptions {
  readonly seeds: number;
  readonly start: number;
  readonly shrinkTime: number;
  readonly json?: string;
}

const HELP = `
The sites are found in the source: every call of sync, datasync and syncDirectory, which is left out, and
every rename and unlink between such calls, which changes places with them. Each is one run of the storm
over many seeds of all kinds and of some rare ones in turn. Where no property breaks soon and a test of the
suite is known to need the barrier, that test is run without it: it has to fail. Give parts of file names,
such as segment-pool, to look at those files only.

Exit status 1: a barrier is missed by no property and no test that is known of.
`;

export const createFsyncsCommand: CreateCommand = (finish) =>
  new Command("fsyncs")
    .description("Leave out each write barrier of the engine in turn: which property needs it.")
    .argument("[files...]", "only barriers in files with these words in their names")
    .option(
      "--seeds <n>",
      "seeds of each kind before a barrier counts as missed by nobody",
      parseCount,
      5000,
    )
    .option("--start <seed>", "the first seed", parseCount, 1)
    .option("--shrink-time <duration>", "shrink each at most this long", parseDuration, 10_000)
    .option("--json <file>", "write the results there as well")
    .addHelpText("after", HELP)
    .action(async (files: string[], options: FsyncsOptions) =>
      finish(await fsyncs(files, options)),
    );

async function fsyncs(files: readonly string[], options: FsyncsOptions): Promise<ExitStatus> {
  const sites = await sitesIn(files);
  const runner = await ScenarioRunner.create();
  const interrupts = new Interrupts(() => {});
  const goesOn = (): boolean => interrupts.status === undefined;
  const plan: SiteHuntPlan = {
    start: options.start,
    seedsMax: options.seeds,
    controlSeeds: 0,
    shrinkMs: options.shrinkTime,
    engineVersion: packageInfo().version,
    goesOn,
  };
  const results: SiteResult[] = [];
  try {
    for (const site of sites) {
      if (goesOn()) {
        const result = await look(runner, site, plan);
        results.push(result);
        process.stderr.write(progressLine(result, results.length, sites.length));
      }
    }
  } finally {
    interrupts.close();
  }
  process.stdout.write(fsyncsReport(results, options.seeds));
  if (options.json !== undefined) {
    writeWhole(options.json, `${JSON.stringify(results.map(plain), null, 2)}\n`);
  }
  return interrupts.status ?? (results.every(isNeeded) ? EXIT.held : EXIT.broken);
}

/** What breaks without the barrier: a property, or else the test that is known to need it. */
async function look(
  runner: ScenarioRunner,
  site: BarrierSite,
  plan: SiteHuntPlan,
): Promise<SiteResult> {
  const { loadMutant } = await import("../mutants/load-mutant.ts");
  const engine = await loadMutant(site.mutant);
  const test = testOf(site);
  // A test that fails is proof enough: only who has none is looked for to the end.
  const seedsMax = test === undefined ? plan.seedsMax : Math.min(plan.seedsMax, SEEDS_BESIDE_TEST);
  const hunt = await huntSite(runner, site.mutant, engine, { ...plan, seedsMax });
  if (hunt.properties.length > 0 || test === undefined || !plan.goesOn()) {
    return { site, hunt };
  }
  const { failsWithout } = await import("../fsyncs/fails-without.ts");
  return { site, hunt, test: { file: test, fails: await failsWithout(test, site.mutant) } };
}

/** Of each kind. */
const SEEDS_BESIDE_TEST = 100;

async function sitesIn(words: readonly string[]): Promise<readonly BarrierSite[]> {
  // Only here: the bundler need not be installed for anything else.
  const { engineSources } = await import("../fsyncs/engine-sources.ts");
  const { barrierSites } = await import("../fsyncs/barrier-sites.ts");
  const sources = await engineSources();
  const sites = sources
    .filter(({ file }) => words.length === 0 || words.some((word) => file.includes(word)))
    .flatMap((source) => barrierSites(source));
  if (sites.length === 0) {
    throw new UsageError(
      `There is no write barrier in files with ${words.join(", ")} in their names.`,
      `Give parts of: ${sources.map(({ file }) => file).join(", ")}.`,
    );
  }
  return sites;
}

function progressLine(result: SiteResult, done: number, of: number): string {
  const { site, hunt, test } = result;
  const [property] = hunt.properties;
  const [seeds] = hunt.seedsToCatch;
  const says =
    property === undefined
      ? `no property broke${saysOfTest(test)}`
      : `${property} broke after ${seeds} seeds`;
  const what = `${nameOf(site)} ${site.call} ${site.change}`;
  return `${done}/${of} ${what}: ${says}, ${hunt.seconds.toFixed(1)} s\n`;
}

function saysOfTest(test: SiteResult["test"]): string {
  return test === undefined ? "" : `, ${test.file} ${test.fails ? "fails" : "PASSES"}`;
}

function plain({ site, hunt, test }: SiteResult): object {
  const { file, line, within, call, change } = site;
  const { seedsToCatch, properties, smallest, seconds } = hunt;
  const { text: _text, ...size } = smallest ?? { text: "" };
  return {
    file,
    line,
    within,
    call,
    change,
    seeds: seedsToCatch[0],
    property: properties[0],
    smallest: size,
    test,
    seconds,
  };
}
