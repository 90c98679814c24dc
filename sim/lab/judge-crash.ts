import type { Loss, PolicyPromise } from "../../engine/log/sync-policy.ts";
import type { LabCommit, LabFound, LabHistory } from "./lab-history.ts";
import type { LabCrashKind } from "./lab-scenario.ts";

/** What a crash took of what had been acknowledged. */
export interface LabLoss {
  readonly commits: number;
  /** Of the lost commits' values. */
  readonly bytes: number;
  /** Between the acknowledgements of the first and the last lost commit: what promises are about. */
  readonly milliseconds: number;
  /** From the first lost acknowledgement to the crash: how far back somebody has to look. */
  readonly ageMs: number;
}

/**
 * What is left, as a class. `prefix`: everything up to some commit. `hole`: a commit is gone and a later one
 * is there. `corrupt`: a commit is there in part, something is there that nobody wrote, or the store does
 * not open.
 */
export type Consistency = "prefix" | "hole" | "corrupt";

/** What of a promise a crash broke. */
export type BrokenPart = "consistency" | "upgrade" | "loss" | "restart";

export interface CrashJudgement {
  /** Whether anything was at stake: a commit had been acknowledged. */
  readonly tested: boolean;
  /** Whether an explicit sync had made something durable, which was looked for. */
  readonly upgradeTested: boolean;
  readonly loss: LabLoss;
  readonly consistency: Consistency;
  readonly broken?: { readonly part: BrokenPart; readonly message: string };
}

/** What a promise says about this way to come down: after a failed sync, what it says about a power cut. */
export function promisedFor(kind: LabCrashKind, promise: PolicyPromise): Loss {
  return promise[kind === "sync-error" ? "power" : kind];
}

/** Compares what is left with what was promised. Pure. */
export function judgeCrash(history: LabHistory, kind: LabCrashKind, promise: Loss): CrashJudgement {
  const found = history.foundLater ?? history.found;
  const acknowledged = history.commits.filter(({ number }) => number !== undefined);
  const lost = acknowledged.filter(({ step }) => !holds(found, step));
  const inconsistency = findInconsistency(history.commits, lost, found);
  const loss = measure(lost, history.crashedUs);
  const broken =
    promise.kind === "may-corrupt"
      ? undefined
      : (inconsistency.broken ??
        brokenRestart(history) ??
        brokenUpgrade(lost, history.upgradedThrough) ??
        brokenBound(loss, promise));
  return {
    tested: acknowledged.length > 0 && (kind !== "sync-error" || history.syncFailed),
    upgradeTested: history.upgradedThrough > 0,
    loss,
    consistency: inconsistency.class,
    ...(broken === undefined ? {} : { broken }),
  };
}

type Broken = CrashJudgement["broken"];

function holds(found: LabFound, step: number): boolean {
  return found.kind === "state" && found.steps.includes(step);
}

function findInconsistency(
  commits: readonly LabCommit[],
  lost: readonly LabCommit[],
  found: LabFound,
): { readonly class: Consistency; readonly broken?: Broken } {
  const corruption = findCorruption(commits, found);
  if (corruption !== undefined) {
    return { class: "corrupt", broken: { part: "consistency", message: corruption } };
  }
  for (const gone of lost) {
    const later = commits.find(
      ({ number, step }) => (number ?? 0) > (gone.number ?? 0) && holds(found, step),
    );
    if (later !== undefined) {
      const message = `commit ${gone.step + 1} is gone, and the later commit ${later.step + 1} is there`;
      return { class: "hole", broken: { part: "consistency", message } };
    }
  }
  return { class: "prefix" };
}

function findCorruption(commits: readonly LabCommit[], found: LabFound): string | undefined {
  if (found.kind === "refused") {
    return `the store does not open any more: ${found.reason}`;
  }
  if (found.strange !== undefined) {
    return found.strange;
  }
  const { last, steps } = found;
  if (last === undefined) {
    return steps.length === 0 ? undefined : `commit ${(steps[0] ?? 0) + 1} is there in part`;
  }
  if (!steps.includes(last)) {
    return `commit ${last + 1} is there in part`;
  }
  const lastNumber = commits.find(({ step }) => step === last)?.number ?? Number.POSITIVE_INFINITY;
  const newer = commits.find(
    ({ step, number }) => number !== undefined && number > lastNumber && steps.includes(step),
  );
  return newer === undefined ? undefined : `commit ${newer.step + 1} is there in part`;
}

/** What a restart showed was read by somebody: the power may not take it. */
function brokenRestart({ found, foundLater }: LabHistory): Broken {
  if (foundLater?.kind !== "state" || found.kind !== "state") {
    return undefined;
  }
  const gone = found.steps.find((step) => !foundLater.steps.includes(step));
  return gone === undefined
    ? undefined
    : {
        part: "restart",
        message: `commit ${gone + 1} was there after the restart and went with the power`,
      };
}

function brokenUpgrade(lost: readonly LabCommit[], upgradedThrough: number): Broken {
  const gone = lost.find(({ number }) => (number ?? 0) <= upgradedThrough);
  return gone === undefined
    ? undefined
    : {
        part: "upgrade",
        message: `commit ${gone.step + 1} is gone, and an explicit sync had made it durable`,
      };
}

function brokenBound(loss: LabLoss, promise: Exclude<Loss, { kind: "may-corrupt" }>): Broken {
  if (promise.kind === "nothing") {
    return loss.commits === 0
      ? undefined
      : {
          part: "loss",
          message: `it promised to lose nothing, and ${counted(loss.commits, "acknowledged commit")} went`,
        };
  }
  for (const unit of ["commits", "milliseconds", "bytes"] as const) {
    const most = promise[unit];
    if (most !== undefined && loss[unit] > most) {
      const message = `it promised to lose at most ${most} ${unit}, and ${loss[unit]} went`;
      return { part: "loss", message };
    }
  }
  return undefined;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function measure(lost: readonly LabCommit[], crashedUs: number): LabLoss {
  let bytes = 0;
  let firstUs = Number.POSITIVE_INFINITY;
  let lastUs = 0;
  for (const commit of lost) {
    bytes += commit.bytes;
    firstUs = Math.min(firstUs, commit.acknowledgedUs ?? firstUs);
    lastUs = Math.max(lastUs, commit.acknowledgedUs ?? 0);
  }
  return lost.length === 0
    ? { commits: 0, bytes: 0, milliseconds: 0, ageMs: 0 }
    : {
        commits: lost.length,
        bytes,
        milliseconds: (lastUs - firstUs) / 1000,
        ageMs: (crashedUs - firstUs) / 1000,
      };
}
