import { Hash64 } from "../core/hash64.ts";
import { calmEnded, type ChoiceTapes, type OffTape } from "../core/streams.ts";
import type { Violation } from "../oracle/verdict.ts";
import type { RunResult } from "../run/run-scenario.ts";
import type { Scenario } from "../scenario/scenario.ts";

/** A run as data: what is asked of the store, and what the disk, the faults and the clock choose. */
export interface Case {
  readonly scenario: Scenario;
  readonly tapes: ChoiceTapes;
  /** What is drawn where a tape has ended. A shrunk case ends its tapes where only calm follows. */
  readonly offTape: OffTape;
}

/**
 * Part of a shrink: yields cases to be run, and is sent what running them with `record: true` gave. It
 * knows neither how runs are made nor how much time there is; `undefined` instead of a result ends it.
 */
export type Passing<T> = Generator<Case, T, RunResult | undefined>;

/** What a shrink tries to keep broken while it makes everything else smaller. */
export class Shrinking {
  best: Case;
  /** Runs asked for. */
  runs = 0;
  private readonly kind: string;
  private readonly runsMax: number;
  private readonly tried = new Set<string>();
  private stopped = false;

  constructor(first: Case, broken: Violation, runsMax: number) {
    this.best = first;
    this.kind = kindOf(broken);
    this.runsMax = runsMax;
    this.tried.add(digestOf(first));
  }

  /** No run is left to spend. */
  get isSpent(): boolean {
    return this.stopped || this.runs >= this.runsMax;
  }

  /** True when the candidate fails as the best does: it is the best from then on. */
  *attempt(candidate: Case): Passing<boolean> {
    const digest = digestOf(candidate);
    if (this.isSpent || this.tried.has(digest)) {
      return false;
    }
    this.tried.add(digest);
    this.runs += 1;
    const result = yield candidate;
    this.stopped ||= result === undefined;
    if (result?.violation === undefined || kindOf(result.violation) !== this.kind) {
      return false;
    }
    this.best = { ...candidate, tapes: calmEnded(result.tapes ?? {}), offTape: "gentlest" };
    this.tried.add(digestOf(this.best));
    return true;
  }

  /** The first of the candidates that fails as the best does. */
  *attemptAny(candidates: Iterable<Case>): Passing<boolean> {
    for (const candidate of candidates) {
      if (yield* this.attempt(candidate)) {
        return true;
      }
    }
    return false;
  }

  *attemptScenarios(scenarios: Iterable<Scenario>): Passing<boolean> {
    for (const scenario of scenarios) {
      if (yield* this.attempt({ ...this.best, scenario })) {
        return true;
      }
    }
    return false;
  }
}

/** Properties that many different bugs break: for these the words count too, without their numbers. */
const NEEDS_WORDS: ReadonlySet<string> = new Set(["P5", "P8", "P11", "harness"]);

/** What has to stay the same for a smaller case to fail in the same way. */
export function kindOf({ property, message }: Violation): string {
  return NEEDS_WORDS.has(property) ? `${property} ${message.replaceAll(/\d+/g, "#")}` : property;
}

function digestOf(value: Case): string {
  const hash = new Hash64();
  hash.string(JSON.stringify(value));
  return hash.hex;
}
