import { unreachable } from "../../engine/base/assert.ts";
import type { Attempt } from "../oracle/history.ts";
import { violation } from "../oracle/verdict.ts";
import type { RankRange } from "../scenario/keyspace.ts";
import { describeError, storeErrorCode } from "./engine-port.ts";
import type { LifeContext } from "./life-context.ts";
import { isExcusedByDamage } from "./refusals.ts";

/** A call that the store rejected. */
export interface FailedCall {
  /** For people. */
  readonly client: number;
  readonly verb: string;
  /** The key that the call is about, when it is about one. */
  readonly rank?: number | undefined;
  /** The attempt that the call belongs to, when it belongs to one. */
  readonly attempt?: Attempt | undefined;
  /** `world.injector.fullness.mark` when the call was made. */
  readonly fullMark: number;
}

/** What a rejection says about the attempt. */
export type Rejection = "conflict" | "refused" | "unknown" | "spent";

/**
 * Judges a rejection: with what happened in this life, may the store answer like this? An answer that
 * nothing explains is a broken property. Afterwards the context knows whether the store takes more.
 */
export function judgeRejection(context: LifeContext, error: unknown, call: FailedCall): Rejection {
  const code = storeErrorCode(error);
  if (code === undefined || !isExplained(context, { code, error }, call)) {
    context.spent = true;
    const message =
      code === undefined ? "a bug surfaced as an exception" : `an unexplained ${code}`;
    context.world.broken(violation("P5", message, [describe(context, call), describeError(error)]));
    return "spent";
  }
  switch (code) {
    case "CONFLICT":
      return "conflict";
    case "NO_SPACE":
      context.world.probes.hit("disk-full-refused");
      return "refused";
    case "IO":
      return "refused";
    case "OUTCOME_UNKNOWN":
      // Clients go on asking until the store says that it takes no more: a store that does not say so may
      // acknowledge what it must not.
      return "unknown";
    default:
      context.spent = true;
      return "spent";
  }
}

function isExplained(
  context: LifeContext,
  { code, error }: { readonly code: string; readonly error: unknown },
  call: FailedCall,
): boolean {
  const { injector, atlas } = context.world;
  const { anySyncFailure, writeError, readError } = injector.seen;
  const failed = anySyncFailure || writeError || cannotRollBack(context);
  switch (code) {
    case "CONFLICT":
      return isKeptOut(error) || hasRival(context, call.attempt);
    case "NO_SPACE":
      return injector.fullness.wasFullSince(call.fullMark);
    case "OUTCOME_UNKNOWN":
      return hasStopped(context, failed);
    case "CLOSED":
      return isOver(context) || hasStopped(context, failed);
    case "TRANSACTION":
      return context.closing;
    case "CORRUPTION":
      return isExcusedByDamage(context.world, error);
    case "IO":
      return [failed, readError, atlas.mayRefuse].includes(true);
    default:
      return false;
  }
}

/** The store stops when its log or pages cannot be written, and when it cannot roll back. */
function hasStopped(context: LifeContext, failed: boolean): boolean {
  return failed || context.world.injector.seen.stopped || cannotRollBack(context);
}

/** Rolling back a large transaction takes pages: where one cannot be read the store stops. */
export function cannotRollBack({ world }: Pick<LifeContext, "world">): boolean {
  const { injector, atlas, logger } = world;
  return logger.phase.spilled && [injector.seen.readError, atlas.mayRefuse].includes(true);
}

/** Somebody was already told that the store takes no more, or told the store. */
function isOver({ closing, spent }: LifeContext): boolean {
  return closing || spent;
}

function describe({ world }: LifeContext, { client, verb, rank }: FailedCall): string {
  return `client ${client}: ${verb}${rank === undefined ? "" : ` ${world.keys.describe(rank)}`}`;
}

/**
 * A transaction that is too large for memory keeps others out, and so does a check of the structure; on a
 * slow disk for long. A lock that nobody lets go of is for the proof of life.
 */
function isKeptOut(error: unknown): boolean {
  return describeError(error).includes("kept others from committing");
}

/**
 * A conflict takes two: somebody else's commit that the attempt's snapshot does not hold, and that wrote
 * what the attempt's level protects.
 */
function hasRival({ life }: LifeContext, attempt: Attempt | undefined): boolean {
  const snapshot = attempt?.snapshot;
  return (
    attempt !== undefined &&
    snapshot !== undefined &&
    life.commits.some(
      (other) =>
        other !== attempt &&
        other.mayHaveLanded &&
        (other.state !== "acknowledged" || other.number > snapshot) &&
        [...other.writes.keys()].some((rank) => isProtected(attempt, rank)),
    )
  );
}

/** Whether nobody may have changed the key since the attempt's snapshot. */
function isProtected({ level, reads, writes }: Attempt, rank: number): boolean {
  switch (level) {
    case "read-committed":
      return false;
    case "snapshot":
      return writes.has(rank);
    case "serializable":
      return reads.some((read) =>
        read.kind === "get" ? read.rank === rank : isInside(read.range, rank),
      );
    default:
      return unreachable(level);
  }
}

function isInside({ from, to }: RankRange, rank: number): boolean {
  return rank >= from && rank < to;
}
