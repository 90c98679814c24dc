import type { SeawallError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { lsn } from "../base/units.ts";
import type { CommitNumber, Lsn } from "../base/units.ts";
import type { Platform } from "../platform/platform.ts";
import type { AppendedCommit } from "./commit-queue.ts";
import type { EpochPlan, EpochStart } from "./epoch-start.ts";
import { LogBuffer } from "./log-buffer.ts";
import type { RecordGroup } from "./log-buffer.ts";
import { LogWriter } from "./log-writer.ts";
import type { SegmentPool } from "./segment-pool.ts";
import { SegmentWriter } from "./segment-writer.ts";
import type { SyncPolicy } from "./sync-policy.ts";

export interface WalOptions {
  readonly platform: Platform;
  readonly logger: Logger;
  readonly policy: SyncPolicy;
  readonly batchBytesMax: number;
  readonly pool: SegmentPool;
  readonly plan: EpochPlan;
  readonly start: EpochStart;
}

/** What a caller of `append` knows about a commit. */
export interface CommitToAppend {
  readonly commitNumber: CommitNumber;
  readonly mustSync: boolean;
}

/** The write-ahead log, open for appending: log buffer, log files, and who waits for them. */
export class WalManager {
  readonly #options: WalOptions;
  readonly #buffer: LogBuffer;
  readonly #writer: LogWriter;

  constructor(options: WalOptions) {
    this.#options = options;
    const { pool, plan, start, batchBytesMax, logger } = options;
    this.#buffer = new LogBuffer({
      pool,
      sectorBytes: plan.sectorBytes,
      batchBytesMax,
      segment: start.segment,
      position: plan.resumeLsn,
    });
    const segments = new SegmentWriter(plan, logger, {
      segment: start.segment,
      lsn: plan.resumeLsn,
      checksum: start.checksum,
    });
    this.#writer = new LogWriter({
      buffer: this.#buffer,
      segments,
      policy: options.policy,
      clock: options.platform.clock,
      logger,
      visible: plan.lastCommit,
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

  get unsyncedCommits(): number {
    return this.#writer.unsyncedCommits;
  }

  get failure(): SeawallError | undefined {
    return this.#writer.failure;
  }

  hasRoom(groupBytes: number): boolean {
    return this.#buffer.hasRoom(groupBytes);
  }

  /**
   * Waits until a segment is ready that may hold a group of this size. Others may take it first: ask
   * `hasRoom` again. @throws SeawallError `NO_SPACE`: nothing was logged.
   */
  async makeRoom(groupBytes: number): Promise<void> {
    await this.#options.pool.prepare(this.#buffer.segmentBytesFor(groupBytes));
  }

  /**
   * Appends a group of records: synchronous, needs `hasRoom`. Nothing is durable until a later sync.
   * Returns the LSN behind the group.
   */
  append(group: RecordGroup): Lsn {
    const end = this.#buffer.append(group);
    this.#options.pool.prepareAhead();
    return end;
  }

  /**
   * Appends the records of a commit. The promise resolves when the sync policy lets it be acknowledged.
   *
   * @throws SeawallError `OUTCOME_UNKNOWN` when the log fails first.
   */
  appendCommit(
    group: RecordGroup,
    commit: CommitToAppend,
  ): { readonly endLsn: Lsn; readonly acknowledged: Promise<void> } {
    const endLsn = this.append(group);
    const appended: AppendedCommit = {
      ...commit,
      endLsn,
      bytes: group.bytes.length,
      appendedMs: this.#options.platform.clock.monotonicMs(),
    };
    return { endLsn, acknowledged: this.#writer.appended(appended) };
  }

  /** Makes everything appended so far durable. @throws SeawallError `OUTCOME_UNKNOWN`. */
  async sync(): Promise<void> {
    await this.#writer.sync();
  }

  /** Resolves once every commit appended so far is visible. @throws SeawallError `OUTCOME_UNKNOWN`. */
  async published(): Promise<void> {
    await this.#writer.published();
  }

  /** Lets go of the files. Makes nothing durable: `sync` first. */
  async close(): Promise<void> {
    await this.#writer.close();
    await this.#options.pool.close();
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
