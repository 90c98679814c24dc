import { SeawallError } from "../base/errors.ts";
import { commitNumber, lsn, transactionId } from "../base/units.ts";
import type { CommitNumber, Lsn, TransactionId } from "../base/units.ts";
import type { WalManager } from "../log/wal-manager.ts";
import type { StorageManager } from "../pages/storage-manager.ts";
import type { Clock } from "../platform/clock.ts";
import { SnapshotRegistry } from "../versions/snapshot-registry.ts";
import { VersionStore } from "../versions/version-store.ts";
import { RecordEncoder } from "./commit-records.ts";
import type { CommitChange } from "./commit-records.ts";
import { findConflict } from "./conflict-check.ts";
import type { CommitCandidate } from "./conflict-check.ts";
import type { View } from "./snapshot-read.ts";
import type { WriteSet } from "./write-set.ts";

/** What a commit came to. */
export interface CommitReceipt {
  /** Position in commit order. For a transaction that wrote nothing: the commit it read at. */
  readonly commitNumber: CommitNumber;
  /** LSN behind the commit's records; 0 when nothing was written. */
  readonly lsn: Lsn;
  /** Wall-clock milliseconds, as logged. */
  readonly timestampMs: number;
}

/** For a commit that wrote nothing: there is nothing to log, and nothing to wait for. */
export function emptyReceipt(snapshot: CommitNumber): CommitReceipt {
  return { commitNumber: snapshot, lsn: lsn(0), timestampMs: 0 };
}

export interface CommitRequest extends CommitCandidate {
  readonly id: TransactionId;
  readonly mustSync: boolean;
  /** Called inside the critical section: from here on the commit may survive a crash. */
  readonly onNumbered: (number: CommitNumber) => void;
}

export interface TransactionManagerOptions {
  readonly log: WalManager;
  readonly storage: StorageManager;
  readonly clock: Clock;
  readonly lastCommit: CommitNumber;
  readonly epoch: number;
  /** Throws when the store is closed or has failed. */
  readonly refuseIfClosed: () => void;
}

// Ids count up inside an epoch, and every open raises the epoch: no id is given out twice, even when
// nothing that carried it reached the disk.
export const IDS_PER_EPOCH: number = 0x1_0000_0000;

/** Owns the order of commits, and what running transactions may see. */
export class TransactionManager {
  readonly #options: TransactionManagerOptions;
  readonly #versions = new VersionStore();
  readonly #snapshots = new SnapshotRegistry();
  readonly #encoder = new RecordEncoder();
  #nextId: number;
  #lastCommit: CommitNumber;
  #conflicts = 0;

  constructor(options: TransactionManagerOptions) {
    this.#options = options;
    this.#lastCommit = options.lastCommit;
    this.#nextId = options.epoch * IDS_PER_EPOCH + 1;
  }

  get lastCommit(): CommitNumber {
    return this.#lastCommit;
  }

  get visibleCommit(): CommitNumber {
    return this.#options.log.visibleCommit;
  }

  get stats(): { snapshots: number; oldestSnapshot: number; versions: number; conflicts: number } {
    return {
      snapshots: this.#snapshots.count,
      oldestSnapshot: this.#snapshots.oldest() ?? this.visibleCommit,
      versions: this.#versions.size,
      conflicts: this.#conflicts,
    };
  }

  nextId(): TransactionId {
    const id = transactionId(this.#nextId);
    this.#nextId += 1;
    return id;
  }

  /** The newest commit that may be seen; its versions are kept until `releaseSnapshot`. */
  takeSnapshot(): CommitNumber {
    const snapshot = this.visibleCommit;
    this.#snapshots.take(snapshot);
    return snapshot;
  }

  releaseSnapshot(snapshot: CommitNumber): void {
    this.#snapshots.release(snapshot);
    this.#releaseVersions();
  }

  view(snapshot: CommitNumber, writes: WriteSet | undefined): View {
    return { storage: this.#options.storage, versions: this.#versions, snapshot, writes };
  }

  /**
   * Commits: waits for room in the log, then, in one synchronous critical section, checks for conflicts,
   * reads before-images, logs, applies and publishes; then waits for what the sync policy demands.
   *
   * @throws SeawallError `CONFLICT` and `NO_SPACE`: nothing happened. `OUTCOME_UNKNOWN`: it may survive.
   */
  async commit(request: CommitRequest): Promise<CommitReceipt> {
    const { log, clock } = this.#options;
    for (;;) {
      this.#options.refuseIfClosed();
      this.#refuseConflict(request);
      const changes = this.#changesOf(request.writes);
      const number = commitNumber(this.#lastCommit + 1);
      const timestampMs = Math.max(0, Math.floor(clock.nowMs()));
      const transaction = request.id;
      const group = this.#encoder.commit({
        transaction,
        commitNumber: number,
        timestampMs,
        changes,
      });
      if (!log.hasRoom(group.bytes.length)) {
        // Others may commit meanwhile: everything above is done again.
        await log.makeRoom(group.bytes.length);
        continue;
      }
      this.#apply(number, changes);
      request.onNumbered(number);
      const { endLsn, acknowledged } = log.appendCommit(group, {
        commitNumber: number,
        mustSync: request.mustSync,
      });
      await acknowledged;
      // Visible now: what only readers before it needed may go.
      this.#releaseVersions();
      return { commitNumber: number, lsn: endLsn, timestampMs };
    }
  }

  #refuseConflict(request: CommitRequest): void {
    const key = findConflict(request, this.#versions);
    if (key !== undefined) {
      this.#conflicts += 1;
      throw new SeawallError(
        "CONFLICT",
        `another transaction changed ${JSON.stringify(key)} after this one began: run it again`,
      );
    }
  }

  #changesOf(writes: WriteSet): CommitChange[] {
    // Read here and not at put time: an image from then could undo a commit that came in between.
    return writes
      .entries()
      .map(([key, { value }]) => ({ key, old: this.#options.storage.get(key), value }));
  }

  #apply(number: CommitNumber, changes: readonly CommitChange[]): void {
    for (const { key, value } of changes) {
      this.#options.storage.apply(key, value);
    }
    this.#versions.add(number, changes);
    this.#lastCommit = number;
  }

  #releaseVersions(): void {
    const visible = this.visibleCommit;
    const oldest = this.#snapshots.oldest() ?? visible;
    this.#versions.release(oldest < visible ? oldest : visible);
  }
}
