import type { Case, Passing, Shrinking } from "./shrinking.ts";
import { without } from "./shrink-schedule.ts";

/** How a crash's tape of choices begins; see disk/crash-style.ts. */
const NOTHING_SURVIVES = [1];
const A_PREFIX_SURVIVES = 2;
const EACH_BY_ITSELF: readonly number[] = [10, 3];

/** More un-synced pieces than a small scenario has. */
const PIECES_MAX = 256;

/**
 * Says for each crash as simply as possible what survived it: everything; else nothing; else the first
 * so many pieces; else piece by piece, with as few lost as the failure needs.
 */
export function* shrinkSurvival(state: Shrinking): Passing<boolean> {
  let progress = false;
  const names = Object.keys(state.best.tapes).filter((name) => name.startsWith("survival"));
  for (const name of names) {
    if (yield* state.attempt(withTape(state.best, name, []))) {
      progress = true;
    } else if (!name.endsWith("-landing")) {
      progress = (yield* simplify(state, name)) || progress;
    }
  }
  return progress;
}

function* simplify(state: Shrinking, name: string): Passing<boolean> {
  const tape = state.best.tapes[name] ?? [];
  if (isSimple(tape)) {
    return yield* keepMore(state, name);
  }
  const { best } = state;
  if (yield* state.attempt(withTape(best, name, NOTHING_SURVIVES))) {
    return true;
  }
  const prefixes = [0, 1, 2, 3, 4, 6, 8].map((pieces) =>
    withTape(best, name, [A_PREFIX_SURVIVES, pieces]),
  );
  if (yield* state.attemptAny(prefixes)) {
    return true;
  }
  const allLost = [...EACH_BY_ITSELF, ...Array.from({ length: PIECES_MAX }, () => 1)];
  return (
    (yield* state.attempt(withTape(best, name, allLost))) && (yield* keepMore(state, name), true)
  );
}

function isSimple(tape: readonly number[]): boolean {
  const [shape, share] = tape;
  return (shape === 1 && tape.length === 1) || shape === 2 || (shape === 10 && share === 3);
}

/** Where pieces are drawn one by one: turns losses into survivals, many at once first. */
function* keepMore(state: Shrinking, name: string): Passing<boolean> {
  let progress = false;
  const from = EACH_BY_ITSELF.length;
  if (state.best.tapes[name]?.[0] !== EACH_BY_ITSELF[0]) {
    return false;
  }
  for (let size = (state.best.tapes[name] ?? []).length - from; size > 0; size >>= 1) {
    for (let at = from; at < (state.best.tapes[name] ?? []).length; at += size) {
      const tape = state.best.tapes[name] ?? [];
      const calmer = tape.map((choice, index) => (index >= at && index < at + size ? 0 : choice));
      progress = (yield* state.attempt(withTape(state.best, name, calmer))) || progress;
    }
  }
  return progress;
}

export function withTape(from: Case, name: string, tape: readonly number[]): Case {
  const tapes = tape.length === 0 ? without(from.tapes, [name]) : { ...from.tapes, [name]: tape };
  return { ...from, tapes };
}
