import type { ChoiceTapes } from "../core/streams.ts";
import type { Passing, Shrinking } from "./shrinking.ts";

/** What decides when things happen, and nothing else. */
const SCHEDULE = /^(latency|timers|pace|entropy|faults)(\/|$)/;

/**
 * The gentlest schedule, if the failure does not need another: then nothing that is removed later moves
 * anything else. Else the streams that can do without their choices, one by one.
 */
export function* shrinkSchedule(state: Shrinking): Passing<boolean> {
  const names = Object.keys(state.best.tapes).filter((name) => SCHEDULE.test(name));
  if (names.length === 0) {
    return false;
  }
  if (yield* state.attempt({ ...state.best, tapes: without(state.best.tapes, names) })) {
    return true;
  }
  let progress = false;
  for (const name of names) {
    const tapes = without(state.best.tapes, [name]);
    progress = (yield* state.attempt({ ...state.best, tapes })) || progress;
  }
  return progress;
}

export function without(tapes: ChoiceTapes, names: readonly string[]): ChoiceTapes {
  return Object.fromEntries(Object.entries(tapes).filter(([name]) => !names.includes(name)));
}
