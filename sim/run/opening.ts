import type { Database } from "../../engine/database.ts";
import type { CrashKind } from "../disk/crash-summary.ts";
import { violation } from "../oracle/verdict.ts";
import type { NestedCrash } from "../scenario/crash-cycle.ts";
import { CallMark } from "./call-mark.ts";
import { crash } from "./crashing.ts";
import { describeError, storeErrorCode } from "./engine-port.ts";
import type { OpenDamage } from "./open-damage.ts";
import type { OpenExcuses } from "./open-excuses.ts";
import { describeDamage, isExcusedByDamage, isReportedFailure } from "./refusals.ts";
import { type Quiescence, settled, watch } from "./stepping.ts";
import type { World } from "./world.ts";

export interface OpenPlan {
  /** Number of the life that the open begins. */
  readonly life: number;
  readonly nested: readonly NestedCrash[];
  readonly creating: boolean;
  /** What earlier tries have left, and what these leave. */
  readonly excuses: OpenExcuses;
}

/** An open that succeeded in the end, and what it went through. */
export interface Opened {
  readonly db: Database;
  readonly damage: OpenDamage;
  /** Crashes that struck on the way. */
  readonly crashes: readonly CrashKind[];
  /** Opens that were begun, with this one. */
  readonly tries: number;
}

type Attempt =
  | { readonly kind: "opened"; readonly db: Database }
  | { readonly kind: "refused"; readonly error: unknown }
  | { readonly kind: "struck" };

/** More tries than any plan has faults: a store that still does not open never will. */
const TRIES_MAX = 20;

/**
 * Opens the store through everything that the plan throws at the open. Undefined when that broke a
 * property, which the world knows then.
 */
export function* openThrough(world: World, plan: OpenPlan): Quiescence<Opened | undefined> {
  const crashes: CrashKind[] = [];
  let struck = 0;
  const { excuses } = plan;
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const nested = plan.nested[struck];
    excuses.begin();
    const attempt = yield* openOnce(world, plan.life, nested);
    if (attempt === undefined) {
      return undefined;
    }
    excuses.end();
    if (world.atlas.hasLostTrack) {
      world.broken(violation("harness", "bytes are damaged that the atlas does not know"));
      return undefined;
    }
    if (attempt.kind === "opened") {
      return { db: attempt.db, damage: excuses.damage, crashes, tries: tries + 1 };
    }
    if (attempt.kind === "struck") {
      struck += 1;
      world.probes.hit(plan.creating ? "crash-in-creation" : "crash-in-recovery");
      world.ledger.struck("nested-crash");
      strike(world, nested?.kind ?? "process", crashes);
      continue;
    }
    if (!judgeRefusal(world, attempt.error, excuses)) {
      return undefined;
    }
    restartAfterFailure(world, crashes);
  }
  world.broken(violation("P8", `the store did not open in ${TRIES_MAX} tries`));
  return undefined;
}

function strike(world: World, kind: CrashKind, crashes: CrashKind[]): void {
  crashes.push(kind);
  crash(world, kind);
}

/** After a failed sync some people restart the machine, and some just try again. */
function restartAfterFailure(world: World, crashes: CrashKind[]): void {
  const { struck } = world.injector;
  if (struck !== undefined && struck.ending !== "close") {
    strike(world, struck.ending, crashes);
  }
}

function* openOnce(
  world: World,
  life: number,
  nested: NestedCrash | undefined,
): Quiescence<Attempt | undefined> {
  const { injector, scheduler, trace } = world;
  injector.begin(life);
  world.atlas.begin();
  world.mirror.begin();
  trace.event("open", life);
  let strikeAt = strikingTime(nested, scheduler.steps);
  const call = new CallMark(injector, nested?.at);
  const opening = watch(world.open());
  const until = (): boolean => {
    // In a phase: counted from when the engine says that it has come to it. At a call: from when it is made.
    if (strikeAt === NEVER && nested !== undefined && call.isMade && isIn(world, nested)) {
      strikeAt = scheduler.steps + nested.recoverySteps;
      world.probes.when(nested.at !== undefined, "crash-at-a-call-of-an-open");
    }
    return opening.result !== undefined || scheduler.steps >= strikeAt;
  };
  if (!(yield* settled(world, "open", until))) {
    return undefined;
  }
  const { result } = opening;
  if (result === undefined) {
    return { kind: "struck" };
  }
  return "value" in result
    ? { kind: "opened", db: result.value }
    : { kind: "refused", error: result.error };
}

/** A damaged page was refused, by an open or later. */
export function noteDamagedPage({ atlas, probes }: World): void {
  probes.when(atlas.damagedGroups.has("pages"), "damaged-page-refused");
}

const NEVER = Number.POSITIVE_INFINITY;

function strikingTime(nested: NestedCrash | undefined, now: number): number {
  const waits = nested?.during !== undefined || nested?.at !== undefined;
  return nested === undefined || waits ? NEVER : now + nested.recoverySteps;
}

function isIn({ logger }: World, { during }: NestedCrash): boolean {
  return during === undefined || during === logger.phase.recovery;
}

/**
 * Whether another open may be tried; not when nothing explains the refusal, which breaks P8. A refusal because
 * of damage must have destroyed nothing: the damage is undone and the same store opened again. But where the
 * log was begun anew before other damage was refused, what the log has lost to damage of its own stays lost.
 */
function judgeRefusal(world: World, error: unknown, excuses: OpenExcuses): boolean {
  const code = storeErrorCode(error);
  const { disk, trace, probes } = world;
  trace.event("refused", code ?? "exception");
  if (isExcusedByDamage(world, error)) {
    probes.hit("damage-refused");
    world.ledger.judged();
    if (world.atlas.inDoubt) {
      // There is nothing to undo: what the device never stored is gone, or was built upon.
      world.conclude("refused");
      return false;
    }
    noteDamagedPage(world);
    excuses.keepTrims();
    disk.healAll();
    return true;
  }
  if (isReportedFailure(world, code)) {
    probes.hit("open-failed-and-retried");
    return true;
  }
  world.broken(
    violation("P8", "the store did not open", [
      describeError(error),
      "no fault since the crash explains it",
      ...describeDamage(world),
    ]),
  );
  return false;
}
