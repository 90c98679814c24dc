import { defined } from "../base/assert.ts";
import { commitNumber, lsn, transactionId } from "../base/units.ts";
import type { CommitNumber, Lsn, TransactionId } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { ChangeRoom } from "../pages/change-room.ts";
import type { MissingPage } from "../pages/page-lease.ts";
import type { KeyWrite, TooWide } from "../pages/logged-tree.ts";
import type { StorageManager } from "../pages/storage-manager.ts";
import { SnapshotRegistry } from "../versions/snapshot-registry.ts";
import { VersionStore } from "../versions/version-store.ts";
import type { KeyChange } from "../versions/version-store.ts";
import { ConflictCheck } from "./conflict-check.ts";
import { LargeTransactions } from "./large-transactions.ts";
import type { LargeTransactionsOptions, SpillRequest } from "./large-transactions.ts";
import { readKey } from "./snapshot-read.ts";
import type { KeyFound, View } from "./snapshot-read.ts";
import type { Spill } from "./spill.ts";
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

export interface CommitRequest extends SpillRequest {
  readonly mustSync: boolean;
  /** Set when some of its writes went to the pages already. */
  readonly spill?: Spill | undefined;
  /** Called inside the critical section: from here on the commit may survive a crash. */
  readonly onNumbered: (number: CommitNumber) => void;
}

/** What a transaction has written, and sees itself. */
export interface OwnChanges {
  readonly writes: WriteSet;
  readonly spill: Spill | undefined;
}

export interface TransactionStats {
  /** Snapshots in use, the commit that the oldest one sees, and for how long: old versions are kept for it. */
  readonly snapshots: number;
  readonly oldestSnapshot: number;
  readonly oldestSnapshotMs: number;
  /** Keys of which an older version is in memory. */
  readonly versions: number;
  /** Transactions too large for memory that are open, or that some snapshot does not see. */
  readonly largeTransactions: number;
  readonly conflicts: number;
}

export interface TransactionManagerOptions extends LargeTransactionsOptions {
  readonly lastCommit: CommitNumber;
  /** Ids below `epoch` times IDS_PER_EPOCH were given out before, and so were those up to `highestId`. */
  readonly epoch: number;
  readonly highestId: TransactionId;
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
  readonly #large: LargeTransactions;
  readonly #conflicts: ConflictCheck;
  #nextId: number;
  #lastCommit: CommitNumber;

  constructor(options: TransactionManagerOptions) {
    this.#options = options;
    this.#conflicts = new ConflictCheck(this.#versions, () => this.#large.spilled);
    this.#large = new LargeTransactions(options, this.#conflicts);
    this.#lastCommit = options.lastCommit;
    this.#nextId = Math.max(options.epoch * IDS_PER_EPOCH, options.highestId) + 1;
  }

  /** Transactions that are too large for memory. */
  get large(): LargeTransactions {
    return this.#large;
  }

  get lastCommit(): CommitNumber {
    return this.#lastCommit;
  }

  get visibleCommit(): CommitNumber {
    return this.#options.log.visibleCommit;
  }

  get stats(): TransactionStats {
    return {
      snapshots: this.#snapshots.count,
      oldestSnapshot: this.#snapshots.oldest() ?? this.visibleCommit,
      oldestSnapshotMs: this.#snapshots.oldestAgeMs(this.#options.clock.monotonicMs()),
      largeTransactions: this.#large.spilled.length,
      versions: this.#versions.size,
      conflicts: this.#conflicts.count,
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
    this.#snapshots.take(snapshot, this.#options.clock.monotonicMs());
    return snapshot;
  }

  /** A snapshot that is taken when it is first needed. */
  snapshotLater(): LaterSnapshot {
    return new LaterSnapshot(this);
  }

  releaseSnapshot(snapshot: CommitNumber): void {
    this.#snapshots.release(snapshot);
    this.#releaseVersions();
  }

  view(snapshot: CommitNumber, own?: OwnChanges): View {
    const { storage } = this.#options;
    const spill = own?.spill?.versions;
    return {
      storage,
      versions: this.#versions,
      spilled: this.#large.spilledBeside(spill),
      snapshot,
      writes: own?.writes,
      own: spill,
    };
  }

  /** Resolves when nothing is in the pages that is not committed. For closing: nothing begins any more. */
  async settled(): Promise<void> {
    await this.#large.lock.free();
  }

  /** Does work that nobody's commit may come between. */
  async withoutCommits<T>(work: () => Promise<T>): Promise<T> {
    return await this.#large.lock.holding(work);
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
    // Most need nothing but what is in memory: each wait less is a promise less.
    const now =
      request.spill === undefined && !this.#options.storage.isOverLimit
        ? this.#tryCommit(request, request.writes.inOrder(), undefined)
        : undefined;
    const committed = now?.kind === "committed" ? now : await this.#commitWhenPossible(request);
    await committed.acknowledged;
    // Visible now: what only readers before it needed may go.
    this.#releaseVersions();
    return committed.receipt;
  }

  async #commitWhenPossible(request: CommitRequest): Promise<Committed> {
    let spill = request.spill;
    try {
      for (;;) {
        if (spill !== undefined) {
          await spill.drain();
        }
        const writes = request.writes.inOrder();
        const ready = spill;
        const step = await this.#options.storage.whenResident(() =>
          this.#tryCommit(request, writes, ready),
        );
        if (step.kind === "committed") {
          return step;
        }
        if (step.kind === "too wide") {
          spill = await this.#large.begin(request);
        } else {
          await this.#waitFor(step);
        }
      }
    } catch (error) {
      if (spill !== undefined) {
        await this.#large.giveUp(spill, error);
      }
      throw error;
    }
  }

  /** Others may commit meanwhile: everything is checked again. */
  async #waitFor(step: Locked | NoRoom): Promise<void> {
    const { log, storage } = this.#options;
    if (step.kind === "locked") {
      await this.#large.lock.released();
    } else if (!storage.hasRoom(step.room)) {
      await storage.makeRoom(step.room);
    } else {
      await log.makeRoom(step.room.logBytes);
    }
  }

  #tryCommit(
    request: CommitRequest,
    writes: readonly KeyWrite[],
    spill: Spill | undefined,
  ): CommitStep | MissingPage {
    const { log, storage, refuseIfClosed } = this.#options;
    refuseIfClosed();
    if (this.#large.lock.isHeldFrom(spill?.holder)) {
      return { kind: "locked" };
    }
    const missing = this.#conflicts.refuse(request);
    if (missing !== undefined) {
      return missing;
    }
    const room = storage.prepare(writes);
    if (room.kind !== "room") {
      return room;
    }
    if (!storage.hasRoom(room) || !log.hasRoom(room.logBytes)) {
      return { kind: "no room", room };
    }
    storage.beginChanges(room);
    log.beginGroup(room.logBytes, room.plainBytes);
    try {
      return this.#commitNow(request, writes, spill);
    } catch (error) {
      // Some changes are in the pages, and logged: only recovery can take them back.
      log.stop(error, "a commit failed in the middle");
      throw error;
    }
  }

  /** The critical section. */
  #commitNow(
    request: CommitRequest,
    writes: readonly KeyWrite[],
    spill: Spill | undefined,
  ): Committed {
    const { log, storage, clock } = this.#options;
    const transaction = request.id;
    const number = commitNumber(this.#lastCommit + 1);
    const timestampMs = Math.max(0, Math.floor(clock.nowMs()));
    if (spill === undefined) {
      log.append({ kind: "begin", transaction });
    }
    // Before-images are read here and not at put time: one from then could undo a commit in between.
    const changes = writes.map(({ key, value }): KeyChange => {
      const old = storage.apply({ transaction, key, value });
      return { key, old: this.#snapshots.count > 0 ? old?.slice() : old };
    });
    log.append({ kind: "commit", transaction, commitNumber: number, timestampMs });
    this.#versions.add(number, changes);
    this.#lastCommit = number;
    request.onNumbered(number);
    if (spill !== undefined) {
      this.#large.committed(spill, number);
    }
    const receipt = { commitNumber: number, lsn: log.endLsn, timestampMs };
    const acknowledged = log.acknowledged({
      commitNumber: number,
      mustSync: request.mustSync,
      earlierBytes: spill?.logBytes ?? 0,
    });
    this.#options.onLogged();
    return { kind: "committed", receipt, acknowledged };
  }

  #releaseVersions(): void {
    const visible = this.visibleCommit;
    const snapshot = this.#snapshots.oldest() ?? visible;
    const oldest = snapshot < visible ? snapshot : visible;
    this.#versions.release(oldest);
    this.#large.release(oldest);
  }
}

/** The newest visible commit at some later time, whose versions are kept from then on. */
export class LaterSnapshot {
  snapshot: CommitNumber | undefined;
  readonly #manager: TransactionManager;

  constructor(manager: TransactionManager) {
    this.#manager = manager;
  }

  take(): void {
    this.snapshot = this.#manager.takeSnapshot();
  }

  release(): void {
    this.#manager.releaseSnapshot(defined(this.snapshot, "a snapshot that was taken"));
  }
}

interface Committed {
  readonly kind: "committed";
  readonly receipt: CommitReceipt;
  readonly acknowledged: Promise<void>;
}

interface Locked {
  readonly kind: "locked";
}

interface NoRoom {
  readonly kind: "no room";
  readonly room: ChangeRoom;
}

/** How far an attempt to commit came. */
type CommitStep = Committed | Locked | NoRoom | TooWide;
