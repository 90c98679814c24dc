import { ABSENT } from "../scenario/values.ts";
import type { IsolationName } from "../scenario/store-spec.ts";
import type { RankRange } from "../scenario/keyspace.ts";

/**
 * What became of an attempt to commit, as its client knows it. `committing` when a crash comes means
 * that it may have landed; so does `unknown`. `refused` is a promise that it did not.
 */
export type AttemptState =
  "open" | "committing" | "acknowledged" | "refused" | "unknown" | "rolled-back";

/** Where a commit number can be read once it is assigned, which may be before the acknowledgement. */
export interface NumberSource {
  readonly commitNumber: number | undefined;
}

/** What an acknowledgement says. */
export interface Receipt {
  readonly number: number;
  /** The policy, or the call, promised that the commit is synced. */
  readonly durable: boolean;
}

/** One attempt of a client to change the store: a transaction, a batch or a one-shot write. */
export class Attempt {
  readonly client: number;
  readonly level: IsolationName;
  /** Contents by rank: what the attempt would leave behind. */
  readonly writes: Map<number, number> = new Map();
  readonly reads: Read[] = [];
  state: AttemptState = "open";
  /** The commit number it reads at; undefined for attempts that read nothing. */
  snapshot: number | undefined;
  /** 0 while none is known. */
  number = 0;
  source: NumberSource | undefined;
  /** Scheduler step at which commit was called. */
  calledAtStep = 0;
  /** The highest commit number that anybody knew to be acknowledged when commit was called. */
  ackedAtCall = 0;
  /** The highest commit number that a barrier had covered when commit was called. */
  durableAtCall = 0;
  acknowledgedMs = 0;
  /** Keys and values written: less than it takes in the log. */
  bytes = 0;
  /** A completed recovery came up without it: it must never be seen again. */
  lost = false;

  constructor(client: number, level: IsolationName) {
    this.client = client;
    this.level = level;
  }

  /** The number it has or was given meanwhile; 0 for none. */
  learnNumber(): number {
    if (this.number === 0) {
      this.number = this.source?.commitNumber ?? 0;
    }
    return this.number;
  }

  /** True when recovery may find it: it was asked to commit, and nobody promised that it did not. */
  get mayHaveLanded(): boolean {
    return this.state === "acknowledged" || this.state === "committing" || this.state === "unknown";
  }
}

/** Which committed state a read saw: exactly the one at `low`, or any from `low` on. */
export interface Vantage {
  readonly kind: "snapshot" | "latest";
  readonly low: number;
}

/** A read whose answer depends on commits; answers from the attempt's own writes are judged at once. */
export type Read = KeyRead | RangeRead;

export interface KeyRead {
  readonly kind: "get";
  readonly client: number;
  readonly vantage: Vantage;
  readonly endStep: number;
  readonly rank: number;
  readonly content: number;
}

export interface RangeRead {
  readonly kind: "scan";
  readonly client: number;
  readonly vantage: Vantage;
  readonly endStep: number;
  readonly range: RankRange;
  readonly reverse: boolean;
  readonly limit: number;
  /** The attempt's own writes when it scanned. */
  readonly own: ReadonlyMap<number, number> | undefined;
  readonly ranks: readonly number[];
  readonly contents: readonly number[];
}

/**
 * One life of the store, from a completed open to the end that a crash or close makes: what was asked
 * and what was answered. Numbers that recovery gives away again belong to the next life.
 */
export class Life {
  /** Number of the last commit that this life began with. */
  readonly base: number;
  /** Contents by rank at `base`. */
  readonly baseState: Int32Array;
  /** Attempts that called commit with something to write, in call order. */
  readonly commits: Attempt[] = [];
  readonly reads: Read[] = [];
  /** The highest acknowledged commit number. */
  acked: number;
  /** Writes of the disk when that one was acknowledged: its own are among them. */
  writesWhenAcked = 0;
  /** The highest commit number covered by a barrier: a sync, a durable commit, or the recovery itself. */
  durable: number;
  /** The highest commit number that a reader's snapshot included. */
  observed: number;
  /** Attempts whose number nobody was told, and whose writes a reader saw. */
  readonly glimpsed: Set<Attempt> = new Set();
  /** A sync call failed in this life. */
  syncFailed = false;
  /** A transaction was too large for memory: its changes went to the log before its commit. */
  spilled = false;

  constructor(base: number, baseState: Int32Array) {
    this.base = base;
    this.baseState = baseState;
    this.acked = base;
    this.durable = base;
    this.observed = base;
  }

  /** Commit is called: from here on the attempt may land. */
  called(attempt: Attempt, step: number): void {
    attempt.state = "committing";
    attempt.calledAtStep = step;
    attempt.ackedAtCall = this.acked;
    attempt.durableAtCall = this.durable;
    if (attempt.writes.size > 0) {
      this.commits.push(attempt);
    }
  }

  acknowledged(attempt: Attempt, receipt: Receipt, ms: number): void {
    attempt.state = "acknowledged";
    attempt.acknowledgedMs = ms;
    if (attempt.writes.size > 0) {
      attempt.number = receipt.number;
      this.acked = Math.max(this.acked, receipt.number);
      if (receipt.durable) {
        this.durable = Math.max(this.durable, receipt.number);
      }
    }
  }

  /** A barrier that was called when `acked` was the highest acknowledged number succeeded. */
  barrierPassed(acked: number): void {
    this.durable = Math.max(this.durable, acked);
  }

  began(attempt: Attempt, snapshot: number): void {
    attempt.snapshot = snapshot;
    this.observed = Math.max(this.observed, snapshot);
  }
}

/** Every value ever written, and by whom, over all lives. For explaining wrong states. */
export class Authors {
  private readonly byContent: Attempt[][] = [];

  wrote(attempt: Attempt, content: number): void {
    if (content !== ABSENT) {
      (this.byContent[content] ??= []).push(attempt);
    }
  }

  of(content: number): readonly Attempt[] {
    return this.byContent[content] ?? [];
  }
}
