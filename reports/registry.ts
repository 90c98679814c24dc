import { createGithubReporter } from "./github-reporter.ts";
import { createJsonReporter } from "./json-reporter.ts";
import { createJunitReporter } from "./junit-reporter.ts";
import { createPrettyReporter } from "./pretty-reporter.ts";
import type { CreateReporter, Reporter, ReporterOutput } from "./reporter.ts";

export type ReporterName = "pretty" | "json" | "junit" | "github";

const REPORTERS: Readonly<Record<ReporterName, CreateReporter>> = {
  pretty: createPrettyReporter,
  json: createJsonReporter,
  junit: createJunitReporter,
  github: createGithubReporter,
};

export const REPORTER_NAMES: readonly ReporterName[] = ["pretty", "json", "junit", "github"];

export function createReporter(name: ReporterName, output: ReporterOutput): Reporter {
  return REPORTERS[name](output);
}
