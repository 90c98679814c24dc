import { InvariantError } from "../base/assert.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import type { SeawallError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { lsn } from "../base/units.ts";
import type { CommitNumber, Lsn } from "../base/units.ts";
import type { Platform } from "../platform/platform.ts";
import type { EpochPlan, EpochStart } from "./epoch-start.ts";
import { LogBuffer } from "./log-buffer.ts";
import { LogWriter } from "./log-writer.ts";
import { encodeRecord } from "./record-codec.ts";
import type { LogRecord } from "./record.ts";
import type { FreeSegment, SegmentPool } from "./segment-pool.ts";
import { SegmentWriter } from "./segment-writer.ts";
import type { RestartPoint } from "./segment-writer.ts";
import type { SyncPolicy } from "./sync-policy.ts";

/** A segment of an earlier epoch, which ends where the next one takes over. */
export interface OlderSegment extends FreeSegment {
  readonly limitLsn: number;
}

export interface WalOptions {
  readonly platform: Platform;
  readonly logger: Logger;
  readonly policy: SyncPolicy;
  readonly batchBytesMax: number;
  readonly pool: SegmentPool;
  readonly plan: EpochPlan;
  readonly start: EpochStart;
  readonly lastCommit: CommitNumber;
  /** Transactions that earlier epochs left open in the log: undone in this one. */
  readonly openTransactions: number;
  /** Segments that hold the log before this epoch. */
  readonly olderSegments: readonly OlderSegment[];
}

/** What a caller of `appendCommit` knows about a commit. */
export interface CommitToAppend {
  readonly commitNumber: CommitNumber;
  readonly mustSync: boolean;
  /** Bytes of records of the same transaction before this group. */
  readonly earlierBytes: number;
}

/** Log that a long undo, or a transaction too large for memory, may leave in memory. */
const UNWRITTEN_BYTES_MAX = 4 * 1024 * 1024;

/** The write-ahead log, open for appending: log buffer, log files, and who waits for them. */
export class WalManager {
  readonly #options: WalOptions;
  readonly #buffer: LogBuffer;
  readonly #segments: SegmentWriter;
  readonly #writer: LogWriter;
  readonly #encoder = new ByteWriter(4096);
  #olderSegments: readonly OlderSegment[];
  #openTransactions: number;
  #lastCommit: CommitNumber;
  /** Bytes of records since `beginGroup`, and what it was told to expect. */
  #groupBytes = 0;
  #groupBytesMax = 0;
  /** Bytes of records in this epoch: without headers, and the padding that small batches have. */
  #recordBytes = 0;

  constructor(options: WalOptions) {
    this.#options = options;
    this.#olderSegments = options.olderSegments;
    this.#openTransactions = options.openTransactions;
    this.#lastCommit = options.lastCommit;
    const { pool, plan, start, batchBytesMax, logger } = options;
    this.#buffer = new LogBuffer({
      pool,
      sectorBytes: plan.sectorBytes,
      batchBytesMax,
      segment: start.segment,
      position: plan.resumeLsn,
    });
    this.#segments = new SegmentWriter(plan, logger, {
      segment: start.segment,
      lsn: plan.resumeLsn,
      checksum: start.checksum,
    });
    this.#writer = new LogWriter({
      buffer: this.#buffer,
      segments: this.#segments,
      policy: options.policy,
      clock: options.platform.clock,
      logger,
      visible: options.lastCommit,
    });
  }

  get endLsn(): Lsn {
    return this.#buffer.endLsn;
  }

  get durableLsn(): Lsn {
    return this.#writer.syncedLsn;
  }

  /** The last commit that transactions beginning now may see. */
  get visibleCommit(): CommitNumber {
    return this.#writer.visible;
  }

  /** Bytes of records since `beginGroup`. */
  get groupBytes(): number {
    return this.#groupBytes;
  }

  get recordBytes(): number {
    return this.#recordBytes;
  }

  get unsyncedCommits(): number {
    return this.#writer.unsyncedCommits;
  }

  get failure(): SeawallError | undefined {
    return this.#writer.failure;
  }

  hasRoom(groupBytes: number): boolean {
    return this.#buffer.hasRoom(groupBytes);
  }

  /** The next record is the last one: see LogBuffer. */
  useLastSector(): void {
    this.#buffer.useLastSector();
  }

  /**
   * Waits until a segment is ready that may hold a group of this size. Others may take it first: ask
   * `hasRoom` again. @throws SeawallError `NO_SPACE`: nothing was logged.
   */
  async makeRoom(groupBytes: number): Promise<void> {
    await this.#options.pool.prepare(this.#buffer.segmentBytesFor(groupBytes));
  }

  /** As `makeRoom`, until there is room. Whoever appends next must do so at once. */
  async waitForRoom(groupBytes: number): Promise<void> {
    while (!this.hasRoom(groupBytes)) {
      await this.makeRoom(groupBytes);
    }
  }

  /**
   * Begins a group of records of at most this many bytes in all: synchronous, needs `hasRoom`. They go
   * to one batch when as many as are likely fit one. All must be appended before anybody else appends.
   */
  beginGroup(groupBytes: number, likelyBytes: number = groupBytes): void {
    this.#buffer.begin(groupBytes, likelyBytes);
    this.#groupBytes = 0;
    this.#groupBytesMax = groupBytes;
    this.#options.pool.prepareAhead();
  }

  /** Appends a record and returns its LSN. Nothing is durable until a later sync. */
  append(record: LogRecord): Lsn {
    this.#encoder.reset();
    encodeRecord(this.#encoder, record);
    const restart = this.#openTransactions === 0 ? this.#lastCommit : undefined;
    const at = this.#buffer.append(this.#encoder, restart);
    this.#groupBytes += this.#encoder.length;
    this.#recordBytes += this.#encoder.length;
    if (this.#groupBytes > this.#groupBytesMax) {
      throw new InvariantError(
        `a group of ${this.#groupBytes} bytes, with a ${record.kind}, where ${this.#groupBytesMax} were announced`,
      );
    }
    this.#note(record);
    return at;
  }

  /**
   * The Commit record of a transaction is appended. The promise resolves when the sync policy lets it be
   * acknowledged.
   *
   * @throws SeawallError `OUTCOME_UNKNOWN` when the log fails first.
   */
  // oxlint-disable-next-line typescript/promise-function-async -- an async function costs another promise
  acknowledged({ commitNumber, mustSync, earlierBytes }: CommitToAppend): Promise<void> {
    return this.#writer.appended({
      commitNumber,
      mustSync,
      bytes: earlierBytes + this.#groupBytes,
      endLsn: this.endLsn,
      appendedMs: this.#options.platform.clock.monotonicMs(),
    });
  }

  /** Whether the record that begins there is durable. */
  isDurable(record: Lsn): boolean {
    return record < this.durableLsn;
  }

  /** Resolves once the record that begins there is durable. @throws SeawallError `OUTCOME_UNKNOWN`. */
  async durable(record: Lsn): Promise<void> {
    // One sync covers it. A loop would turn a sync that does not into a hang; whoever relies on it asserts.
    if (!this.isDurable(record)) {
      await this.sync();
    }
  }

  /** Makes everything appended so far durable. @throws SeawallError `OUTCOME_UNKNOWN`. */
  async sync(): Promise<void> {
    await this.#writer.sync();
  }

  /** Keeps the log from filling the memory: waits for the disk when there is much. A crash has no part in it. */
  async limitUnwritten(): Promise<void> {
    if (this.endLsn - this.durableLsn > UNWRITTEN_BYTES_MAX) {
      await this.sync();
    }
  }

  /** Resolves once every commit appended so far is visible. @throws SeawallError `OUTCOME_UNKNOWN`. */
  async published(): Promise<void> {
    await this.#writer.published();
  }

  /**
   * Where recovery may begin to read, when it needs nothing before this LSN; undefined when no such place
   * is known in this epoch.
   */
  restartPoint(before: Lsn): RestartPoint | undefined {
    const durable = Math.min(before, this.durableLsn);
    const nothingWaits = this.endLsn === durable && this.#openTransactions === 0;
    return nothingWaits
      ? this.#segments.endPoint(this.#lastCommit)
      : this.#segments.restartPoint(lsn(durable));
  }

  /** The files that hold the log of this epoch from this LSN on, as far as it is written, in log order. */
  filesFrom(position: Lsn): readonly string[] {
    return this.#buffer.segmentsFrom(position).map(({ name }) => name);
  }

  /** Nothing needs the log before this LSN any more, durably so: its segments are used again. */
  recycle(before: Lsn): number {
    const [done, kept] = [
      this.#olderSegments.filter(({ limitLsn }) => limitLsn <= before),
      this.#olderSegments.filter(({ limitLsn }) => limitLsn > before),
    ];
    this.#olderSegments = kept;
    // While a segment of an earlier epoch is needed, so are all of this one.
    const ours = kept.length > 0 ? [] : this.#buffer.forget(before);
    const freed = [...done, ...ours];
    for (const { name, capacityBytes } of freed) {
      this.#options.pool.recycle({ name, capacityBytes });
    }
    return freed.length;
  }

  /** Stops the log for a reason of its caller's: nothing more is written or acknowledged. */
  stop(cause: unknown, what: string): void {
    this.#writer.stop(cause, what);
  }

  /** Lets go of the files. Makes nothing durable: `sync` first. */
  async close(): Promise<void> {
    try {
      await this.#writer.close();
    } finally {
      await this.#options.pool.close();
    }
  }

  #note(record: LogRecord): void {
    switch (record.kind) {
      case "begin":
        this.#openTransactions += 1;
        return;
      case "commit":
        this.#openTransactions -= 1;
        this.#lastCommit = record.commitNumber;
        return;
      case "rollback":
        this.#openTransactions -= 1;
        return;
      default:
    }
  }
}

/**
 * Where a new epoch begins: beyond every position that the files could ever have held, so that no LSN
 * is used twice, trimmed ones included.
 */
export function resumeAfter(endLsn: Lsn, segmentFileBytes: number, sectorBytes: number): Lsn {
  const beyond = endLsn + segmentFileBytes;
  return lsn(beyond + ((sectorBytes - (beyond % sectorBytes)) % sectorBytes));
}
