import { defined } from "../base/assert.ts";
import { SeawallError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { lsn as toLsn } from "../base/units.ts";
import type { CommitNumber, Lsn } from "../base/units.ts";
import type { Clock, Timer } from "../platform/clock.ts";
import { CommitQueue } from "./commit-queue.ts";
import type { AppendedCommit, LogProgress } from "./commit-queue.ts";
import type { LogBuffer } from "./log-buffer.ts";
import type { SegmentWriter } from "./segment-writer.ts";
import { checkedDecision } from "./sync-policy.ts";
import type { SyncDecision, SyncPolicy, SyncPolicyState } from "./sync-policy.ts";

export interface LogWriterOptions {
  readonly buffer: LogBuffer;
  readonly segments: SegmentWriter;
  readonly policy: SyncPolicy;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly visible: CommitNumber;
}

/**
 * Full segments that may be without a sync, whatever the policy: each keeps a file open and its commits
 * counted.
 */
const UNSYNCED_SEGMENTS_MAX = 8;

/**
 * Moves the log buffer to disk when the sync policy says so, and acknowledges commits. One write and
 * one sync at a time. After either fails nothing more is written, synced or acknowledged: a sync that is
 * tried again proves nothing, because the system may have dropped what the first could not write.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #queue: CommitQueue;
  /** The write and the sync that are under way. */
  readonly #underWay = new Set<Promise<void>>();
  #writing = false;
  #syncing = false;
  /** Everything up to here is to be synced whatever the policy says. */
  #syncRequestedLsn = 0;
  #flushWaiters: { readonly lsn: Lsn; resolve: () => void; reject: (error: unknown) => void }[] =
    [];
  #soon: Timer | undefined;
  #wake: Timer | undefined;
  #failure: SeawallError | undefined;

  constructor(options: LogWriterOptions) {
    this.#options = options;
    this.#queue = new CommitQueue(options.policy.acknowledgeAt, options.visible);
  }

  get visible(): CommitNumber {
    return this.#queue.visible;
  }

  /** Set once the log can take no more: after a failed write or sync. */
  get failure(): SeawallError | undefined {
    return this.#failure;
  }

  get syncedLsn(): Lsn {
    return this.#options.segments.syncedLsn;
  }

  /** Commits that no completed sync covers. */
  get unsyncedCommits(): number {
    return this.#queue.unsynced.commits;
  }

  /** A commit is in the buffer. Resolves when the policy lets it be acknowledged. */
  // oxlint-disable-next-line typescript/promise-function-async -- an async function costs another promise
  appended(commit: AppendedCommit): Promise<void> {
    this.#queue.add(commit);
    if (commit.mustSync) {
      this.#syncRequestedLsn = Math.max(this.#syncRequestedLsn, commit.endLsn);
    }
    const acknowledged = this.#queue.acknowledged(commit);
    if (this.#options.policy.acknowledgeAt === "appended") {
      this.#settle(this.#decide());
    }
    this.#evaluateSoon();
    return acknowledged;
  }

  /** Makes everything appended so far durable. @throws SeawallError `OUTCOME_UNKNOWN` when a sync fails. */
  async sync(): Promise<void> {
    const lsn = this.#options.buffer.endLsn;
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    if (lsn <= this.syncedLsn) {
      return;
    }
    this.#syncRequestedLsn = Math.max(this.#syncRequestedLsn, lsn);
    const done = new Promise<void>((resolve, reject) => {
      this.#flushWaiters.push({ lsn, resolve, reject });
    });
    this.#evaluateSoon();
    await done;
  }

  /** Resolves once every commit appended so far is visible. @throws SeawallError `OUTCOME_UNKNOWN`. */
  async published(): Promise<void> {
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    const { buffer, clock } = this.#options;
    await this.#queue.published(buffer.endLsn, clock.monotonicMs());
  }

  /** Nothing more is written; whoever waits gets an error. @see #fail */
  stop(cause: unknown, what: string): void {
    this.#fail(cause, what);
  }

  async close(): Promise<void> {
    this.#soon?.cancel();
    this.#wake?.cancel();
    const { buffer, segments } = this.#options;
    segments.stop();
    // A write that lands after the close could land in a file that the next opening has taken over.
    await Promise.allSettled(this.#underWay);
    await segments.close(buffer.waitingSegments());
  }

  /**
   * Decides once everything that is ready to run has run: commits that were called together, or whose
   * callers were just acknowledged, then share one write.
   */
  #evaluateSoon(): void {
    this.#soon ??= this.#options.clock.setTimer(0, () => {
      this.#soon = undefined;
      this.#evaluate();
    });
  }

  #evaluate(): void {
    if (this.#failure !== undefined) {
      return;
    }
    const decision = this.#decide();
    this.#settle(decision);
    this.#syncIfDue(decision);
    const { buffer, segments } = this.#options;
    const mustWrite = this.#requestedLsn() > segments.writtenLsn;
    if ((decision.write || mustWrite) && !this.#writing && !buffer.isEmpty) {
      this.#run(this.#write());
    }
    this.#wakeAt(decision.wakeAtMs);
  }

  #syncIfDue(decision: SyncDecision): void {
    const { segments } = this.#options;
    const requestedLsn = this.#requestedLsn();
    const mustSync = requestedLsn > 0 && requestedLsn <= segments.writtenLsn;
    if ((decision.sync || mustSync) && !this.#syncing && segments.unsyncedBytes > 0) {
      this.#run(this.#sync());
    }
  }

  /** What is to be synced whatever the policy says; 0 when nothing is. */
  #requestedLsn(): number {
    const { segments } = this.#options;
    if (segments.finishedUnsynced >= UNSYNCED_SEGMENTS_MAX) {
      this.#syncRequestedLsn = Math.max(this.#syncRequestedLsn, segments.writtenLsn);
    }
    return this.#syncRequestedLsn > this.syncedLsn ? this.#syncRequestedLsn : 0;
  }

  #wakeAt(wakeAtMs: number | undefined): void {
    this.#wake?.cancel();
    this.#wake = undefined;
    if (wakeAtMs !== undefined) {
      const delayMs = Math.max(0, wakeAtMs - this.#options.clock.monotonicMs());
      this.#wake = this.#options.clock.setTimer(delayMs, () => {
        this.#evaluate();
      });
    }
  }

  async #write(): Promise<void> {
    this.#writing = true;
    const { buffer, segments } = this.#options;
    // Only what is there now: what arrives meanwhile must not keep a sync from starting.
    const endLsn = buffer.endLsn;
    for (let lsn = 0; lsn < endLsn && !buffer.isEmpty && this.#failure === undefined;) {
      const batch = defined(buffer.take(), "a batch to write");
      lsn = batch.lsn + batch.bytes.length;
      this.#queue.handedToWrite(toLsn(lsn));
      await segments.write(batch);
      buffer.written(batch);
    }
    this.#writing = false;
  }

  async #sync(): Promise<void> {
    this.#syncing = true;
    const bytes = this.#options.segments.unsyncedBytes;
    await this.#options.segments.sync();
    this.#syncing = false;
    const lsn = this.syncedLsn;
    this.#options.logger.debug({ event: "log.sync", lsn, bytes }, "log synced");
    this.#flushWaiters = this.#flushWaiters.filter((waiter) => {
      if (waiter.lsn <= lsn) {
        waiter.resolve();
      }
      return waiter.lsn > lsn;
    });
  }

  #run(step: Promise<void>): void {
    this.#underWay.add(step);
    step.then(
      () => {
        this.#underWay.delete(step);
        this.#stepEnded();
      },
      (error: unknown) => {
        this.#fail(error);
      },
    );
  }

  /** Who was acknowledged may have more to write, and comes first; a sync gains nothing by waiting. */
  #stepEnded(): void {
    const decision = this.#decide();
    this.#settle(decision);
    if (this.#failure === undefined) {
      this.#syncIfDue(decision);
      this.#evaluateSoon();
    }
  }

  #settle(decision: SyncDecision): void {
    if (this.#failure === undefined) {
      this.#queue.advance(this.#progress(), decision.hold === true);
    }
  }

  #progress(): LogProgress {
    const { buffer, segments } = this.#options;
    return { appended: buffer.endLsn, written: segments.writtenLsn, synced: segments.syncedLsn };
  }

  #decide(): SyncDecision {
    const { clock, policy, segments } = this.#options;
    const state: SyncPolicyState = {
      nowMs: clock.monotonicMs(),
      buffered: this.#queue.buffered,
      unsynced: this.#queue.unsynced,
      syncableBytes: this.#syncing ? 0 : segments.unsyncedBytes,
      writeInFlight: this.#writing,
      syncInFlight: this.#syncing,
    };
    try {
      return checkedDecision(policy.decide(state));
    } catch (error) {
      this.#fail(error, `the sync policy "${policy.name}" failed`);
      return { write: false, sync: false, hold: true };
    }
  }

  #fail(cause: unknown, what = "the log could not be written or synced"): void {
    if (this.#failure !== undefined) {
      return;
    }
    const error = new SeawallError(
      "OUTCOME_UNKNOWN",
      `${what}: commits that were not acknowledged may or may not survive, and the store takes no ` +
        "more; close it, and open it again to find out",
      { cause },
    );
    this.#failure = error;
    this.#options.segments.stop();
    this.#wake?.cancel();
    this.#options.logger.error({ event: "poison", error, cause }, error.message);
    this.#queue.rejectAll(error);
    for (const waiter of this.#flushWaiters.splice(0)) {
      waiter.reject(error);
    }
  }
}
