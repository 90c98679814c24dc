import { describe, expect, test } from "vitest";
import {
  generateScenario,
  type FailureRecord,
  type Replay,
  type RunResult,
  type Violation,
} from "../sim/index.ts";
import { ReplayReport } from "./replay-report.ts";

const scenario = generateScenario("7", { policy: "sync", profile: "xfs" });
const violation: Violation = {
  property: "P1",
  message: "commit 3 is gone",
  details: ["a", "b\nc"],
};

function result(changes: Partial<RunResult> = {}): RunResult {
  return {
    verdict: "held",
    traceHash: "00000000000000aa",
    steps: 90,
    operations: 20,
    crashes: 2,
    checks: 3,
    virtualMs: 5,
    probes: {},
    ledger: {},
    losses: [],
    marks: [],
    divergences: [],
    ...changes,
  };
}

const broken = result({ verdict: "broken", violation });

const record: FailureRecord = {
  schema: "seawall-failure",
  version: 1,
  engineVersion: "0.0.0",
  seed: "7",
  scenario,
  tapes: {},
  traceHash: "00000000000000aa",
  marks: [],
  violation,
};

function told(tell: (report: ReplayReport) => number): { status: number; text: string } {
  let text = "";
  const report = new ReplayReport((more) => {
    text += more;
  }, false);
  return { status: tell(report), text };
}

function toldOf(replay: Replay): { status: number; text: string } {
  return told((report) => report.record("7.json", record, replay));
}

describe("a record", () => {
  test("that fails the same way is same, 1, with the whole violation", () => {
    const { status, text } = toldOf({ outcome: "same", result: broken });
    expect(status).toBe(1);
    expect(text).toMatchInlineSnapshot(`
      "7.json: seed 7, sync on xfs
      recorded P1: commit 3 is gone
      same the same failure, step by step; 20 operations, 2 crashes, 3 checks, 90 steps, trace 00000000000000aa
        P1: commit 3 is gone
          a
          b
          c
      "
    `);
  });

  test("that holds now is fixed, 0", () => {
    const { status, text } = toldOf({
      outcome: "fixed",
      step: 40,
      why: "reason",
      result: result(),
    });
    expect(status).toBe(0);
    expect(text).toContain("fixed (reason); 20 operations");
  });

  test("that has a note shows it", () => {
    const noted = { ...record, note: "what the bug was" };
    const { text } = told((report) =>
      report.record("7.json", noted, { outcome: "fixed", result: result() }),
    );
    expect(text).toContain("recorded P1: commit 3 is gone\nnote: what the bug was\nfixed; ");
  });

  test("that breaks something else is diverged, 2, with the step", () => {
    const { status, text } = toldOf({ outcome: "diverged", step: 40, why: "P2", result: broken });
    expect(status).toBe(2);
    expect(text).toContain("diverged by step 40 (P2)");
  });
});

describe("a seed", () => {
  const cases: readonly (readonly [string, RunResult, RunResult, number])[] = [
    ["held", result(), result(), 0],
    ["broken", broken, broken, 1],
    ["diverged", result(), result({ traceHash: "00000000000000bb" }), 2],
    ["vacuous", result({ checks: 0 }), result({ checks: 0 }), 2],
    [
      "held the store refused",
      result({ checks: 0, over: "refused" }),
      result({ checks: 0, over: "refused" }),
      0,
    ],
  ];

  test.each(cases)("%s", (word, first, second, expected) => {
    const { status, text } = told((report) => report.seed(scenario, first, second));
    expect(text).toMatch(new RegExp(`^seed 7: sync on xfs\n${word} `));
    expect(status).toBe(expected);
  });

  test("that breaks the harness says nothing about the store: 2", () => {
    const failed = result({ verdict: "broken", violation: { ...violation, property: "harness" } });
    expect(told((report) => report.seed(scenario, failed, failed)).status).toBe(2);
  });

  test("with kept events shows them first", () => {
    const traced = result({ trace: ["event 1", "event 2"] });
    const { text } = told((report) => report.seed(scenario, traced, traced));
    expect(text.startsWith("event 1\nevent 2\nseed 7")).toBe(true);
  });
});
