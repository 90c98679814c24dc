import { violation } from "../oracle/verdict.ts";
import { describeError, stackOf } from "./engine-port.ts";
import type { World } from "./world.ts";

/**
 * A part of a run. Where the world cannot drain the micro-tasks itself, it yields whenever everything
 * that is ready to run has to run before anything else may happen.
 */
export type Quiescence<T> = Generator<undefined, T, undefined>;

/**
 * Steps the world until the condition holds, which is asked only when nothing is left to run at once.
 * False when it can never hold, which breaks P11, or when a property broke on the way.
 */
export function* settled(world: World, what: string, until: () => boolean): Quiescence<boolean> {
  const { drain } = world;
  world.waitsFor = what;
  for (;;) {
    if (drain === undefined) {
      yield;
    } else if (!drain()) {
      throw new Endless(what);
    }
    if (world.isEnded) {
      return false;
    }
    if (until()) {
      return true;
    }
    if (!step(world, what)) {
      return false;
    }
  }
}

/** To the end of a part that cannot drain the micro-tasks; `settle` resolves when none is left. */
export async function finish<T>(part: Quiescence<T>, settle: () => Promise<void>): Promise<T> {
  for (;;) {
    const { done, value } = part.next();
    if (done === true) {
      return value;
    }
    await settle();
  }
}

/** Ends a run at once: code that had no end was cut off, and what it left is nothing to go on with. */
export class Endless extends Error {
  override readonly name = "Endless";
}

/** Code ran that never lets anything else happen: somebody had to cut it off. */
export function breakEndless(world: World): void {
  world.broken(violation("P11", `code runs without end, and nothing else can: ${world.waitsFor}`));
}

/** Lets the next thing happen. False when nothing may. */
function step(world: World, what: string): boolean {
  if (!canGoOn(world, what)) {
    return false;
  }
  world.beforeStep();
  try {
    world.scheduler.step();
  } catch (error) {
    const details = [what, describeError(error), stackOf(error)];
    world.broken(violation("P5", "a bug surfaced in a callback", details));
  }
  world.path?.noteStep();
  return true;
}

function canGoOn(world: World, what: string): boolean {
  const { scheduler } = world;
  const { stepsMax, virtualMsMax } = world.limits;
  if (scheduler.pendingCount === 0) {
    world.broken(violation("P11", `nothing is left to happen, and this has not ended: ${what}`));
    return false;
  }
  if (scheduler.steps > stepsMax || world.nowMs > virtualMsMax) {
    const details = [`${scheduler.steps} steps, ${world.nowMs} virtual ms`];
    world.broken(violation("P11", `this does not end: ${what}`, details));
    return false;
  }
  return true;
}

/** How a promise of the store ended; undefined while it has not. */
export interface Outcome<T> {
  result: { readonly value: T } | { readonly error: unknown } | undefined;
}

/** Watches a promise without waiting for it. */
export function watch<T>(promise: Promise<T>): Outcome<T> {
  const outcome: Outcome<T> = { result: undefined };
  promise.then(
    (value) => {
      outcome.result = { value };
    },
    (error: unknown) => {
      outcome.result = { error };
    },
  );
  return outcome;
}

/** Steps the world until a promise has ended; undefined when a property broke first. */
export function* ended<T>(
  world: World,
  what: string,
  promise: Promise<T>,
): Quiescence<{ readonly value: T } | { readonly error: unknown } | undefined> {
  const outcome = watch(promise);
  return (yield* settled(world, what, () => outcome.result !== undefined))
    ? outcome.result
    : undefined;
}
