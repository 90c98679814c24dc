import { beforeAll, describe, expect, test } from "vitest";

import { type LabReport, renderLab } from "../../reports/lab/index.ts";
import { applyBudget, parseBudget } from "./budget.ts";
import { sampleLabReport } from "./testing/sample-lab-report.ts";

let report: LabReport;

beforeAll(async () => {
  report = await sampleLabReport();
}, 60_000);

describe("a campaign of a few policies", () => {
  test("does not depend on how much runs at a time", async () => {
    expect(await sampleLabReport(5)).toEqual(report);
  }, 60_000);

  test("says for each kind of crash what held, and breaks the control", () => {
    expect(report.untrusted).toEqual([]);
    expect(report.verdict).toBe("held");
    for (const { control, verdict, crashes } of report.policies) {
      expect(verdict).toBe(control ? "broken" : "held");
      expect(crashes.map(({ kind }) => kind)).toEqual(["process", "os", "power", "sync-error"]);
      for (const crash of crashes) {
        expect(crash.crashes).toBeGreaterThanOrEqual(60);
        const drawn = crash.histogram.reduce((sum, bar) => sum + bar.crashes, 0);
        expect(drawn).toBe(crash.crashes);
      }
    }
  });

  test("runs policies that decide alike once, and says so", () => {
    const redis = report.policies.find(({ name }) => name === "redis-always");
    expect(redis?.sameAs).toBe("postgres-on");
    expect(redis?.origin?.setting).toContain("Redis");
  });

  test("prices order as anybody expects: a hard disk costs more, waiting for a sync costs more", () => {
    expect(speed("sync", "hdd")).toBeLessThan(speed("sync", "nvme"));
    expect(speed("sync", "nvme")).toBeLessThan(speed("async", "nvme"));
  });
});

describe("what fits a budget follows from promises that held", () => {
  test("a bound that is promised counts, not what was seen", () => {
    expect(fitting("lose at most 100 ms")).toEqual([
      "sync",
      "async",
      "postgres-on",
      "redis-always",
    ]);
    expect(fitting("lose at most 99 ms")).toEqual(["sync", "postgres-on", "redis-always"]);
    expect(fitting("lose nothing")).toEqual(["sync", "postgres-on", "redis-always"]);
  });

  test("price counts too", () => {
    expect(fitting("lose at most 1 s, p99 under 1 ms")).toEqual(["async"]);
    expect(fitting("lose nothing, at least 1000000 commits/s")).toEqual([]);
  });

  test("a broken promise fits nothing", () => {
    expect(fitting("p99 under 60 s")).not.toContain("control-acks-before-fsync");
  });
});

describe("every reporter shows it", () => {
  test("pretty: a table, the story of the broken control, the budget and the verdict", async () => {
    const text = await renderLab("pretty", report, false);
    expect(text).toContain("worst loss seen when");
    expect(text).toContain("the smallest has 1 operation");
    expect(text).toContain('budget "lose at most 50 ms, p99 under 2 ms" on nvme');
    expect(text).toContain("1 of 1 negative controls broken, as they should be");
  });

  test("json: the whole report", async () => {
    expect(JSON.parse(await renderLab("json", report, false))).toEqual(report);
  });

  test("junit: a control that is broken is no failure, an honest policy that is broken is one", async () => {
    const text = await renderLab("junit", report, false);
    expect(text).toContain('<testsuite name="seawall policies sync"');
    expect(text).not.toContain("<failure");
    expect(await renderLab("junit", dishonest(report), false)).toContain("<failure");
  });

  test("github: one annotation for each broken promise, on one line", async () => {
    const lines = (await renderLab("github", dishonest(report), false)).trim().split("\n");
    expect(lines.filter((line) => line.startsWith("::error ")).length).toBeGreaterThan(0);
    expect(lines.every((line) => line.startsWith("::"))).toBe(true);
    expect(lines.at(-1)).toContain("::notice title=seawall policies::");
  });

  test("html: one page without script and network, and what is shown is escaped", async () => {
    const strange = { ...report, untrusted: ["<script>alert(1)</script>"] };
    const page = await renderLab("html", strange, false);
    expect(page).not.toContain("<script");
    expect(page).toContain("&lt;script&gt;");
    expect(page).not.toMatch(/(?:src|href)="/);
    expect(page.match(/<svg/g)?.length).toBeGreaterThanOrEqual(4);
  });
});

/** As if the control were a policy that somebody means. */
function dishonest(from: LabReport): LabReport {
  const policies = from.policies.map((policy) => Object.assign({ ...policy }, { control: false }));
  return { ...from, policies, verdict: "broken" };
}

function speed(name: string, device: string): number {
  const policy = report.policies.find((one) => one.name === name);
  return policy?.prices.find((price) => price.device === device)?.commitsPerSecond ?? 0;
}

function fitting(text: string): string[] {
  const { rows } = applyBudget(parseBudget(text), "nvme", report.policies);
  return rows.filter(({ fits }) => fits).map(({ policy }) => policy);
}
