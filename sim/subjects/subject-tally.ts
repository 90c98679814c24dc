import type { CrashKind } from "../disk/crash-summary.ts";
import { CRASH_KINDS, type SubjectCrash, type SubjectRun } from "./run-subject.ts";
import { type Outcome, OUTCOMES, type SubjectPromise } from "./subject.ts";

/**
 * `held`: nothing but what the promise allows. `not-shown`: that, but what the promise says may happen never
 * did: the disk is gentler than the one that the promise is about, or there were too few crashes.
 */
export type SubjectVerdict = "held" | "broken" | "not-shown" | "not-tested";

/** A crash that shows an outcome. */
export interface SubjectExample {
  readonly seed: string;
  readonly outcome: Outcome;
  readonly story: readonly string[];
}

/** What came of all crashes of one kind. Plain data. */
export interface SubjectRow {
  readonly kind: CrashKind;
  readonly crashes: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly promise: SubjectPromise;
  readonly verdict: SubjectVerdict;
  /** Of each outcome but `kept` the one with the lowest seed. */
  readonly examples: readonly SubjectExample[];
}

/** Adds up what the crashes of many seeds left, and judges it by what the subject's makers say. */
export class SubjectTally {
  readonly #promises: Readonly<Record<CrashKind, SubjectPromise>>;
  readonly #counts = new Map<CrashKind, Map<Outcome, number>>(
    CRASH_KINDS.map((kind) => [kind, new Map()]),
  );
  readonly #examples = new Map<string, SubjectExample>();

  constructor(promises: Readonly<Record<CrashKind, SubjectPromise>>) {
    this.#promises = promises;
  }

  add({ seed, crashes }: Pick<SubjectRun, "seed" | "crashes">): void {
    for (const crash of crashes) {
      this.#add(crash, seed);
    }
  }

  rows(): SubjectRow[] {
    return CRASH_KINDS.map((kind) => {
      const outcomes = this.#outcomesOf(kind);
      const promise = this.#promises[kind];
      const crashes = OUTCOMES.reduce((sum, outcome) => sum + outcomes[outcome], 0);
      const examples = OUTCOMES.flatMap((outcome) => {
        const example = this.#examples.get(`${kind} ${outcome}`);
        return example === undefined ? [] : [example];
      });
      return { kind, crashes, outcomes, promise, verdict: verdictOf(outcomes, promise), examples };
    });
  }

  #add({ kind, outcome, story }: SubjectCrash, seed: string): void {
    const counts = this.#counts.get(kind);
    counts?.set(outcome, 1 + (counts.get(outcome) ?? 0));
    const key = `${kind} ${outcome}`;
    const known = this.#examples.get(key);
    if (outcome !== "kept" && (known === undefined || Number(seed) < Number(known.seed))) {
      this.#examples.set(key, { seed, outcome, story });
    }
  }

  #outcomesOf(kind: CrashKind): Record<Outcome, number> {
    const counts = this.#counts.get(kind);
    const count = (outcome: Outcome): number => counts?.get(outcome) ?? 0;
    return {
      kept: count("kept"),
      "last-lost": count("last-lost"),
      "suffix-lost": count("suffix-lost"),
      wrong: count("wrong"),
      corrupt: count("corrupt"),
      refused: count("refused"),
      runaway: count("runaway"),
    };
  }
}

function verdictOf(
  outcomes: Readonly<Record<Outcome, number>>,
  { allows, shows }: SubjectPromise,
): SubjectVerdict {
  const seen = OUTCOMES.filter((outcome) => outcomes[outcome] > 0);
  if (seen.length === 0) {
    return "not-tested";
  }
  if (seen.some((outcome) => !allows.includes(outcome))) {
    return "broken";
  }
  return shows === undefined || seen.some((outcome) => shows.includes(outcome))
    ? "held"
    : "not-shown";
}
