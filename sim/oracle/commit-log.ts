import type { Attempt, Life } from "./history.ts";
import { violation, type Violation } from "./verdict.ts";

/**
 * The commits of one life in commit order: the reference model. A slot is empty when its number was given
 * to a one-shot write that was in flight when the life ended: which one, only recovery can tell.
 */
export class CommitLog {
  readonly base: number;
  readonly baseState: Int32Array;
  private readonly slots: (Attempt | undefined)[];
  /** Attempts that may have landed under a number nobody was told. */
  readonly unnumbered: readonly Attempt[];

  constructor(life: Life, slots: (Attempt | undefined)[], unnumbered: readonly Attempt[]) {
    this.base = life.base;
    this.baseState = life.baseState;
    this.slots = slots;
    this.unnumbered = unnumbered;
  }

  /** The highest number known to be given. */
  get last(): number {
    return this.base + this.slots.length;
  }

  /** The highest number that can have been given. */
  get lastPossible(): number {
    return this.last + Math.max(0, this.unnumbered.length - this.emptySlots(this.last));
  }

  at(number: number): Attempt | undefined {
    return this.slots[number - this.base - 1];
  }

  /** Recovery showed which attempt has that number. */
  fill(number: number, attempt: Attempt): void {
    this.slots[number - this.base - 1] = attempt;
  }

  /** Numbers up to `last` that have no known commit. */
  emptySlots(last: number): number {
    let count = 0;
    for (let number = this.base + 1; number <= last; number += 1) {
      count += this.at(number) === undefined ? 1 : 0;
    }
    return count;
  }

  /** The state after the first commits up to that number. */
  stateAt(number: number): Int32Array {
    const state = this.baseState.slice();
    for (let at = this.base + 1; at <= number; at += 1) {
      for (const [rank, content] of this.at(at)?.writes ?? []) {
        state[rank] = content;
      }
    }
    return state;
  }
}

/**
 * Puts the commits of a life in order. Fails when the numbers themselves are wrong: given twice, not
 * dense, or against real time (a commit acknowledged before another was called comes before it).
 */
export function orderCommits(life: Life): CommitLog | Violation {
  const slots: (Attempt | undefined)[] = [];
  const unnumbered: Attempt[] = [];
  for (const attempt of life.commits) {
    if (!attempt.mayHaveLanded) {
      continue;
    }
    const number = attempt.learnNumber();
    if (number === 0) {
      if (attempt.source === undefined) {
        unnumbered.push(attempt);
      }
      continue;
    }
    const wrong = misnumbered(life, attempt, slots[number - life.base - 1]);
    if (wrong !== undefined) {
      return wrong;
    }
    slots[number - life.base - 1] = attempt;
  }
  for (let index = 0; index < slots.length; index += 1) {
    slots[index] ??= undefined;
  }
  return checkedDense(new CommitLog(life, slots, unnumbered));
}

function misnumbered(
  life: Life,
  attempt: Attempt,
  holder: Attempt | undefined,
): Violation | undefined {
  const number = attempt.number;
  if (number <= life.base) {
    return violation("P3", `commit number ${number} was given again`, [
      `this life of the store began after commit ${life.base}`,
    ]);
  }
  if (holder !== undefined) {
    return violation("P3", `two commits have the number ${number}`, [
      `clients ${holder.client} and ${attempt.client}`,
    ]);
  }
  if (number <= attempt.ackedAtCall) {
    return violation("P3", "the commit order contradicts real time", [
      `client ${attempt.client} called commit after ${attempt.ackedAtCall} was acknowledged, and got ${number}`,
    ]);
  }
  return undefined;
}

function checkedDense(log: CommitLog): CommitLog | Violation {
  const empty = log.emptySlots(log.last);
  if (empty > log.unnumbered.length) {
    return violation("P3", "commit numbers have a hole", [
      `${empty} numbers up to ${log.last} belong to no commit; ${log.unnumbered.length} could have one`,
    ]);
  }
  return log;
}

/** What an assignment of attempts to the empty slots of a log has to explain. */
export interface ToExplain {
  /** The number of the last commit. */
  readonly last: number;
  /** The state after it. */
  readonly found: Int32Array;
  /** Attempts that landed for sure. */
  readonly landed: readonly Attempt[];
}

/**
 * Which in-flight attempts the empty slots up to `last` belong to, so that the state afterwards is
 * `found`; undefined when no assignment explains it. Goes from the last commit back: what the last one
 * wrote must be there, what an earlier one wrote only where nothing later covers it.
 */
export function assignUnnumbered(
  log: CommitLog,
  { last, found, landed }: ToExplain,
): ReadonlyMap<number, Attempt> | undefined {
  const assigned = new Map<number, Attempt>();
  const covered = new Set<number>();
  return assignFrom({ log, found, landed, assigned, covered }, last) ? assigned : undefined;
}

interface Search {
  readonly log: CommitLog;
  readonly found: Int32Array;
  readonly landed: readonly Attempt[];
  readonly assigned: Map<number, Attempt>;
  readonly covered: Set<number>;
}

function assignFrom(search: Search, number: number): boolean {
  const { log } = search;
  if (number === log.base) {
    return isExplained(search);
  }
  const known = log.at(number);
  if (known !== undefined) {
    return tryAttempt(search, number, known);
  }
  const taken = new Set(search.assigned.values());
  // A commit that was acknowledged before this one was called comes before it.
  const free = log.unnumbered.filter(
    (attempt) => !taken.has(attempt) && attempt.ackedAtCall < number,
  );
  return free.some((attempt) => {
    search.assigned.set(number, attempt);
    const explained = tryAttempt(search, number, attempt);
    if (!explained) {
      search.assigned.delete(number);
    }
    return explained;
  });
}

function isExplained({ log, found, landed, assigned, covered }: Search): boolean {
  const taken = new Set(assigned.values());
  return (
    landed.every((attempt) => taken.has(attempt)) &&
    log.baseState.every((content, rank) => covered.has(rank) || found[rank] === content)
  );
}

function tryAttempt(search: Search, number: number, attempt: Attempt): boolean {
  const added: number[] = [];
  let matches = true;
  for (const [rank, content] of attempt.writes) {
    if (!search.covered.has(rank)) {
      matches &&= search.found[rank] === content;
      added.push(rank);
    }
  }
  for (const rank of added) {
    search.covered.add(rank);
  }
  if (matches && assignFrom(search, number - 1)) {
    return true;
  }
  for (const rank of added) {
    search.covered.delete(rank);
  }
  return false;
}
