import os from "node:os";
import path from "node:path";
import process from "node:process";
import { Command, Option } from "commander";
import {
  REPORTER_NAMES,
  createProgress,
  type CampaignReport,
  type Progress,
} from "../../reports/index.ts";
import {
  demandedEntries,
  demandedProbes,
  LEDGER_NAMES,
  POLICY_NAMES,
  PROBE_NAMES,
  PROFILE_NAMES,
} from "../../sim/index.ts";
import { writeWhole } from "../campaign/atomic-file.ts";
import { Campaign } from "../campaign/campaign.ts";
import type { Selection } from "../campaign/cell.ts";
import { FailureFiles } from "../campaign/failure-files.ts";
import { Reporters } from "../campaign/reporters.ts";
import { cellOf } from "../campaign/seawall-simulation.ts";
import { shardRange, type SeedRange } from "../campaign/seed-range.ts";
import { WorkerPool } from "../campaign/worker-pool.ts";
import {
  parseCount,
  parseDuration,
  parseNamedOutputs,
  parseSeed,
  parseShard,
  parseWorkers,
  type NamedOutput,
  type Shard,
} from "../cli/arguments.ts";
import type { CreateCommand } from "../cli/command.ts";
import { EXIT, UsageError, type ExitStatus } from "../cli/exit-status.ts";
import { Interrupts } from "../cli/interrupts.ts";
import { addSelection, isFixed } from "../cli/selection-options.ts";
import { packageInfo } from "../cli/package-info.ts";
import { runSubjects } from "../subjects/run-subjects.ts";

interface FuzzOptions extends Selection {
  readonly subject?: readonly string[];
  readonly seeds?: number;
  readonly time?: number;
  readonly start: number;
  readonly workers: number;
  readonly shard?: Shard;
  readonly bail?: number;
  readonly reporter?: readonly NamedOutput[];
  readonly out: string;
}

/** How long a campaign runs when nobody says: long enough to mean something, short enough to wait for. */
const DEFAULT_TIME_MS = 60_000;
const PROGRESS_EVERY_MS = 250;
const REPORT_EVERY_MS = 2000;

export const createFuzzCommand: CreateCommand = (finish) =>
  addSelection(
    new Command("fuzz").description(
      "Run many seeds of the simulator on all cores and check every property.",
    ),
    "only",
  )
    .addOption(
      new Option(
        "--subject <name...>",
        "other storage engines instead: all, a name such as sqlite:wal-full, all of a kind such as sqlite, " +
          "or a file of your own that exports one",
      ).conflicts(["profile", "policy", "weather", "order", "shard", "bail", "reporter"]),
    )
    .option("--seeds <n>", "stop after this many seeds (all shards together)", parseCount)
    .option(
      "--time <duration>",
      "stop after this long, such as 60s or 5m (default: 60s)",
      parseDuration,
    )
    .option("--start <seed>", "the first seed", parseSeed, 1)
    .option("--workers <n>", "worker threads", parseWorkers, os.availableParallelism())
    .option("--shard <i/n>", "run the i-th of n disjoint parts, such as 2/8", parseShard)
    .option("--bail <n>", "stop once this many seeds broke a property", parseCount)
    .option(
      "--reporter <name[=file]>",
      `${REPORTER_NAMES.join(", ")}; repeatable (default: pretty)`,
      parseNamedOutputs(REPORTER_NAMES),
    )
    .option("--out <dir>", "where records and campaign.json go", path.join("reports", "out"))
    .action(async (options: FuzzOptions) =>
      finish(await (options.subject === undefined ? fuzz(options) : fuzzSubjects(options))),
    );

function fuzzSubjects(options: FuzzOptions): Promise<ExitStatus> {
  const { subject = [], seeds, start, workers, out } = options;
  return runSubjects({
    asked: subject,
    firstSeed: start,
    seeds,
    timeMs: timeLimit(options),
    workers,
    out,
  });
}

function timeLimit({ time, seeds }: FuzzOptions): number | undefined {
  return time ?? (seeds === undefined ? DEFAULT_TIME_MS : undefined);
}

async function fuzz(options: FuzzOptions): Promise<ExitStatus> {
  const { seeds, workers, bail, policy, profile, weather, order } = options;
  const timeMs = timeLimit(options);
  const range = rangeOf(options);
  const progress = createProgress({
    stream: process.stderr,
    seeds: seeds === undefined ? undefined : range.count,
    timeMs,
  });
  const reporters = new Reporters(outputsOf(options), (text) => {
    progress.clear();
    process.stdout.write(text);
  });
  const selection: Selection = { policy, profile, weather, order };
  // Where something is fixed, other things cannot happen: only whole campaigns are held to this.
  const isWhole = !isFixed(selection);
  const files = new FailureFiles(path.join(options.out, "failures"), selection);
  const campaign = new Campaign({
    range,
    shard: options.shard && `${options.shard.index}/${options.shard.of}`,
    timeMs,
    bail,
    workers,
    selection,
    cellNames: { policies: POLICY_NAMES, profiles: PROFILE_NAMES },
    cellOf: (seed) => cellOf(seed, selection),
    probeNames: PROBE_NAMES,
    demandedProbes: isWhole ? demandedProbes : () => [],
    ledgerNames: LEDGER_NAMES,
    demandedEntries: isWhole ? demandedEntries : () => [],
    engineVersion: packageInfo().version,
    runner: new WorkerPool({ workers, workerUrl: WORKER_URL }),
    keepFailure: (found) => files.keep(found),
    replayLine: (found) => files.replayLine(found),
    onFailure: (failure) => reporters.onFailure(failure),
    onUntrusted: (run) => reporters.onUntrusted(run),
  });
  const ended = await watch(campaign, progress, path.join(options.out, "campaign.json"));
  reporters.onEnd(ended.report);
  return ended.status ?? statusOf(ended.report);
}

function rangeOf({ start, seeds, shard }: FuzzOptions): SeedRange {
  const range = shardRange({ first: start, count: seeds ?? Infinity }, shard);
  if (range.count === 0 && shard !== undefined) {
    throw new UsageError(
      `There are no seeds left for shard ${shard.index}/${shard.of}.`,
      "Give at least as many --seeds as there are shards.",
    );
  }
  return range;
}

/** The screen is for people unless another reporter was given it. */
function outputsOf({ reporter = [] }: FuzzOptions): readonly NamedOutput[] {
  const screen = reporter.some((output) => output.file === undefined);
  return screen ? reporter : [{ name: "pretty" }, ...reporter];
}

/** The built file beside this one's: threads load JavaScript only. */
const WORKER_URL = new URL("../campaign/worker.js", import.meta.url);

interface Ended {
  readonly report: CampaignReport;
  /** Set when the campaign was interrupted. */
  readonly status: ExitStatus | undefined;
}

/**
 * Runs the campaign; keeps `reportFile` fresh, so that however this process ends the file says what was known
 * at most two seconds before.
 */
async function watch(campaign: Campaign, progress: Progress, reportFile: string): Promise<Ended> {
  const write = (report: CampaignReport): void => {
    writeWhole(reportFile, `${JSON.stringify(report, null, 2)}\n`);
  };
  write(campaign.report());
  let writtenMs = performance.now();
  const ticker = setInterval(() => {
    const report = campaign.report();
    progress.update(report);
    if (performance.now() - writtenMs >= REPORT_EVERY_MS) {
      write(report);
      writtenMs = performance.now();
    }
  }, PROGRESS_EVERY_MS);
  const interrupts = new Interrupts(() => void campaign.stop());
  try {
    const report = await campaign.run();
    write(report);
    return { report, status: interrupts.status };
  } finally {
    clearInterval(ticker);
    interrupts.close();
    progress.stop();
    await campaign.stop();
  }
}

function statusOf(report: CampaignReport): ExitStatus {
  return report.complete ? EXIT[report.verdict] : EXIT.untrusted;
}
