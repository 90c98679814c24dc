import path from "node:path";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { Command, InvalidArgumentError, Option } from "commander";
import {
  formatRecord,
  POLICY_NAMES,
  PROFILE_NAMES,
  shortScenario,
  type Bound,
  type Exploration,
  type PolicyName,
  type ProfileName,
  type Tier,
} from "../../sim/index.ts";
import { writeWhole } from "../campaign/atomic-file.ts";
import { parseCount, parseDuration, parseSeed } from "../cli/arguments.ts";
import type { CreateCommand } from "../cli/command.ts";
import { EXIT, type ExitStatus } from "../cli/exit-status.ts";
import { packageInfo } from "../cli/package-info.ts";
import { ExplorationProgress } from "../exploration-progress.ts";
import { ExplorationReport, type ReportedViolation } from "../exploration-report.ts";
import { ExplorationRunner } from "../exploration-runner.ts";

interface ExploreOptions {
  readonly ops: number;
  readonly depth: number;
  readonly tier: Tier;
  readonly nestedTier: Tier;
  readonly seed: number;
  readonly profile: ProfileName;
  readonly policy: PolicyName;
  readonly budget?: number;
  readonly time?: number;
  readonly complete?: true;
  readonly out: string;
}

const HELP = `
Tiers, each with those before it:
  0  everything, nothing, or a prefix of what was not synced survives
  1  all but one, or only one: sector, operation, file; one block nobody wrote, one damaged sector
  2  all but two, or only two; two of the above together
  3  every combination that recovery can tell apart

Exit status: 0 all that was tried held, 1 a property was broken, 2 nothing was tried, or --complete and the
bound was not reached, or a property broke and no run of the same path breaks it.
`;

export const createExploreCommand: CreateCommand = (finish) =>
  new Command("explore")
    .description(
      "Try every crash of a short workload, and every crash in its recovery, in a bound.",
    )
    .option("--ops <n>", "operations of the workload", parseCount, 3)
    .option("--depth <n>", "crashes in a row: 2 strikes recoveries too", parseCount, 2)
    .option("--tier <t>", "how much may survive each crash", parseTier, 1)
    .option("--nested-tier <t>", "the same of crashes in recovery", parseTier, 0)
    .option("--seed <n>", "which workload", parseSeed, 1)
    .addOption(
      new Option("--profile <name>", "disk profile").choices(PROFILE_NAMES).default("paranoid"),
    )
    .addOption(new Option("--policy <name>", "sync policy").choices(POLICY_NAMES).default("sync"))
    .option("--budget <states>", "stop after so many states", parseCount)
    .option("--time <duration>", "stop after this long, such as 60s or 5m", parseDuration)
    .option("--complete", "not reaching the bound is a failure (exit status 2)")
    .option("--out <dir>", "where records go", path.join("reports", "out", "explore"))
    .addHelpText("after", HELP)
    .action(async (options: ExploreOptions) => finish(await explore(options)));

function parseTier(text: string): Tier {
  switch (text) {
    case "0":
    case "1":
    case "2":
    case "3":
      return TIER_OF[text];
    default:
      throw new InvalidArgumentError("Give a tier from 0 to 3.");
  }
}

const TIER_OF = { "0": 0, "1": 1, "2": 2, "3": 3 } as const;

async function explore(options: ExploreOptions): Promise<ExitStatus> {
  const { ops, seed, profile, policy, budget, time } = options;
  const scenario = shortScenario({ seed: String(seed), operations: ops, profile, policy });
  const { depth, tier, nestedTier } = options;
  const bound: Bound = { depth, tier, nestedTier };
  const runner = await ExplorationRunner.create();
  const progress = new ExplorationProgress(nowMs());
  const endMs = nowMs() + (time ?? Infinity);
  const exploration = await runner.explore(scenario, {
    bound,
    ...(budget === undefined ? {} : { statesMax: budget }),
    isSpent: (counts) => {
      const now = nowMs();
      progress.update(counts, now);
      return now >= endMs;
    },
  });
  progress.end();
  const report = new ExplorationReport((text) => process.stdout.write(text));
  report.covered(scenario, exploration);
  const reported: ReportedViolation[] = [];
  for (const found of exploration.broken) {
    const record = await runner.recordOf(found, {}, packageInfo().version);
    const name = `${found.violation.property}-${profile}-${policy}-${seed}.json`;
    const recordFile = record === undefined ? undefined : path.join(options.out, name);
    if (record !== undefined && recordFile !== undefined) {
      writeWhole(recordFile, formatRecord(record));
    }
    reported.push({ found, recordFile });
    report.broken({ found, recordFile });
  }
  return statusOf(exploration, reported, options.complete === true) ?? say(report, exploration);
}

function say(report: ExplorationReport, exploration: Exploration): ExitStatus {
  if (exploration.counts.judged === 0) {
    report.vacuous();
    return EXIT.untrusted;
  }
  report.held(exploration);
  return EXIT.held;
}

/** Undefined when nothing broke, and nothing is missing that was asked for. */
function statusOf(
  { complete }: Exploration,
  reported: readonly ReportedViolation[],
  wantsAll: boolean,
): ExitStatus | undefined {
  if (reported.some(({ recordFile }) => recordFile === undefined)) {
    return EXIT.untrusted;
  }
  if (reported.length > 0) {
    return EXIT.broken;
  }
  return wantsAll && !complete ? EXIT.untrusted : undefined;
}

/** Taken before a simulation forbids asking for the time: only whoever watches it may. */
const nowMs = performance.now.bind(performance);
