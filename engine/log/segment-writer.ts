import { sealBatch } from "./batch-format.ts";
import type { ActiveSegment, BufferedBatch } from "./log-buffer.ts";
import { encodeSegmentHeader } from "./segment-format.ts";
import { lsn as toLsn } from "../base/units.ts";
import type { CommitNumber, Lsn } from "../base/units.ts";
import { writeWhole } from "../platform/whole-io.ts";
import type { Logger } from "../base/logger.ts";

/** A place in the log where recovery may begin to read: no transaction is open there. */
export interface RestartPoint {
  readonly lsn: Lsn;
  /** headerChecksum of the batch before it. */
  readonly checksum: number;
  /** The last commit before it. */
  readonly lastCommit: CommitNumber;
}

/** What stays the same for a whole epoch of the log. */
export interface Epoch {
  readonly epoch: number;
  readonly storeId: number;
  readonly sectorBytes: number;
}

/**
 * Puts batches into segment files and makes them durable. Knows which files hold bytes that no sync has
 * covered: a sync must cover the segment before the current one too, or a power cut leaves a hole.
 */
export class SegmentWriter {
  readonly #epoch: Epoch;
  readonly #logger: Logger;
  /** Files with bytes that no completed sync covers, oldest first, and the end of the last write. */
  readonly #unsynced = new Map<ActiveSegment, Lsn>();
  /** Files that are open: the unsynced ones and the current one. */
  readonly #open = new Set<ActiveSegment>();
  /** Where batches that were written begin, oldest first, since the restart point that is in use. */
  #restartPoints: RestartPoint[] = [];
  #current: ActiveSegment;
  #stopped = false;
  #previousChecksum: number;
  #writtenLsn: Lsn;
  #syncedLsn: Lsn;
  #unsyncedBytes = 0;

  constructor(
    epoch: Epoch,
    logger: Logger,
    start: { readonly segment: ActiveSegment; readonly lsn: Lsn; readonly checksum: number },
  ) {
    this.#epoch = epoch;
    this.#logger = logger;
    this.#current = start.segment;
    this.#open.add(start.segment);
    this.#previousChecksum = start.checksum;
    this.#writtenLsn = start.lsn;
    this.#syncedLsn = start.lsn;
  }

  get writtenLsn(): Lsn {
    return this.#writtenLsn;
  }

  get syncedLsn(): Lsn {
    return this.#syncedLsn;
  }

  /** Bytes written that no completed sync covers. */
  get unsyncedBytes(): number {
    return this.#unsyncedBytes;
  }

  /** Full segments that hold bytes which no completed sync covers. */
  get finishedUnsynced(): number {
    return this.#unsynced.size - (this.#unsynced.has(this.#current) ? 1 : 0);
  }

  /** The last restart point at or before the LSN, where one is known; lets go of those before it. */
  restartPoint(before: Lsn): RestartPoint | undefined {
    const behind = this.#restartPoints.findIndex(({ lsn }) => lsn > before);
    const count = behind < 0 ? this.#restartPoints.length : behind;
    const point = this.#restartPoints[count - 1];
    this.#restartPoints = this.#restartPoints.slice(Math.max(0, count - 1));
    return point;
  }

  /** The end of what is written, as a restart point, when nothing is waiting and no transaction is open. */
  endPoint(lastCommit: CommitNumber): RestartPoint {
    return { lsn: this.#writtenLsn, checksum: this.#previousChecksum, lastCommit };
  }

  /** From here on nothing more is written or synced, not even what has already been asked for. */
  stop(): void {
    this.#stopped = true;
  }

  /** Visible to the operating system when it resolves; durable only after `sync`. */
  async write(batch: BufferedBatch): Promise<void> {
    const { segment, lsn, bytes } = batch;
    const endLsn = toLsn(lsn + bytes.length);
    this.#open.add(segment);
    this.#unsynced.set(segment, endLsn);
    const previousChecksum = this.#previousChecksum;
    this.#previousChecksum = sealBatch(bytes, batch.payloadBytes, {
      lsn,
      durableLsn: this.#syncedLsn,
      epoch: this.#epoch.epoch,
      previousChecksum,
      recordCount: batch.recordCount,
      storeId: this.#epoch.storeId % 0x1_0000_0000,
    });
    if (batch.restart !== undefined) {
      this.#restartPoints.push({ lsn, checksum: previousChecksum, lastCommit: batch.restart });
    }
    if (!segment.headerWritten) {
      await this.#begin(segment, previousChecksum);
    }
    if (this.#stopped) {
      return;
    }
    await writeWhole(segment.file, bytes, segment.baseOffset + (lsn - segment.baseLsn));
    this.#writtenLsn = endLsn;
    this.#unsyncedBytes += bytes.length;
  }

  /**
   * Makes durable what was written before the call, and nothing more: bytes written while it runs may
   * not be covered.
   */
  async sync(): Promise<void> {
    const target = this.#writtenLsn;
    const bytes = this.#unsyncedBytes;
    for (const segment of Array.from(this.#unsynced.keys())) {
      if (this.#stopped) {
        return;
      }
      await segment.file.datasync();
    }
    this.#syncedLsn = target;
    this.#unsyncedBytes -= bytes;
    for (const [segment, endLsn] of this.#unsynced) {
      if (endLsn <= target) {
        this.#unsynced.delete(segment);
      }
    }
    await this.#closeFinished();
  }

  /** Also closes segments that batches were laid out in and that were never begun. */
  async close(laidOut: Iterable<ActiveSegment>): Promise<void> {
    this.stop();
    await closeAll(new Set([...this.#open, ...laidOut]));
  }

  async #begin(segment: ActiveSegment, previousChecksum: number): Promise<void> {
    const { number, baseLsn, capacityBytes, name } = segment;
    const header = encodeSegmentHeader({
      ...this.#epoch,
      number,
      baseLsn,
      capacityBytes,
      tailEndLsn: baseLsn,
      resumeLsn: baseLsn,
      durableLsn: this.#syncedLsn,
      previousChecksum,
    });
    this.#current = segment;
    await writeWhole(segment.file, header, 0);
    segment.headerWritten = true;
    this.#logger.debug({ event: "log.rotate", file: name, number, baseLsn }, "log rotated");
    await this.#closeFinished();
  }

  /** Full segments that need no further sync. */
  async #closeFinished(): Promise<void> {
    const finished = [...this.#open].filter(
      (segment) => segment !== this.#current && !this.#unsynced.has(segment),
    );
    // Off the list before the first await: a sync and a rotation that end together close each file once.
    for (const segment of finished) {
      this.#open.delete(segment);
    }
    await closeAll(finished);
  }
}

/** Closes all of them, also when one fails. @throws the first failure. */
async function closeAll(segments: Iterable<ActiveSegment>): Promise<void> {
  const outcomes = await Promise.allSettled([...segments].map(({ file }) => file.close()));
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") {
      throw outcome.reason;
    }
  }
}
