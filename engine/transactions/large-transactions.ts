import { isSeawallError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { CommitNumber, Lsn, TransactionId } from "../base/units.ts";
import type { WalManager } from "../log/wal-manager.ts";
import type { StorageManager } from "../pages/storage-manager.ts";
import type { Clock } from "../platform/clock.ts";
import type { SpilledVersions } from "../versions/spilled-versions.ts";
import type { CommitCandidate, ConflictCheck } from "./conflict-check.ts";
import { Spill } from "./spill.ts";
import { WriterLock } from "./writer-lock.ts";

/** A transaction that has begun in the log and not ended there. */
export interface OpenTransaction {
  readonly id: TransactionId;
  readonly beginLsn: Lsn;
  /** Changes from here on are undone already: a CLR says so. */
  undoBelow: number;
}

/** A transaction whose writes are too large for memory. */
export interface SpillRequest extends CommitCandidate {
  readonly id: TransactionId;
  /** Throws when the transaction has ended. */
  readonly refuseUnlessOpen: () => void;
}

export interface LargeTransactionsOptions {
  readonly log: WalManager;
  readonly storage: StorageManager;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly makeSpilledVersions: () => Promise<SpilledVersions>;
  /** Undoes a transaction from the log. */
  readonly undo: (transaction: OpenTransaction) => Promise<void>;
  readonly isClosing: () => boolean;
  /** Called after something was logged. */
  readonly onLogged: () => void;
}

/** While the disk is full. */
const ROLLBACK_RETRY_MS = 100;

/**
 * Transactions that are too large for memory: one at a time is open, and keeps others from committing;
 * those that committed are remembered for as long as some snapshot does not see them.
 */
export class LargeTransactions {
  readonly lock: WriterLock;
  readonly #options: LargeTransactionsOptions;
  readonly #conflicts: ConflictCheck;
  #spilled: readonly SpilledVersions[] = [];

  constructor(options: LargeTransactionsOptions, conflicts: ConflictCheck) {
    this.#options = options;
    this.#conflicts = conflicts;
    this.lock = new WriterLock(options.clock);
  }

  /** Before-images that are not in memory, oldest commit first; last those of the one that is open. */
  get spilled(): readonly SpilledVersions[] {
    return this.#spilled;
  }

  /** Those of others. */
  spilledBeside(own: SpilledVersions | undefined): readonly SpilledVersions[] {
    return own === undefined ? this.#spilled : this.#spilled.filter((other) => other !== own);
  }

  /**
   * Lets the writes of a transaction go to the pages before it commits. From here on it keeps other commits
   * out, until it commits or is rolled back.
   *
   * @throws SeawallError `CONFLICT`, `NO_SPACE`, `IO`: nothing happened.
   */
  async begin(request: SpillRequest): Promise<Spill> {
    const { log, storage, logger, onLogged, makeSpilledVersions } = this.#options;
    const { id, writes } = request;
    await this.lock.acquire(writes);
    let versions: SpilledVersions | undefined;
    try {
      request.refuseUnlessOpen();
      await storage.whenResident(() => this.#conflicts.refuse(request) ?? NO_CONFLICT);
      logger.debug({ event: "spill", transaction: id }, "writes go to the pages");
      versions = await makeSpilledVersions();
      const spill = await Spill.begin({
        log,
        storage,
        transaction: id,
        writes,
        versions,
        refuse: (key) => this.#conflicts.refuseLostUpdate(request, key),
        onLogged,
      });
      this.#spilled = [...this.#spilled, versions];
      return spill;
    } catch (error) {
      this.lock.release(writes);
      await versions?.drop();
      throw error;
    }
  }

  /** Its commit is logged. */
  committed(spill: Spill, number: CommitNumber): void {
    spill.versions.replacedBy = number;
    this.lock.release(spill.holder);
  }

  /**
   * Rolls back what failed. On a full disk that has to wait for room, and whoever wants to know of the
   * failure does not.
   */
  async giveUp(spill: Spill, error: unknown): Promise<void> {
    const rolledBack = this.rollBack(spill);
    await (isSeawallError(error, "NO_SPACE") ? undefined : rolledBack);
  }

  /** Takes back what it did. Waits for room on the disk, unless the store is closed. Never throws. */
  async rollBack(spill: Spill): Promise<void> {
    await spill.stop();
    await this.#undo(spill);
    this.#forget(spill.versions);
    if (this.lock.isHeldBy(spill.holder)) {
      this.lock.release(spill.holder);
    }
  }

  /** Lets go of what only snapshots before `oldest` needed. */
  release(oldest: CommitNumber): void {
    for (const versions of this.#spilled) {
      if (versions.replacedBy <= oldest) {
        this.#forget(versions);
      }
    }
  }

  async #undo({ transaction, beginLsn }: Spill): Promise<void> {
    const { undo, clock, log, isClosing } = this.#options;
    const loser = { id: transaction, beginLsn, undoBelow: Infinity };
    while (log.failure === undefined) {
      try {
        await undo(loser);
        return;
      } catch (error) {
        if (!isSeawallError(error, "NO_SPACE")) {
          log.stop(error, "a transaction could not be rolled back");
          return;
        }
        if (isClosing()) {
          // The next open undoes it.
          return;
        }
        await new Promise<void>((resolve) => clock.setTimer(ROLLBACK_RETRY_MS, resolve));
      }
    }
  }

  #forget(versions: SpilledVersions): void {
    this.#spilled = this.#spilled.filter((other) => other !== versions);
    versions.drop().catch((error: unknown) => {
      const details = { event: "spill.drop-failed", error };
      this.#options.logger.warn(details, "spilled versions left behind");
    });
  }
}

const NO_CONFLICT = { kind: "no conflict" } as const;
