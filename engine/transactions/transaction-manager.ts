import { SeawallError } from "../base/errors.ts";
import { commitNumber, lsn, transactionId } from "../base/units.ts";
import type { CommitNumber, Lsn, TransactionId } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { WalManager } from "../log/wal-manager.ts";
import type { ChangeRoom } from "../pages/change-room.ts";
import type { MissingPage } from "../pages/page-lease.ts";
import type { KeyWrite, StorageManager } from "../pages/storage-manager.ts";
import type { Clock } from "../platform/clock.ts";
import { SnapshotRegistry } from "../versions/snapshot-registry.ts";
import { VersionStore } from "../versions/version-store.ts";
import type { KeyChange } from "../versions/version-store.ts";
import { findConflict } from "./conflict-check.ts";
import type { CommitCandidate } from "./conflict-check.ts";
import { readKey } from "./snapshot-read.ts";
import type { KeyFound, View } from "./snapshot-read.ts";
import type { WriteSet } from "./write-set.ts";
import { WriterLock } from "./writer-lock.ts";

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
  /** Ids below `epoch` times IDS_PER_EPOCH were given out before, and so were those up to `highestId`. */
  readonly epoch: number;
  readonly highestId: TransactionId;
  /** Called after a commit was logged. */
  readonly onLogged: () => void;
  /** Throws when the store is closed or has failed. */
  readonly refuseIfClosed: () => void;
}

// Ids count up inside an epoch, and every open raises the epoch: no id is given out twice, even when
// nothing that carried it reached the disk.
const IDS_PER_EPOCH: number = 0x1_0000_0000;

/** Owns the order of commits, and what running transactions may see. */
export class TransactionManager {
  readonly #options: TransactionManagerOptions;
  readonly #versions = new VersionStore();
  readonly #snapshots = new SnapshotRegistry();
  readonly #lock = new WriterLock();
  #nextId: number;
  #lastCommit: CommitNumber;
  #conflicts = 0;

  constructor(options: TransactionManagerOptions) {
    this.#options = options;
    this.#lastCommit = options.lastCommit;
    this.#nextId = Math.max(options.epoch * IDS_PER_EPOCH, options.highestId) + 1;
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

  /** The highest id that was given out. */
  get highestId(): TransactionId {
    return transactionId(this.#nextId - 1);
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

  /** Does work that nobody's commit may come between. */
  async withoutCommits<T>(work: () => Promise<T>): Promise<T> {
    const holder = {};
    await this.#lock.acquire(holder);
    try {
      return await work();
    } finally {
      this.#lock.release(holder);
    }
  }

  /** Tries until no page is missing. */
  readonly whenResident: StorageManager["whenResident"] = async (attempt) =>
    await this.#options.storage.whenResident(attempt);

  /** What a key holds in the view, once its page is there. The view is asked for anew after each wait. */
  async read(key: StoredKey, view: () => View): Promise<KeyFound> {
    const found = readKey(view(), key);
    return found.kind === "found"
      ? found
      : await this.#options.storage.whenResident(() => readKey(view(), key));
  }

  /**
   * Commits: waits until every page that it touches is resident and log and page file have room; then, in
   * one synchronous critical section, checks for conflicts, logs and applies each change with its
   * before-image, and publishes; then waits for what the sync policy demands.
   *
   * @throws SeawallError `CONFLICT` and `NO_SPACE`: nothing happened. `OUTCOME_UNKNOWN`: it may survive.
   */
  async commit(request: CommitRequest): Promise<CommitReceipt> {
    const { log, storage } = this.#options;
    const writes = request.writes.entries().map(([key, { value }]): KeyWrite => ({ key, value }));
    for (;;) {
      const step = await storage.whenResident(() => this.#tryCommit(request, writes));
      if (step.kind === "committed") {
        await step.acknowledged;
        // Visible now: what only readers before it needed may go.
        this.#releaseVersions();
        return step.receipt;
      }
      // Others may commit meanwhile: everything is checked again.
      if (step.kind === "locked") {
        await this.#lock.released();
      } else if (!storage.hasRoom(step.room)) {
        await storage.makeRoom(step.room);
      } else {
        await log.makeRoom(step.room.logBytes);
      }
    }
  }

  #tryCommit(request: CommitRequest, writes: readonly KeyWrite[]): CommitStep | MissingPage {
    const { log, storage, refuseIfClosed } = this.#options;
    refuseIfClosed();
    if (this.#lock.isHeldFrom(undefined)) {
      return { kind: "locked" };
    }
    this.#refuseConflict(request);
    const room = storage.prepare(writes);
    if (room.kind === "missing") {
      return room;
    }
    if (!storage.hasRoom(room) || !log.hasRoom(room.logBytes)) {
      return { kind: "no-room", room };
    }
    storage.beginChanges(room);
    log.beginGroup(room.logBytes);
    try {
      return this.#commitNow(request, writes);
    } catch (error) {
      // Some changes are in the pages, and logged: only recovery can take them back.
      log.stop(error, "a commit failed in the middle");
      throw error;
    }
  }

  /** The critical section. */
  #commitNow(request: CommitRequest, writes: readonly KeyWrite[]): CommitStep {
    const { log, storage, clock } = this.#options;
    const transaction = request.id;
    const number = commitNumber(this.#lastCommit + 1);
    const timestampMs = Math.max(0, Math.floor(clock.nowMs()));
    log.append({ kind: "begin", transaction });
    // Before-images are read here and not at put time: one from then could undo a commit in between.
    const changes = writes.map(({ key, value }): KeyChange => {
      const old = storage.apply({ transaction, key, value });
      return { key, old: this.#snapshots.count > 0 ? old?.slice() : old };
    });
    log.append({ kind: "commit", transaction, commitNumber: number, timestampMs });
    this.#versions.add(number, changes);
    this.#lastCommit = number;
    request.onNumbered(number);
    const receipt = { commitNumber: number, lsn: log.endLsn, timestampMs };
    const acknowledged = log.acknowledged({ commitNumber: number, mustSync: request.mustSync });
    this.#options.onLogged();
    return { kind: "committed", receipt, acknowledged };
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

  #releaseVersions(): void {
    const visible = this.visibleCommit;
    const oldest = this.#snapshots.oldest() ?? visible;
    this.#versions.release(oldest < visible ? oldest : visible);
  }
}

/** How far an attempt to commit came. */
type CommitStep =
  | {
      readonly kind: "committed";
      readonly receipt: CommitReceipt;
      readonly acknowledged: Promise<void>;
    }
  | { readonly kind: "locked" }
  | { readonly kind: "no-room"; readonly room: ChangeRoom };
