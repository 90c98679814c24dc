import { minimise, type Place } from "./numbers.ts";
import type { Case, Passing, Shrinking } from "./shrinking.ts";
import { withTape } from "./shrink-survival.ts";

/** Longer tapes are only cut and calmed in pieces, not number by number. */
const NUMBERS_MAX = 64;

/** Long tapes are calmed in pieces of their length, not choice by choice. */
const PIECES_MAX = 32;

/** Every choice as gentle as it can be: tapes cut short, stretches of them calm, single choices lower. */
export function* shrinkTapes(state: Shrinking): Passing<boolean> {
  let progress = false;
  for (const name of Object.keys(state.best.tapes)) {
    progress = (yield* calm(state, name)) || progress;
    if (tapeOf(state.best, name).length <= NUMBERS_MAX) {
      progress = (yield* lower(state, name)) || progress;
    }
  }
  return progress;
}

function* calm(state: Shrinking, name: string): Passing<boolean> {
  let progress = false;
  const length = tapeOf(state.best, name).length;
  for (let size = length; size > 0 && size * PIECES_MAX >= length; size >>= 1) {
    for (let to = tapeOf(state.best, name).length; to > 0; to -= size) {
      const calmer = tapeOf(state.best, name).map((choice, index) =>
        index >= to - size && index < to ? 0 : choice,
      );
      progress = (yield* state.attempt(withTape(state.best, name, calmer))) || progress;
    }
  }
  return progress;
}

function* lower(state: Shrinking, name: string): Passing<boolean> {
  let progress = false;
  for (let index = 0; index < tapeOf(state.best, name).length; index += 1) {
    const place: Place = {
      read: (from) => tapeOf(from, name)[index],
      write: (into, value) => withTape(into, name, tapeOf(into, name).with(index, value)),
    };
    progress = (yield* minimise(state, place)) || progress;
  }
  return progress;
}

function tapeOf({ tapes }: Case, name: string): readonly number[] {
  return tapes[name] ?? [];
}
