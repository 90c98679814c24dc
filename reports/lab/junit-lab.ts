import { createRequire } from "node:module";
import type { Builder, TestSuite } from "junit-report-builder";
import type { CrashReport, LabReport, PolicyReport } from "./lab-report.ts";
import { lossSeenText, lossText } from "./lab-text.ts";

// The package's types describe an ES module, but Node.js gets CommonJS whose whole export is the builder.
const builder: Builder = createRequire(import.meta.url)("junit-report-builder");

/** One suite for each policy and in it a case for each kind of crash; a control passes when it is broken. */
export function junitLab(report: LabReport): string {
  const document = builder.newBuilder();
  for (const policy of report.policies) {
    const suite = document.testSuite().name(`seawall policies ${policy.name}`);
    policy.crashes.forEach((crash) => addCrash(suite, policy, crash));
  }
  const whole = document.testSuite().name("seawall policies");
  const test = whole
    .testCase()
    .className("seawall.policies")
    .name("everything was put to the test");
  test.time(report.elapsedMs / 1000);
  report.untrusted.forEach((reason) => test.error(reason, "untrusted"));
  return `${document.build()}\n`;
}

function addCrash(suite: TestSuite, policy: PolicyReport, crash: CrashReport): void {
  const promise = lossText(crash.promise);
  const test = suite
    .testCase()
    .className(`seawall.policies.${policy.name}`)
    .name(
      `${crash.kind}: promises ${promise}; ${crash.crashes} crashes, lost ${lossSeenText(crash)}`,
    );
  const { counterexample } = crash;
  if (crash.verdict === "vacuous" && !policy.control) {
    test.error("the promise was never put to the test", "vacuous");
  }
  if (counterexample !== undefined && !policy.control) {
    const story = counterexample.story.map(({ atUs, text }) => `${atUs / 1000} ms ${text}`);
    test
      .failure(counterexample.message, counterexample.part)
      .stacktrace([...story, counterexample.replay ?? ""].join("\n"));
  }
}
