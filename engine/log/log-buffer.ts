import { defined, InvariantError } from "../base/assert.ts";
import type { ByteWriter } from "../base/byte-writer.ts";
import { lsn as toLsn } from "../base/units.ts";
import type { CommitNumber, Lsn } from "../base/units.ts";
import { BATCH_HEADER_BYTES, batchBytes } from "./batch-format.ts";
import type { SegmentPool, SegmentSlot } from "./segment-pool.ts";

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
  /**
   * The last commit before this batch, when no transaction is open in the log where it begins: recovery
   * may begin to read here. Undefined when one is.
   */
  readonly restart: CommitNumber | undefined;
}

/** A batch that outgrows its array gets one of so many times the size. */
const GROWTH = 4;

/** Small batches, one commit each, are many: allocating an array for each would cost more than filling it. */
const SPARE_MAX = 4;
const SPARE_BYTES_MAX = 64 * 1024;

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
  readonly #segments: ActiveSegment[];
  /** Arrays of batches that were written. */
  readonly #spare: Uint8Array[] = [];
  /** At the end of the last segment that there is room for: see `useLastSector`. */
  #keptBytes: number;

  constructor(options: LogBufferOptions) {
    this.#options = options;
    this.#keptBytes = options.sectorBytes;
    this.#segment = options.segment;
    this.#segments = [options.segment];
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
  waitingSegments(): Set<ActiveSegment> {
    return new Set([...this.#sealed.map(({ segment }) => segment), this.#segment]);
  }

  /** The segments that batches were laid out in, and that end behind the LSN, in log order. */
  segmentsFrom(position: Lsn): readonly ActiveSegment[] {
    return this.#segments.slice(this.#indexOf(position));
  }

  /** Takes away the segments that end at or before the LSN. */
  forget(before: Lsn): ActiveSegment[] {
    return this.#segments.splice(0, this.#indexOf(before));
  }

  /** Bytes of a new segment that surely hold a group of this size, and what is kept. */
  segmentBytesFor(groupBytes: number): number {
    return this.#options.sectorBytes + this.#footprint(groupBytes) + this.#keptBytes;
  }

  /** Whether a group of this size can be appended now, without waiting for a segment. */
  hasRoom(groupBytes: number): boolean {
    return (
      this.#fitsOpen(groupBytes, this.#keptBytes) ||
      this.#remaining() >= this.#footprint(groupBytes) + this.#divisionBytes + this.#keptBytes ||
      this.#options.pool.ready(this.segmentBytesFor(groupBytes)) !== undefined
    );
  }

  /**
   * From here on the sector may be used that was kept for the last record: a log that is closed on a full disk
   * says what of it is durable, so that the next open has no more than that to copy.
   */
  useLastSector(): void {
    this.#keptBytes = 0;
  }

  /**
   * Makes sure that records of at most this many bytes in all can be appended now. When as many as are
   * likely fit a batch they all go to the same one, so that they are in the log together or not at all. The
   * bound is often much higher: to begin a new segment for it would leave the old one half empty.
   */
  begin(groupBytes: number, likelyBytes: number = groupBytes): void {
    if (!this.hasRoom(groupBytes)) {
      throw new InvariantError(`no room for ${groupBytes} log bytes`);
    }
    if (!this.#fitsOpen(likelyBytes)) {
      this.#seal();
      if (this.#remaining() < this.#footprint(likelyBytes)) {
        this.#rotate(groupBytes);
      }
    }
  }

  /** Appends a record, for which `begin` has made room. Returns its LSN. */
  append(record: ByteWriter, restart: CommitNumber | undefined): Lsn {
    if (!this.#fitsOpen(record.length)) {
      this.#seal();
      if (this.#remaining() < batchBytes(record.length, this.#options.sectorBytes)) {
        this.#rotate(record.length);
      }
    }
    const batch = this.#openBatch(record.length, restart);
    const offset = BATCH_HEADER_BYTES + batch.payloadBytes;
    record.copyTo(batch.bytes, offset);
    batch.payloadBytes += record.length;
    batch.recordCount += 1;
    return toLsn(batch.lsn + offset);
  }

  /** The batch is on its way no more: its memory may be used again. */
  written({ bytes }: BufferedBatch): void {
    this.#recycle(new Uint8Array(bytes.buffer));
  }

  /** The oldest batch, closed to further records; undefined when there is none. */
  take(): BufferedBatch | undefined {
    if (this.#sealed.length === 0) {
      this.#seal();
    }
    return this.#sealed.shift();
  }

  #fitsOpen(groupBytes: number, keptBytes = 0): boolean {
    const open = this.#open;
    if (open === undefined) {
      return false;
    }
    const payloadBytes = open.payloadBytes + groupBytes;
    const { batchBytesMax, sectorBytes } = this.#options;
    return (
      payloadBytes <= batchBytesMax &&
      this.#offset(open.lsn) + batchBytes(payloadBytes, sectorBytes) + keptBytes <=
        this.#segment.capacityBytes
    );
  }

  #openBatch(recordBytes: number, restart: CommitNumber | undefined): BufferedBatch {
    const open = this.#open ?? {
      segment: this.#segment,
      lsn: this.#position,
      bytes: this.#zeros(batchBytes(recordBytes, this.#options.sectorBytes)),
      payloadBytes: 0,
      recordCount: 0,
      restart,
    };
    this.#open = open;
    const needed = batchBytes(open.payloadBytes + recordBytes, this.#options.sectorBytes);
    if (needed > open.bytes.length) {
      const grown = this.#zeros(Math.max(needed, open.bytes.length * GROWTH));
      grown.set(open.bytes.subarray(0, BATCH_HEADER_BYTES + open.payloadBytes));
      this.#recycle(open.bytes);
      open.bytes = grown;
    }
    return open;
  }

  /** Zeros, because what is behind the payload is padding. From an array that was used before, if one fits. */
  #zeros(bytes: number): Uint8Array {
    const index = this.#spare.findIndex(({ length }) => length >= bytes);
    const [spare] = index < 0 ? [] : this.#spare.splice(index, 1);
    return spare?.fill(0) ?? new Uint8Array(bytes);
  }

  #recycle(bytes: Uint8Array): void {
    if (this.#spare.length < SPARE_MAX && bytes.length <= SPARE_BYTES_MAX) {
      this.#spare.push(bytes);
    }
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
    this.#segments.push(this.#segment);
  }

  /** Of the first segment that ends behind the LSN. */
  #indexOf(lsn: Lsn): number {
    return this.#segments.findIndex(
      (_, index) => (this.#segments[index + 1]?.baseLsn ?? Infinity) > lsn,
    );
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

  /** What a group takes more when its beginning goes to the open batch, if there is one, and its end to another. */
  get #divisionBytes(): number {
    return this.#open === undefined ? 0 : BATCH_HEADER_BYTES + this.#options.sectorBytes;
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
