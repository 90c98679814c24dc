import { Deque } from "../base/deque.ts";
import type { CommitNumber, Lsn } from "../base/units.ts";
import type { AcknowledgeAt, Backlog } from "./sync-policy.ts";

/** A commit whose records are in the log buffer. */
export interface AppendedCommit {
  readonly commitNumber: CommitNumber;
  /** LSN behind its last record. */
  readonly endLsn: Lsn;
  readonly bytes: number;
  readonly appendedMs: number;
  /** Acknowledge only once synced, whatever the policy says. */
  readonly mustSync: boolean;
}

/** How far the log has come. */
export interface LogProgress {
  readonly appended: Lsn;
  readonly written: Lsn;
  readonly synced: Lsn;
}

interface Waiter {
  readonly commit: AppendedCommit;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Counts what is between two points of a commit's way, oldest first. */
class BacklogCounter {
  readonly #commits = new Deque<AppendedCommit>();
  #bytes = 0;

  get backlog(): Backlog {
    return {
      commits: this.#commits.length,
      bytes: this.#bytes,
      oldestMs: this.#commits.peek()?.appendedMs,
    };
  }

  add(commit: AppendedCommit): void {
    this.#commits.push(commit);
    this.#bytes += commit.bytes;
  }

  /** Removes the commits that end at or before the LSN; returns the number of the last one. */
  passed(lsn: Lsn): CommitNumber | undefined {
    let last: CommitNumber | undefined;
    for (;;) {
      const oldest = this.#commits.peek();
      if (oldest === undefined || oldest.endLsn > lsn) {
        return last;
      }
      this.#commits.shift();
      this.#bytes -= oldest.bytes;
      last = oldest.commitNumber;
    }
  }
}

/** Commits on their way from the log buffer to durability, in commit order. */
export class CommitQueue {
  readonly #level: AcknowledgeAt;
  readonly #buffered = new BacklogCounter();
  readonly #unsynced = new BacklogCounter();
  readonly #unpublished = new BacklogCounter();
  #waiters: Waiter[] = [];
  #visible: CommitNumber;

  constructor(level: AcknowledgeAt, visible: CommitNumber) {
    this.#level = level;
    this.#visible = visible;
  }

  get buffered(): Backlog {
    return this.#buffered.backlog;
  }

  get unsynced(): Backlog {
    return this.#unsynced.backlog;
  }

  /**
   * The last commit that others may see. A commit is visible where its policy acknowledges it, not
   * before: a reader must not act on a value that a power cut can still take back.
   */
  get visible(): CommitNumber {
    return this.#visible;
  }

  add(commit: AppendedCommit): void {
    this.#buffered.add(commit);
    this.#unsynced.add(commit);
    this.#unpublished.add(commit);
  }

  /** Resolves once the commit may be acknowledged; rejects when it cannot be known any more. */
  // oxlint-disable-next-line typescript/promise-function-async -- an async function costs another promise
  acknowledged(commit: AppendedCommit): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#waiters.push({ commit, resolve, reject });
    });
  }

  /** Resolves once everything appended so far is visible. Rejects when that will never be. */
  async published(endLsn: Lsn, nowMs: number): Promise<void> {
    if (this.#unpublished.backlog.commits === 0) {
      return;
    }
    const commitNumber = this.#visible;
    await this.acknowledged({ commitNumber, endLsn, bytes: 0, appendedMs: nowMs, mustSync: false });
  }

  /** The writer has taken everything up to here. */
  handedToWrite(lsn: Lsn): void {
    this.#buffered.passed(lsn);
  }

  /** Publishes and acknowledges what the progress allows. While `hold`, nothing that is not synced. */
  advance(progress: LogProgress, hold: boolean): void {
    this.#unsynced.passed(progress.synced);
    const reached = progress[this.#level];
    this.#visible = this.#unpublished.passed(reached) ?? this.#visible;
    if (this.#waiters.length === 0) {
      return;
    }
    const still: Waiter[] = [];
    for (const waiter of this.#waiters) {
      const { endLsn, mustSync } = waiter.commit;
      if (endLsn <= (mustSync || hold ? progress.synced : reached)) {
        waiter.resolve();
      } else {
        still.push(waiter);
      }
    }
    this.#waiters = still;
  }

  /** Nobody will ever know about these any more. */
  rejectAll(error: unknown): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) {
      waiter.reject(error);
    }
  }
}
