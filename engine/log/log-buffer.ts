import { assert, defined } from "../base/assert.ts";
import { lsn as toLsn } from "../base/units.ts";
import type { Lsn } from "../base/units.ts";
import { BATCH_HEADER_BYTES, batchBytes } from "./batch-format.ts";
import type { SegmentPool, SegmentSlot } from "./segment-pool.ts";

/** Encoded records that belong together, in order. */
export interface RecordGroup {
  readonly bytes: Uint8Array;
  /** Offset of each record in `bytes`, ascending, beginning with 0. */
  readonly starts: readonly number[];
}

/** A segment that batches are laid out in. */
export interface ActiveSegment extends SegmentSlot {
  readonly number: number;
  /** LSN that lies at `baseOffset` in the file. */
  readonly baseLsn: Lsn;
  readonly baseOffset: number;
  /** False until the writer has put the header there: at its first batch. */
  headerWritten: boolean;
}

/** A batch in memory. Its payload is in place, its header is not written yet. */
export interface BufferedBatch {
  readonly segment: ActiveSegment;
  readonly lsn: Lsn;
  bytes: Uint8Array;
  payloadBytes: number;
  recordCount: number;
}

export interface LogBufferOptions {
  readonly pool: SegmentPool;
  readonly sectorBytes: number;
  readonly batchBytesMax: number;
  /** The segment being filled, and where in the log its next batch begins. */
  readonly segment: ActiveSegment;
  readonly position: Lsn;
}

/**
 * Lays records out in batches and batches in segments, in memory. Synchronous: a record has its LSN the
 * moment it is appended, so that the change it describes can be applied in the same critical section.
 */
export class LogBuffer {
  readonly #options: LogBufferOptions;
  #segment: ActiveSegment;
  /** Where the open batch begins, or the next one will. */
  #position: Lsn;
  #open: BufferedBatch | undefined;
  readonly #sealed: BufferedBatch[] = [];

  constructor(options: LogBufferOptions) {
    this.#options = options;
    this.#segment = options.segment;
    this.#position = options.position;
  }

  get isEmpty(): boolean {
    return this.#open === undefined && this.#sealed.length === 0;
  }

  /** End of everything appended. */
  get endLsn(): Lsn {
    const open = this.#open;
    return open === undefined
      ? this.#position
      : toLsn(open.lsn + BATCH_HEADER_BYTES + open.payloadBytes);
  }

  /** The segments that waiting batches are laid out in, and the one being filled. */
  segments(): Set<ActiveSegment> {
    return new Set([...this.#sealed.map(({ segment }) => segment), this.#segment]);
  }

  /** Bytes of a new segment that surely hold a group of this size. */
  segmentBytesFor(groupBytes: number): number {
    return this.#options.sectorBytes + this.#footprint(groupBytes);
  }

  /** Whether a group of this size can be appended now, without waiting for a segment. */
  hasRoom(groupBytes: number): boolean {
    return (
      this.#fitsOpen(groupBytes) ||
      this.#remaining() >= this.#footprint(groupBytes) ||
      this.#options.pool.ready(this.segmentBytesFor(groupBytes)) !== undefined
    );
  }

  /**
   * Appends a group. One that fits a batch is never divided, so that it is in the log as a whole or not
   * at all. Returns the LSN behind it; `lsnOf` is called with each record's LSN.
   */
  append(group: RecordGroup, lsnOf?: (index: number, lsn: Lsn) => void): Lsn {
    const { bytes } = group;
    assert(this.hasRoom(bytes.length), `no room for ${bytes.length} log bytes`);
    if (!this.#fitsOpen(bytes.length)) {
      this.#seal();
      if (this.#remaining() < this.#footprint(bytes.length)) {
        this.#rotate(bytes.length);
      }
    }
    group.starts.forEach((start, index) => {
      const record = bytes.subarray(start, group.starts[index + 1] ?? bytes.length);
      const lsn = this.#appendRecord(record);
      lsnOf?.(index, lsn);
    });
    return this.endLsn;
  }

  /** The oldest batch, closed to further records; undefined when there is none. */
  take(): BufferedBatch | undefined {
    if (this.#sealed.length === 0) {
      this.#seal();
    }
    return this.#sealed.shift();
  }

  #appendRecord(record: Uint8Array): Lsn {
    if (!this.#fitsOpen(record.length)) {
      this.#seal();
    }
    const batch = this.#openBatch(record.length);
    const offset = BATCH_HEADER_BYTES + batch.payloadBytes;
    batch.bytes.set(record, offset);
    batch.payloadBytes += record.length;
    batch.recordCount += 1;
    return toLsn(batch.lsn + offset);
  }

  #fitsOpen(groupBytes: number): boolean {
    const open = this.#open;
    if (open === undefined) {
      return false;
    }
    const payloadBytes = open.payloadBytes + groupBytes;
    const { batchBytesMax, sectorBytes } = this.#options;
    return (
      payloadBytes <= batchBytesMax &&
      this.#offset(open.lsn) + batchBytes(payloadBytes, sectorBytes) <= this.#segment.capacityBytes
    );
  }

  #openBatch(recordBytes: number): BufferedBatch {
    const open = this.#open ?? {
      segment: this.#segment,
      lsn: this.#position,
      bytes: new Uint8Array(batchBytes(recordBytes, this.#options.sectorBytes)),
      payloadBytes: 0,
      recordCount: 0,
    };
    this.#open = open;
    const needed = batchBytes(open.payloadBytes + recordBytes, this.#options.sectorBytes);
    if (needed > open.bytes.length) {
      const grown = new Uint8Array(Math.max(needed, open.bytes.length * 2));
      grown.set(open.bytes.subarray(0, BATCH_HEADER_BYTES + open.payloadBytes));
      open.bytes = grown;
    }
    return open;
  }

  #seal(): void {
    const open = this.#open;
    if (open === undefined) {
      return;
    }
    const bytes = batchBytes(open.payloadBytes, this.#options.sectorBytes);
    open.bytes = open.bytes.subarray(0, bytes);
    this.#sealed.push(open);
    this.#open = undefined;
    this.#position = toLsn(open.lsn + bytes);
  }

  #rotate(groupBytes: number): void {
    const slot = defined(
      this.#options.pool.take(this.segmentBytesFor(groupBytes)),
      "a segment to rotate to",
    );
    this.#segment = {
      ...slot,
      number: this.#segment.number + 1,
      baseLsn: this.#position,
      baseOffset: this.#options.sectorBytes,
      headerWritten: false,
    };
  }

  #offset(lsn: Lsn): number {
    return this.#segment.baseOffset + (lsn - this.#segment.baseLsn);
  }

  /** Bytes of the active segment behind the open batch. */
  #remaining(): number {
    const open = this.#open;
    const used = open === undefined ? 0 : batchBytes(open.payloadBytes, this.#options.sectorBytes);
    return this.#segment.capacityBytes - this.#offset(this.#position) - used;
  }

  /** The most that a group takes when it begins a batch of its own. */
  #footprint(groupBytes: number): number {
    const { batchBytesMax, sectorBytes } = this.#options;
    if (groupBytes <= batchBytesMax) {
      return batchBytes(groupBytes, sectorBytes);
    }
    // Batches are filled as far as the next record allows: any two in a row hold more than one full one.
    const batches = Math.ceil((2 * groupBytes) / batchBytesMax) + 1;
    return groupBytes + batches * (BATCH_HEADER_BYTES + sectorBytes);
  }
}
