import type { Loss, PolicyPromise } from "../../engine/log/sync-policy.ts";
import type { CrashKind } from "../disk/crash-summary.ts";
import type { CommitLog } from "./commit-log.ts";
import { violation, type Violation } from "./verdict.ts";

/** What a crash took of what had been acknowledged. */
export interface LossSeen {
  readonly kind: CrashKind;
  readonly commits: number;
  /** Between the acknowledgements of the first and the last lost commit. */
  readonly milliseconds: number;
  /** Keys and values of the lost commits: less than their log bytes. */
  readonly bytes: number;
}

/** Measures the acknowledged commits after the recovered one. */
export function measureLoss(log: CommitLog, recovered: number, kind: CrashKind): LossSeen {
  let commits = 0;
  let bytes = 0;
  let earliestMs = Number.POSITIVE_INFINITY;
  let latestMs = 0;
  for (let number = recovered + 1; number <= log.last; number += 1) {
    const attempt = log.at(number);
    if (attempt?.state === "acknowledged") {
      commits += 1;
      bytes += attempt.bytes;
      earliestMs = Math.min(earliestMs, attempt.acknowledgedMs);
      latestMs = Math.max(latestMs, attempt.acknowledgedMs);
    }
  }
  return { kind, commits, milliseconds: commits === 0 ? 0 : latestMs - earliestMs, bytes };
}

/** P9: at most what the policy says for this kind of crash. */
export function judgeLoss(loss: LossSeen, promise: PolicyPromise): Violation | undefined {
  const allowed: Loss = promise[loss.kind];
  if (loss.commits === 0 || allowed.kind === "may-corrupt") {
    return undefined;
  }
  if (allowed.kind === "nothing") {
    return violation("P9", `the policy promised to lose nothing, and ${loss.commits} commits went`);
  }
  const { commits, milliseconds, bytes } = allowed;
  return (
    over(loss.commits, commits, "commits") ??
    over(loss.milliseconds, milliseconds, "milliseconds") ??
    over(loss.bytes, bytes, "bytes")
  );
}

function over(seen: number, allowed: number | undefined, unit: string): Violation | undefined {
  return allowed === undefined || seen <= allowed
    ? undefined
    : violation("P9", `the policy promised to lose at most ${allowed} ${unit}, and ${seen} went`);
}
