import type { CampaignFailure, CampaignReport, UntrustedRun } from "./campaign-report.ts";

/** Shows a campaign somewhere. A reporter decides nothing: exit statuses come from the report. */
export interface Reporter {
  /** A seed broke a property; called once per seed, in the order they are found. */
  onFailure?(failure: CampaignFailure): void;

  /** A run could not be trusted; called once per seed. */
  onUntrusted?(run: UntrustedRun): void;

  /** The campaign ended, or was interrupted: then `report.complete` is false. */
  onEnd(report: CampaignReport): void;
}

/** Where a reporter writes: a terminal, a pipe or a file. */
export interface ReporterOutput {
  readonly colors: boolean;
  write(text: string): void;
}

export type CreateReporter = (output: ReporterOutput) => Reporter;
