import process from "node:process";
import { Command } from "commander";
import type { EnginePort, GenerateOptions } from "../../sim/index.ts";
import { writeWhole } from "../campaign/atomic-file.ts";
import { parseCount, parseDuration } from "../cli/arguments.ts";
import type { CreateCommand } from "../cli/command.ts";
import { EXIT, UsageError, type ExitStatus } from "../cli/exit-status.ts";
import { Interrupts } from "../cli/interrupts.ts";
import { packageInfo } from "../cli/package-info.ts";
import type { BarrierSite } from "../fsyncs/barrier-sites.ts";
import { fsyncsReport, isNeeded, nameOf, type SiteResult } from "../fsyncs/fsyncs-report.ts";
import { Hunt, type HuntResult } from "../mutants/hunt.ts";
import type { Mutant } from "../mutants/mutant.ts";
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
over many seeds, and where none breaks anything, over as many of each of some rare kinds. Give parts of file
names, such as segment-pool, to look at those files only.

Exit status 1: a barrier is missed by no property and no test that is known of.
`;

export const createFsyncsCommand: CreateCommand = (finish) =>
  new Command("fsyncs")
    .description("Leave out each write barrier of the engine in turn: which property needs it.")
    .argument("[files...]", "only barriers in files with these words in their names")
    .option(
      "--seeds <n>",
      "seeds per barrier before it counts as missed by nobody",
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
  const hunt = new Hunt(runner, {
    starts: [options.start],
    seedsMax: options.seeds,
    controlSeeds: 0,
    shrinkMs: options.shrinkTime,
    engineVersion: packageInfo().version,
    goesOn,
  });
  const { loadMutant } = await import("../mutants/load-mutant.ts");
  const results: SiteResult[] = [];
  try {
    for (const site of sites) {
      if (goesOn()) {
        const engine = await loadMutant(site.mutant);
        const found = await huntEverywhere(hunt, site.mutant, engine);
        results.push({ site, hunt: found });
        process.stderr.write(progressLine({ site, hunt: found }, results.length, sites.length));
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

/**
 * What most seeds never come by: crashes at certain calls; a restart after a sync that failed; a store that is
 * made where another was removed; an orderly close of a store that has something to sync and has failed;
 * devices that lose what they say they stored.
 */
const RARE: readonly GenerateOptions[] = [
  { weather: "crashes", profile: "paranoid", aims: true },
  { weather: "errors", profile: "paranoid", aims: true },
  { weather: "crashes", profile: "paranoid", short: true, afterAnother: true },
  { weather: "errors", policy: "os" },
  { weather: "errors", policy: "async" },
  { weather: "firmware", profile: "paranoid" },
];

/** Any seeds first; when nothing breaks, seeds of rare kinds. */
async function huntEverywhere(hunt: Hunt, mutant: Mutant, engine: EnginePort): Promise<HuntResult> {
  let found = await hunt.run(mutant, engine);
  let { seconds } = found;
  for (const where of RARE) {
    if (found.properties.length === 0) {
      found = await hunt.run({ ...mutant, where }, engine);
      seconds += found.seconds;
    }
  }
  return { ...found, seconds };
}

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

function progressLine({ site, hunt }: SiteResult, done: number, of: number): string {
  const [property] = hunt.properties;
  const [seeds] = hunt.seedsToCatch;
  const says = property === undefined ? "nothing broke" : `${property} broke after ${seeds} seeds`;
  const what = `${nameOf(site)} ${site.call} ${site.change}`;
  return `${done}/${of} ${what}: ${says}, ${hunt.seconds.toFixed(1)} s\n`;
}

function plain({ site, hunt }: SiteResult): object {
  const { file, line, within, call, change } = site;
  const { seedsToCatch, properties, seconds } = hunt;
  return {
    file,
    line,
    within,
    call,
    change,
    seeds: seedsToCatch[0],
    property: properties[0],
    seconds,
  };
}
