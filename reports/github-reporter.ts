import type { CampaignFailure, UntrustedRun } from "./campaign-report.ts";
import { githubAnnotation } from "./github-annotation.ts";
import { plainVerdict } from "./pretty-reporter.ts";
import type { CreateReporter } from "./reporter.ts";

/** GitHub shows ten errors of a step, and no more. */
const ERRORS_MAX = 9;

/** Annotations for a log of GitHub Actions: an error for each broken seed, and a last line for the campaign. */
export const createGithubReporter: CreateReporter = (output) => {
  let errors = 0;
  const say = (line: string): void => {
    output.write(`${line}\n`);
  };
  const sayError = (line: string): void => {
    errors += 1;
    if (errors <= ERRORS_MAX) {
      say(line);
    }
  };
  return {
    onFailure: (failure) => sayError(broken(failure)),
    onUntrusted: (run) => sayError(untrusted(run)),
    onEnd: (report) => {
      const more = errors > ERRORS_MAX ? [`${errors - ERRORS_MAX} more are in campaign.json`] : [];
      const level = report.verdict === "held" && report.complete ? "notice" : "error";
      say(githubAnnotation(level, "seawall fuzz", [plainVerdict(report), ...more]));
    },
  };
};

function broken({ seed, policy, profile, property, message, replay }: CampaignFailure): string {
  return githubAnnotation("error", `${property} broken by seed ${seed} (${policy} on ${profile})`, [
    message,
    `replay: ${replay}`,
  ]);
}

function untrusted({ seed, policy, profile, kind, message, replay }: UntrustedRun): string {
  return githubAnnotation("error", `seed ${seed} says nothing: ${kind} (${policy} on ${profile})`, [
    message,
    `replay: ${replay}`,
  ]);
}
