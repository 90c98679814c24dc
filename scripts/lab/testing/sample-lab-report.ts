import type { LabReport } from "../../../reports/lab/index.ts";
import { PRESETS } from "../../../sim/lab/index.ts";
import { applyBudget, parseBudget } from "../budget.ts";
import { Experimenter } from "../experimenter.ts";
import { type Candidate, LabCampaign } from "../lab-campaign.ts";
import { familyOf, tuningReport } from "../tuning.ts";
import { doubts, reportVerdict } from "../verdict.ts";
import { localRunner } from "./local-runner.ts";

export function candidatesNamed(...names: readonly string[]): Candidate[] {
  return PRESETS.filter(({ name }) => names.includes(name)).map((policy) => ({
    policy,
    reference: { name: policy.name },
  }));
}

/** A real report of a few policies, small enough for a test, with everything that a report may have. */
export async function sampleLabReport(workers = 2): Promise<LabReport> {
  const runner = localRunner(await Experimenter.create());
  const options = {
    runner,
    workers,
    crashes: 60,
    start: 1,
    profile: undefined,
    devices: ["nvme", "hdd"],
    keep: (found) => ({
      ...found,
      record: "x.json",
      replay: "npx seawall policies --replay x.json",
    }),
    onProgress: () => {},
  } satisfies ConstructorParameters<typeof LabCampaign>[0];
  const names = ["sync", "async", "postgres-on", "redis-always", "control-acks-before-fsync"];
  const outcomes = await new LabCampaign(options).run(candidatesNamed(...names));
  const policies = outcomes.flatMap((one) => (one.kind === "report" ? [one.report] : []));
  const [family] = candidatesNamed("kafka-flush-messages");
  const members = family === undefined ? [] : familyOf(family).slice(0, 3);
  const tuned = await new LabCampaign({ ...options, crashes: 40, kinds: ["power"] }).run(members);
  const untrusted = doubts(policies);
  return {
    schema: "seawall-policies",
    version: 1,
    engineVersion: "0.0.0",
    complete: true,
    settings: { crashes: 60, start: 1, device: "nvme", devices: ["nvme", "hdd"] },
    elapsedMs: 1000,
    workers: 1,
    policies,
    budget: applyBudget(parseBudget("lose at most 50 ms, p99 under 2 ms"), "nvme", policies),
    tuning: tuningReport(
      "kafka-flush-messages",
      "nvme",
      tuned.flatMap((one, index) => {
        const candidate = members[index];
        return one.kind === "report" && candidate !== undefined
          ? [{ report: one.report, candidate }]
          : [];
      }),
    ),
    untrusted,
    verdict: reportVerdict(policies, untrusted),
  };
}
