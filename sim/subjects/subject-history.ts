import { defined } from "../../engine/base/assert.ts";
import { applyWrites } from "./apply-writes.ts";
import type { Outcome, SubjectWrite } from "./subject.ts";

/** What a store holds, by key. */
export type Contents = ReadonlyMap<string, string>;

/** How much of a history had happened at some moment. */
export interface Progress {
  /** Commits that were acknowledged. */
  readonly acknowledged: number;
  /** Those and the one in flight. */
  readonly attempted: number;
}

/** What a subject was found to hold: an outcome, and which commit it stands at where it is one it had. */
export interface Found {
  readonly outcome: Outcome;
  readonly commit: number | undefined;
}

/** Every state that a subject was brought into, commit by commit: the obvious model of a store. */
export class SubjectHistory {
  /** The state after each commit; the first is the one before any. */
  readonly #states: Contents[];
  #acknowledged: number;

  constructor(states: readonly Contents[] = [new Map()]) {
    this.#states = [...states];
    this.#acknowledged = states.length - 1;
  }

  get progress(): Progress {
    return { acknowledged: this.#acknowledged, attempted: this.#states.length - 1 };
  }

  /** The state with all commits in it. */
  get latest(): Contents {
    return defined(this.#states.at(-1), "the first state");
  }

  attempt(writes: readonly SubjectWrite[]): void {
    const state = new Map(this.latest);
    applyWrites(state, writes);
    this.#states.push(state);
  }

  acknowledge(): void {
    this.#acknowledged = this.#states.length - 1;
  }

  /** The history of a store that came back with that commit as its last. */
  upTo(commit: number): SubjectHistory {
    return new SubjectHistory(this.#states.slice(0, commit + 1));
  }

  /**
   * What a store that came back holds. States that are alike count as the latest of them, and what is lost
   * is counted in commits that changed something: of the others a store need not have kept anything.
   */
  judge({ acknowledged, attempted }: Progress, contents: Contents): Found {
    for (let commit = attempted; commit >= 0; commit -= 1) {
      if (isSame(contents, defined(this.#states[commit], "a state of the history"))) {
        return { outcome: outcomeOf(this.#changesBetween(commit, acknowledged)), commit };
      }
    }
    return { outcome: "wrong", commit: undefined };
  }

  /** How what was found differs from a state, for people: a few keys. */
  difference(commit: number, contents: Contents): string {
    const expected = defined(this.#states[commit], "a state of the history");
    const keys = [...new Set([...expected.keys(), ...contents.keys()])].toSorted();
    const differing = keys.filter((key) => expected.get(key) !== contents.get(key));
    const shown = differing.slice(0, KEYS_SHOWN).map((key) => {
      return `${key} is ${excerpt(contents.get(key))} instead of ${excerpt(expected.get(key))}`;
    });
    return [...shown, ...(differing.length > KEYS_SHOWN ? ["and more"] : [])].join(", ");
  }

  #changesBetween(commit: number, later: number): number {
    let changes = 0;
    for (let at = commit + 1; at <= later; at += 1) {
      const [before, after] = [this.#states[at - 1], this.#states[at]];
      changes += Number(!isSame(defined(before, "a state"), defined(after, "a state")));
    }
    return changes;
  }
}

const KEYS_SHOWN = 3;
const EXCERPT_LENGTH = 24;

function outcomeOf(lost: number): Outcome {
  if (lost === 0) {
    return "kept";
  }
  return lost === 1 ? "last-lost" : "suffix-lost";
}

function isSame(one: Contents, other: Contents): boolean {
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
}

function excerpt(value: string | undefined): string {
  if (value === undefined) {
    return "missing";
  }
  return value.length <= EXCERPT_LENGTH
    ? JSON.stringify(value)
    : `${JSON.stringify(value.slice(0, EXCERPT_LENGTH))}... (${value.length} bytes)`;
}
