import { createRequire } from "node:module";
import type { Builder, TestSuite } from "junit-report-builder";
import type { CampaignFailure, CampaignReport, UntrustedRun } from "./campaign-report.ts";
import type { CreateReporter } from "./reporter.ts";

// The package's types describe an ES module, but Node.js gets CommonJS whose whole export is the builder.
const builder: Builder = createRequire(import.meta.url)("junit-report-builder");

/**
 * JUnit XML as CI systems read it: one suite per policy; in it a passing case for each profile that held
 * and a case of its own for every seed that did not.
 */
export const createJunitReporter: CreateReporter = (output) => ({
  onEnd: (report) => output.write(`${buildJunit(report)}\n`),
});

function buildJunit(report: CampaignReport): string {
  const document = builder.newBuilder();
  const suites = new Map<string, TestSuite>();
  const suiteOf = (policy: string): TestSuite => {
    const suite = suites.get(policy) ?? document.testSuite().name(`seawall ${policy}`);
    suites.set(policy, suite);
    return suite;
  };
  for (const { policy, profile, seeds, crashes, checks, broken } of report.cells) {
    const suite = suiteOf(policy);
    if (broken === 0) {
      const name = `${profile}: ${seeds} seeds, ${crashes} crashes, ${checks} checks`;
      suite.testCase().className(`seawall.${policy}.${profile}`).name(name);
    }
  }
  report.failures.forEach((failure) => addFailure(suiteOf(failure.policy), failure));
  report.untrusted.forEach((run) => addUntrusted(suiteOf(run.policy), run));
  addCampaign(document.testSuite().name("seawall campaign"), report);
  return document.build();
}

function addFailure(suite: TestSuite, failure: CampaignFailure): void {
  const text = [...failure.details, `replay: ${failure.replay}`].join("\n");
  suite
    .testCase()
    .className(`seawall.${failure.policy}.${failure.profile}`)
    .name(`seed ${failure.seed}`)
    .failure(failure.message, failure.property)
    .stacktrace(text);
}

function addUntrusted(suite: TestSuite, run: UntrustedRun): void {
  suite
    .testCase()
    .className(`seawall.${run.policy}.${run.profile}`)
    .name(`seed ${run.seed}`)
    .error(run.message, run.kind, `replay: ${run.replay}`);
}

/** The campaign itself is a case too: one that stopped early or checked nothing must not look green. */
function addCampaign(suite: TestSuite, report: CampaignReport): void {
  const test = suite.testCase().className("seawall.campaign").name("ran to its end and checked");
  test.time(report.elapsedMs / 1000);
  if (!report.complete) {
    test.error(`stopped after ${report.totals.seeds} seeds`, "incomplete");
  } else if (report.totals.checks === 0) {
    test.error("no check was made", "vacuous");
  } else if (report.verdict === "untrusted" && report.totals.unchecked > 0) {
    test.error(`${report.totals.unchecked} seeds checked nothing`, "vacuous");
  }
  for (const probe of report.missedProbes ?? []) {
    test.error(`probe ${probe} was never reached`, "vacuous");
  }
}
