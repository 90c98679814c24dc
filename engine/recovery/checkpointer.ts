import { isSeawallError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { Lsn, TransactionId } from "../base/units.ts";
import type { WalManager } from "../log/wal-manager.ts";
import type { StorageManager } from "../pages/storage-manager.ts";
import type { ControlFile } from "./control-file.ts";

export interface CheckpointerOptions {
  readonly log: WalManager;
  readonly storage: StorageManager;
  readonly control: ControlFile;
  readonly logger: Logger;
  /** Bytes of log records since the last checkpoint that call for the next one. */
  readonly checkpointBytes: number;
  /** No transaction that was begun has a higher id. */
  readonly highestId: () => TransactionId;
  /** Called when a page or the control file cannot be written: nothing more can be relied on. */
  readonly onFailure: (cause: unknown) => void;
}

/**
 * Small commits are padded to a sector each, and recovery reads padding fast: then this many times as much
 * of the files may lie between two checkpoints.
 */
const PADDING_MAX = 4;

/**
 * Moves the place where recovery begins. Fuzzy: commits go on meanwhile. Pages that are dirty when a
 * checkpoint begins are written; then recovery needs the log from the first record that some page on the
 * disk does not have, or from the oldest open transaction, whichever comes first.
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  /** End of the log when the last checkpoint began, and the bytes of its records. */
  #lastLsn: Lsn;
  #lastRecordBytes = 0;
  #running: Promise<void> | undefined;
  #stopped = false;
  checkpoints = 0;

  constructor(options: CheckpointerOptions) {
    this.#options = options;
    this.#lastLsn = options.control.newest.startLsn;
  }

  /** The log has grown, or pages were changed. Begins a checkpoint in the background when one is due. */
  noteProgress(): void {
    const { log, storage, checkpointBytes } = this.#options;
    const isDue =
      log.recordBytes - this.#lastRecordBytes >= checkpointBytes ||
      log.endLsn - this.#lastLsn >= PADDING_MAX * checkpointBytes;
    if ((isDue || storage.shouldFlush) && this.#running === undefined && !this.#stopped) {
      void this.#inBackground();
    }
  }

  /**
   * A checkpoint now: what was logged before the call is on the disk in pages when it resolves, and a
   * crash has only later records to redo.
   *
   * @throws SeawallError `OUTCOME_UNKNOWN`, `IO`: the store has stopped; `NO_SPACE`: nothing is lost.
   */
  async checkpoint(): Promise<void> {
    while (this.#running !== undefined) {
      await this.#running.catch(() => {});
    }
    await this.#run(this.#write);
  }

  /** Does work that no checkpoint may come between. What fails then stops the store as a checkpoint would. */
  async withoutCheckpoints<T>(work: () => Promise<T>): Promise<T> {
    while (this.#running !== undefined) {
      await this.#running.catch(() => {});
    }
    const result = work();
    await this.#run(async () => {
      await result;
    });
    return await result;
  }

  /** Begins nothing any more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running?.catch(() => {});
  }

  async #inBackground(): Promise<void> {
    try {
      await this.#run(this.#write);
    } catch (error) {
      const details = { event: "checkpoint.failed", error };
      this.#options.logger.warn(details, "checkpoint failed");
    }
  }

  async #run(work: () => Promise<void>): Promise<void> {
    const running = work();
    this.#running = running;
    try {
      await running;
    } catch (error) {
      // Work that ends because the store is being closed has not failed.
      if (!isSeawallError(error, "NO_SPACE") && !isSeawallError(error, "CLOSED")) {
        this.#options.onFailure(error);
      }
      throw error;
    } finally {
      this.#running = undefined;
    }
  }

  readonly #write = async (): Promise<void> => {
    const { log, storage, control, logger, highestId } = this.#options;
    const from = log.endLsn;
    this.#lastLsn = from;
    this.#lastRecordBytes = log.recordBytes;
    logger.debug({ event: "checkpoint.begin", from }, "checkpoint begins");
    await storage.flush(from);
    await log.sync();
    // Taken together, between two critical sections: what is not dirty now is on the disk.
    const redoLsn = storage.redoLsn ?? log.endLsn;
    const point = log.restartPoint(redoLsn);
    if (point === undefined || point.lsn <= control.newest.startLsn) {
      logger.debug({ event: "checkpoint.idle" }, "recovery would begin where it does now");
      return;
    }
    logger.debug({ event: "checkpoint.flushed", startLsn: point.lsn }, "pages are written");
    await storage.settle();
    await control.write({
      startLsn: point.lsn,
      startChecksum: point.checksum,
      redoLsn,
      lastCommit: point.lastCommit,
      highestId: highestId(),
    });
    this.checkpoints += 1;
    const segmentsFreed = log.recycle(control.keepFrom);
    const details = { event: "checkpoint", startLsn: point.lsn, redoLsn, segmentsFreed };
    logger.debug(details, "checkpoint written");
  };
}
