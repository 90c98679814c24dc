import { describe, expect, test } from "vitest";
import type { CampaignReport } from "./campaign-report.ts";
import { createReporter, type ReporterName } from "./registry.ts";
import { sampleFailingReport, sampleReport } from "./sample-report.ts";

function textOf(name: ReporterName, report: CampaignReport): string {
  let text = "";
  const reporter = createReporter(name, {
    colors: false,
    write: (more) => {
      text += more;
    },
  });
  report.failures.forEach((failure) => reporter.onFailure?.(failure));
  report.untrusted.forEach((run) => reporter.onUntrusted?.(run));
  reporter.onEnd(report);
  return text;
}

describe("pretty", () => {
  test("a held campaign is a table, averages and a verdict", () => {
    expect(textOf("pretty", sampleReport())).toMatchInlineSnapshot(`
      "
      ┌────────┬──────────┬───────┬─────────┬────────┬────────┐
      │ policy │ profile  │ seeds │ crashes │ checks │ broken │
      ├────────┼──────────┼───────┼─────────┼────────┼────────┤
      │ sync   │ paranoid │ 1,000 │   2,400 │ 41,000 │      0 │
      │        │ xfs      │ 1,000 │   2,400 │ 41,000 │      0 │
      │ all    │          │ 2,000 │   2,400 │ 41,000 │      0 │
      └────────┴──────────┴───────┴─────────┴────────┴────────┘

      seeds       2,000 of 2,000 from 1, 50 of them run twice
      speed       125 seeds/s per core, 8.0 s on 2 workers
      per seed    100 operations, 1.2 crashes, 20.5 checks, 32.5 virtual ms
      probes      1 of 2 reached
                  never: read-error
      rate        failures in more than 1 in 668 seeds are excluded, at 95 %
      faults                            armed    fired  reached   judged
                  lost-write                3        2        2        2
      trace hash  0123456789abcdef
      verdict     every property held
      "
    `);
  });

  test("probes that were never reached are named, on lines that fit a terminal", () => {
    const names = Array.from({ length: 12 }, (_, index) => `a-probe-of-some-length-${index}`);
    const probes = Object.fromEntries(names.map((name) => [name, 0]));
    const text = textOf("pretty", sampleReport({ probes }));
    expect(text).toContain(
      "probes      0 of 12 reached\n            never: a-probe-of-some-length-0,",
    );
    names.forEach((name) => expect(text).toContain(name));
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test("every failure and untrusted run has one line that replays it", () => {
    const text = textOf("pretty", sampleFailingReport());
    expect(text).toContain("broken P1 seed 77 (sync on xfs): commit 12 is gone & <lost>");
    expect(text).toContain("  replay: npx seawall replay reports/out/failures/77.json\n");
    expect(text).toContain("untrusted hung seed 80 (sync on paranoid)");
    expect(text).toContain("  replay: npx seawall replay 80\n");
    expect(text).toContain("untrusted: 1 hung; 1 seed broke a property");
  });

  test("a flood of failures is cut short on the screen and counted at the end", () => {
    const failures = Array.from({ length: 50 }, () => sampleFailingReport().failures).flat();
    const text = textOf("pretty", { ...sampleReport(), failures });
    expect(text.match(/^broken /gm)).toHaveLength(20);
    expect(text).toContain("30 more failures are in the report");
  });

  test("a partial report says that it is one", () => {
    expect(textOf("pretty", sampleReport({ complete: false }))).toContain(
      "every property held so far (interrupted: this is a partial report)",
    );
  });
});

describe("github", () => {
  test("each seed that failed is an annotation that says how to replay it, and the last one is the verdict", () => {
    expect(textOf("github", sampleFailingReport())).toMatchInlineSnapshot(`
      "::error title=P1 broken by seed 77 (sync on xfs)::commit 12 is gone & <lost>%0Areplay: npx seawall replay reports/out/failures/77.json
      ::error title=seed 80 says nothing%3A hung (sync on paranoid)::the run did not end within 20 s and was stopped%0Areplay: npx seawall replay 80
      ::error title=seawall fuzz::untrusted: 1 hung; 1 seed broke a property
      "
    `);
    expect(textOf("github", sampleReport())).toMatchInlineSnapshot(`
      "::notice title=seawall fuzz::every property held
      "
    `);
  });

  test("a flood of failures is cut short, and counted", () => {
    const failures = Array.from({ length: 50 }, () => sampleFailingReport().failures).flat();
    const text = textOf("github", { ...sampleReport({ verdict: "broken" }), failures });
    expect(text.match(/^::error /gm)).toHaveLength(10);
    expect(text).toContain("41 more are in campaign.json");
  });

  test("an interrupted campaign is no success", () => {
    expect(textOf("github", sampleReport({ complete: false }))).toMatch(/^::error /);
  });
});

test("json is the report itself", () => {
  const report = sampleFailingReport();
  expect(JSON.parse(textOf("json", report))).toEqual(report);
});

describe("junit", () => {
  test("each failing seed is a failed case, each untrusted one an error, the rest pass per profile", () => {
    expect(textOf("junit", sampleFailingReport())).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites tests="4" failures="1" errors="1" skipped="0">
        <testsuite name="seawall sync" tests="3" failures="1" errors="1" skipped="0">
          <testcase classname="seawall.sync.paranoid" name="paranoid: 1000 seeds, 2400 crashes, 41000 checks"/>
          <testcase classname="seawall.sync.xfs" name="seed 77">
            <failure message="commit 12 is gone &amp; &lt;lost>" type="P1"><![CDATA[acknowledged at step 90
      replay: npx seawall replay reports/out/failures/77.json]]></failure>
          </testcase>
          <testcase classname="seawall.sync.paranoid" name="seed 80">
            <error message="the run did not end within 20 s and was stopped" type="hung"><![CDATA[replay: npx seawall replay 80]]></error>
          </testcase>
        </testsuite>
        <testsuite name="seawall campaign" tests="1" failures="0" errors="0" skipped="0">
          <testcase classname="seawall.campaign" name="ran to its end and checked" time="8"/>
        </testsuite>
      </testsuites>
      "
    `);
  });

  test("an interrupted or vacuous campaign does not look green", () => {
    expect(textOf("junit", sampleReport({ complete: false }))).toContain('type="incomplete"');
    const { totals } = sampleReport();
    const vacuous = sampleReport({ totals: { ...totals, checks: 0 } });
    expect(textOf("junit", vacuous)).toContain('type="vacuous"');
    expect(textOf("junit", sampleReport())).not.toContain("<error");
  });

  test("a campaign that missed a probe it had to reach says which", () => {
    const blind = sampleReport({ verdict: "untrusted", untrusted: [], missedProbes: ["a", "b"] });
    expect(textOf("pretty", blind)).toContain(
      "not trustworthy: probe a was never reached, nor 1 more",
    );
    expect(textOf("junit", blind)).toContain("probe b was never reached");
  });
});
