export type {
  CampaignCell,
  CampaignCounts,
  CampaignFailure,
  CampaignReport,
  CampaignSeeds,
  CampaignVerdict,
  LedgerCounts,
  UntrustedKind,
  UntrustedRun,
} from "./campaign-report.ts";
export type { CreateReporter, Reporter, ReporterOutput } from "./reporter.ts";
export { createProgress, type Progress, type ProgressOptions } from "./progress.ts";
export { REPORTER_NAMES, createReporter, type ReporterName } from "./registry.ts";
export { chanceInterval, excludedRate, excludedText } from "./failure-rate.ts";
export { grouped } from "./pretty-reporter.ts";
