import type { DeviceName, Loss } from "../../sim/lab/index.ts";
import type { BudgetReport, BudgetRow, PolicyReport } from "../../reports/lab/lab-report.ts";
import { UsageError } from "../cli/exit-status.ts";

/** What somebody can afford. */
export interface Budget {
  readonly text: string;
  /** Undefined: any loss will do. */
  readonly loss?: Loss;
  readonly p50MsMax?: number;
  readonly p99MsMax?: number;
  readonly commitsPerSecondMin?: number;
}

const ADVICE =
  'Write for example "lose at most 50 ms, p99 under 2 ms", "lose nothing, at least 5000 commits/s" or ' +
  '"lose at most 100 commits".';

/** Milliseconds, bytes or commits in one of each unit. */
const UNITS: Readonly<
  Record<string, readonly [unit: "milliseconds" | "bytes" | "commits", factor: number]>
> = {
  ms: ["milliseconds", 1],
  s: ["milliseconds", 1000],
  commit: ["commits", 1],
  commits: ["commits", 1],
  b: ["bytes", 1],
  bytes: ["bytes", 1],
  kib: ["bytes", 1024],
  kb: ["bytes", 1000],
  mib: ["bytes", 1024 * 1024],
  mb: ["bytes", 1_000_000],
};

/** @throws UsageError that says which part is not understood. */
export function parseBudget(text: string): Budget {
  const budget: Budget = { text };
  for (const clause of text.split(",").map((part) => part.trim().toLowerCase())) {
    Object.assign(budget, parseClause(clause));
  }
  return budget;
}

function parseClause(clause: string): Partial<Budget> {
  if (clause === "lose nothing") {
    return { loss: { kind: "nothing" } };
  }
  const loss = /^lose at most ([\d.]+) ?([a-z]+)$/.exec(clause);
  const unit = UNITS[loss?.[2] ?? ""];
  if (unit !== undefined) {
    return { loss: { kind: "suffix", [unit[0]]: number(loss?.[1], clause) * unit[1] } };
  }
  const latency = /^p(50|99) (?:under|below|at most) ([\d.]+) ?(us|ms|s)$/.exec(clause);
  if (latency !== null) {
    const factor = { us: 0.001, ms: 1, s: 1000 }[latency[3] ?? ""] ?? Number.NaN;
    const ms = number(latency[2], clause) * factor;
    return latency[1] === "50" ? { p50MsMax: ms } : { p99MsMax: ms };
  }
  const speed = /^at least ([\d.]+) ?(?:commits?\/s|commits per second)$/.exec(clause);
  if (speed !== null) {
    return { commitsPerSecondMin: number(speed[1], clause) };
  }
  throw new UsageError(`"${clause}" is no part of a budget.`, ADVICE);
}

function number(text: string | undefined, clause: string): number {
  const value = Number(text);
  if (!Number.isFinite(value)) {
    throw new UsageError(`"${clause}" has a number that is none.`, ADVICE);
  }
  return value;
}

/** Which policies fit. By what they promise, once it held: what was merely seen may be exceeded tomorrow. */
export function applyBudget(
  budget: Budget,
  device: DeviceName,
  policies: readonly PolicyReport[],
): BudgetReport {
  const rows = policies.map((policy): BudgetRow => {
    const reasons = [...lossReasons(budget, policy), ...priceReasons(budget, device, policy)];
    return { policy: policy.name, fits: reasons.length === 0, reasons };
  });
  return { text: budget.text, device, rows };
}

function lossReasons({ loss }: Budget, policy: PolicyReport): string[] {
  if (policy.verdict !== "held") {
    return [policy.verdict === "broken" ? "its promise is broken" : "its promise was not tested"];
  }
  if (loss === undefined) {
    return [];
  }
  const reasons = policy.crashes.flatMap(({ kind, promise, loss: seen }) => {
    const over = exceeding(promise, loss);
    return over === undefined ? [] : [`${kind}: ${over}; ${seen.milliseconds.worst} ms seen`];
  });
  return reasons.slice(0, 1);
}

/** In which unit a promise allows more than the budget; undefined when it does not. */
function exceeding(promise: Loss, budget: Loss): string | undefined {
  if (promise.kind === "nothing") {
    return undefined;
  }
  if (promise.kind === "may-corrupt" || budget.kind !== "suffix") {
    return "it may lose something";
  }
  for (const unit of ["commits", "milliseconds", "bytes"] as const) {
    const most = budget[unit];
    const promised = promise[unit];
    if (most !== undefined && (promised === undefined || promised > most)) {
      return promised === undefined ? `no bound in ${unit}` : `up to ${promised} ${unit}`;
    }
  }
  return undefined;
}

function priceReasons(budget: Budget, device: DeviceName, policy: PolicyReport): string[] {
  const price = policy.prices.find((one) => one.device === device);
  if (price === undefined) {
    return ["it has no price"];
  }
  const reasons: string[] = [];
  if (budget.p50MsMax !== undefined && price.p50Ms > budget.p50MsMax) {
    reasons.push(`p50 ${price.p50Ms} ms`);
  }
  if (budget.p99MsMax !== undefined && price.p99Ms > budget.p99MsMax) {
    reasons.push(`p99 ${price.p99Ms} ms`);
  }
  const { commitsPerSecondMin } = budget;
  if (commitsPerSecondMin !== undefined && price.commitsPerSecond < commitsPerSecondMin) {
    reasons.push(`${Math.floor(price.commitsPerSecond)} commits/s`);
  }
  return reasons;
}
