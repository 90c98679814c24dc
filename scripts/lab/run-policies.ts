import process from "node:process";
import type { LabReport, PolicyReport, TuningReport } from "../../reports/lab/index.ts";
import type { ProfileName } from "../../sim/index.ts";
import { DEVICE_NAMES, type DeviceName, type LabCrashKind } from "../../sim/lab/index.ts";
import { shardRange } from "../campaign/seed-range.ts";
import type { Shard } from "../cli/arguments.ts";
import { type ExitStatus, UsageError } from "../cli/exit-status.ts";
import { Interrupts } from "../cli/interrupts.ts";
import { packageInfo } from "../cli/package-info.ts";
import { applyBudget, type Budget } from "./budget.ts";
import { chooseCandidates } from "./choose-candidates.ts";
import { CounterexampleFiles } from "./counterexample-files.ts";
import { type Candidate, LabCampaign, type LabCampaignOptions } from "./lab-campaign.ts";
import { LabPool } from "./lab-pool.ts";
import { createLabProgress } from "./lab-progress.ts";
import { measureReal } from "./real-price.ts";
import { familyOf, tuningReport } from "./tuning.ts";
import { doubts, reportVerdict } from "./verdict.ts";

export interface RunPoliciesOptions {
  readonly files: readonly string[];
  readonly only?: readonly string[];
  readonly compare?: readonly string[];
  readonly crashes: number;
  readonly start: number;
  readonly profile?: ProfileName;
  readonly shard?: Shard;
  readonly device: DeviceName;
  readonly workers: number;
  readonly budget: Budget | undefined;
  readonly tune?: string;
  readonly real?: true;
  readonly out: string;
}

export interface Ended {
  readonly report: LabReport;
  /** Set when the run was interrupted. */
  readonly status: ExitStatus | undefined;
}

/** Tuning verifies members where a policy loses most. */
const TUNING_KINDS: readonly LabCrashKind[] = ["power"];

/** Everything that was asked for, as one report. @throws PolicyError, UsageError */
export async function runPolicies(options: RunPoliciesOptions): Promise<Ended> {
  const beganMs = performance.now();
  const candidates = await candidatesOf(options);
  const family = options.tune === undefined ? [] : familyOf(await tuned(options, options.tune));
  const runner = new LabPool(options.workers);
  const progress = createLabProgress(process.stderr);
  const common = campaignOptions(options, runner, (share) => progress.update(share));
  const campaign = new LabCampaign(common);
  const tuning = new LabCampaign({ ...common, devices: [options.device], kinds: TUNING_KINDS });
  const interrupts = new Interrupts(() => {
    campaign.stop();
    tuning.stop();
  });
  try {
    const found = await collect(campaign, candidates);
    const members = await collect(tuning, family);
    const policies = await withRealPrices(options, candidates, found.reports, campaign);
    const untrusted = [...found.faults, ...members.faults, ...doubts(policies)];
    const tuningPart = tuningOf(options, family, members.reports);
    const report: LabReport = {
      schema: "seawall-policies",
      version: 1,
      engineVersion: packageInfo().version,
      complete: interrupts.status === undefined,
      settings: settingsOf(options),
      elapsedMs: performance.now() - beganMs,
      workers: options.workers,
      policies,
      ...(options.compare === undefined ? {} : { compared: true as const }),
      ...(options.budget === undefined
        ? {}
        : { budget: applyBudget(options.budget, options.device, policies) }),
      ...(tuningPart === undefined ? {} : { tuning: tuningPart }),
      untrusted,
      verdict: reportVerdict(policies, untrusted),
    };
    return { report, status: interrupts.status };
  } finally {
    progress.stop();
    interrupts.close();
    await runner.close();
  }
}

async function candidatesOf(options: RunPoliciesOptions): Promise<Candidate[]> {
  const { files, only, compare, tune } = options;
  if (compare !== undefined && compare.length < 2) {
    throw new UsageError("One policy is nothing to compare.", "Give two names, or more.");
  }
  const names = compare ?? only ?? (tune === undefined || files.length > 0 ? undefined : [tune]);
  return chooseCandidates({ files, names });
}

async function tuned(options: RunPoliciesOptions, name: string): Promise<Candidate> {
  const [found] = await chooseCandidates({ files: options.files, names: [name] });
  if (found === undefined) {
    throw new RangeError(`no candidate for ${name}`);
  }
  return found;
}

function campaignOptions(
  options: RunPoliciesOptions,
  runner: LabPool,
  onProgress: (share: number) => void,
): LabCampaignOptions {
  const { workers, profile, shard, out } = options;
  const files = new CounterexampleFiles(out, packageInfo().version);
  // A shard has seeds of its own and does its share of the crashes.
  const range = shardRange({ first: options.start, count: Number.POSITIVE_INFINITY }, shard);
  return {
    runner,
    workers,
    crashes: Math.ceil(options.crashes / (shard?.of ?? 1)),
    start: range.first,
    profile,
    devices: DEVICE_NAMES,
    keep: (found, { policy, reference }) => files.keep(found, policy, reference),
    onProgress,
  };
}

function settingsOf(options: RunPoliciesOptions): LabReport["settings"] {
  const { crashes, start, profile, shard, device } = options;
  return {
    crashes,
    start,
    ...(profile === undefined ? {} : { profile }),
    ...(shard === undefined ? {} : { shard: `${shard.index}/${shard.of}` }),
    device,
    devices: DEVICE_NAMES,
  };
}

async function collect(
  campaign: LabCampaign,
  candidates: readonly Candidate[],
): Promise<{ readonly reports: readonly PolicyReport[]; readonly faults: readonly string[] }> {
  const outcomes = await campaign.run(candidates);
  return {
    reports: outcomes.flatMap((outcome) => (outcome.kind === "report" ? [outcome.report] : [])),
    faults: outcomes.flatMap((outcome) => (outcome.kind === "fault" ? [outcome.message] : [])),
  };
}

function tuningOf(
  { tune, device }: RunPoliciesOptions,
  family: readonly Candidate[],
  reports: readonly PolicyReport[],
): TuningReport | undefined {
  if (tune === undefined) {
    return undefined;
  }
  const members = family.flatMap((candidate) => {
    const report = reports.find(({ name }) => name === candidate.policy.name);
    return report === undefined ? [] : [{ candidate, report }];
  });
  return tuningReport(tune, device, members);
}

/** One after the other: they share the disk. */
async function withRealPrices(
  { real }: RunPoliciesOptions,
  candidates: readonly Candidate[],
  reports: readonly PolicyReport[],
  campaign: LabCampaign,
): Promise<PolicyReport[]> {
  const measured: PolicyReport[] = [];
  for (const report of reports) {
    const candidate = candidates.find(({ policy }) => policy.name === report.name);
    const isWanted = real === true && !campaign.isStopped && candidate !== undefined;
    measured.push(isWanted ? { ...report, real: await measureReal(candidate.policy) } : report);
  }
  return measured;
}
