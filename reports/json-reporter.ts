import type { CreateReporter } from "./reporter.ts";

/** The whole report as one JSON document. */
export const createJsonReporter: CreateReporter = (output) => ({
  onEnd: (report) => output.write(`${JSON.stringify(report, null, 2)}\n`),
});
