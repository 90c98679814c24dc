import {
  type Consistency,
  excludedRate,
  LAB_CONDITIONS,
  type LabCondition,
  type LabCrashKind,
  type LabPolicy,
  promisedFor,
  summarize,
} from "../../sim/lab/index.ts";
import type {
  ConditionReport,
  Counterexample,
  CrashReport,
  HistogramBar,
  LabReport,
  LabVerdict,
  PolicyReport,
} from "../../reports/lab/lab-report.ts";
import type { StormResult } from "./lab-task.ts";

/** Everything that the crashes of one kind did to one policy. */
export interface CrashEvidence {
  readonly kind: LabCrashKind;
  readonly parts: readonly StormResult[];
  readonly counterexample?: Counterexample;
}

/** What the evidence says about the promise. Pure. */
export function crashReport(policy: LabPolicy, evidence: CrashEvidence): CrashReport {
  const { kind, parts, counterexample } = evidence;
  const list = (name: "commits" | "bytes" | "milliseconds" | "ageMs"): number[] =>
    parts.flatMap((part) => part[name]);
  const commits = list("commits");
  const milliseconds = list("milliseconds");
  const failures = parts.flatMap((part) => part.failures);
  const brokenParts: Partial<Record<(typeof failures)[number]["part"], number>> = {};
  for (const { part } of failures) {
    brokenParts[part] = (brokenParts[part] ?? 0) + 1;
  }
  const crashes = commits.length;
  const lossy = commits.filter((count) => count > 0).length;
  const promise = promisedFor(kind, policy.promise);
  return {
    kind,
    promise,
    verdict: verdictOf(policy, { kind, crashes, lossy, broken: failures.length }),
    crashes,
    lossy,
    upgrades: sum(parts, ({ upgrades }) => upgrades),
    broken: failures.length,
    brokenParts,
    excludedRate: excludedRate(crashes),
    consistency: {
      prefix: sumOf(parts, "prefix"),
      hole: sumOf(parts, "hole"),
      corrupt: sumOf(parts, "corrupt"),
    },
    loss: {
      commits: summarize(commits),
      bytes: summarize(list("bytes")),
      milliseconds: summarize(milliseconds),
      ageMs: summarize(list("ageMs")),
    },
    conditions: LAB_CONDITIONS.map((condition) => conditionReport(condition, parts)),
    histogram: histogramOf(milliseconds, commits),
    ...(counterexample === undefined ? {} : { counterexample }),
  };
}

interface Counts {
  readonly kind: LabCrashKind;
  readonly crashes: number;
  readonly lossy: number;
  readonly broken: number;
}

function verdictOf(policy: LabPolicy, counts: Counts): CrashReport["verdict"] {
  const { kind, crashes, lossy, broken } = counts;
  if (broken > 0) {
    return "broken";
  }
  if (crashes === 0) {
    return kind === "sync-error" && policy.omitsSync !== undefined ? "not-applicable" : "vacuous";
  }
  // A bound that nothing ever came near is no bound that was checked. A failed sync takes what a power cut
  // takes, and on most file systems nothing: that is no fault of the policy.
  const isBound = promisedFor(kind, policy.promise).kind === "suffix" && kind !== "sync-error";
  return isBound && lossy === 0 ? "vacuous" : "held";
}

export function policyVerdict(crashes: readonly CrashReport[]): LabVerdict {
  if (crashes.some(({ verdict }) => verdict === "broken")) {
    return "broken";
  }
  return crashes.length === 0 || crashes.some(({ verdict }) => verdict === "vacuous")
    ? "vacuous"
    : "held";
}

/** Why the run as a whole says nothing: one reason for each policy that says nothing. */
export function doubts(policies: readonly PolicyReport[]): string[] {
  return policies.flatMap((policy) => {
    if (policy.control) {
      return policy.verdict === "broken"
        ? []
        : [`control "${policy.name}" was not broken: more crashes are needed, or the lab is blind`];
    }
    return policy.crashes
      .filter(({ verdict }) => verdict === "vacuous")
      .map((crash) => `policy "${policy.name}", ${crash.kind}: ${vacuousReason(crash)}`);
  });
}

function vacuousReason({ crashes }: CrashReport): string {
  return crashes === 0
    ? "no crash came after an acknowledgement, so nothing was put to the test"
    : `it promises a bound, and none of ${crashes} crashes lost anything: it can promise "nothing"`;
}

export function reportVerdict(
  policies: readonly PolicyReport[],
  untrusted: readonly string[],
): LabReport["verdict"] {
  if (untrusted.length > 0 || policies.length === 0) {
    return "untrusted";
  }
  return policies.some(({ control, verdict }) => !control && verdict === "broken")
    ? "broken"
    : "held";
}

function conditionReport(condition: LabCondition, parts: readonly StormResult[]): ConditionReport {
  let crashes = 0;
  let worstMs = 0;
  let worstCommits = 0;
  for (const { conditions, milliseconds, commits } of parts) {
    for (const [index, found] of conditions.entries()) {
      if (found === condition) {
        crashes += 1;
        worstMs = Math.max(worstMs, milliseconds[index] ?? 0);
        worstCommits = Math.max(worstCommits, commits[index] ?? 0);
      }
    }
  }
  return { condition, crashes, worstMs, worstCommits };
}

/** Upper ends of the histogram's bars. */
const EDGES_MS = [0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 100_000] as const;

/** A crash that took one commit took 0 ms of acknowledgements, and is none that took nothing. */
function histogramOf(milliseconds: readonly number[], commits: readonly number[]): HistogramBar[] {
  const counts = EDGES_MS.map(() => 0);
  milliseconds.forEach((ms, index) => {
    const isLoss = (commits[index] ?? 0) > 0;
    const bar = isLoss ? EDGES_MS.findIndex((edge) => edge > 0 && ms <= edge) : 0;
    counts[bar] = (counts[bar] ?? 0) + 1;
  });
  return EDGES_MS.map((upToMs, index) => ({ upToMs, crashes: counts[index] ?? 0 }));
}

function sum(parts: readonly StormResult[], of: (part: StormResult) => number): number {
  return parts.reduce((total, part) => total + of(part), 0);
}

function sumOf(parts: readonly StormResult[], name: Consistency): number {
  return sum(parts, ({ consistency }) => consistency[name]);
}
