import type { CommitLog } from "./commit-log.ts";
import type { Attempt, Authors } from "./history.ts";

/** Puts ranks and contents into words. */
export interface Wording {
  key(rank: number): string;
  content(content: number): string;
}

/** What a completed open came up with. */
export interface Recovered {
  /** Number of the last commit, as the store reports it. */
  readonly last: number;
  /** Contents by rank, read back from the store. */
  readonly state: Int32Array;
}

export interface RecoveryCase {
  readonly log: CommitLog;
  readonly recovered: Recovered;
  /** The lowest acceptable `last`. */
  readonly floor: number;
  /** Attempts whose number nobody was told, and which have to survive because a reader saw them. */
  readonly glimpsed: Iterable<Attempt>;
  /** For people: which crash, and what it owed. */
  readonly context: string;
  /** Durable bytes were changed: a wrong state is a failure to detect. */
  readonly damaged: boolean;
  readonly authors: Authors;
  readonly wording: Wording;
}
