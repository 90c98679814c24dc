import type { Logger } from "../base/logger.ts";
import type { FileHandle, FileIO } from "../platform/file-io.ts";
import { doing } from "../platform/io-errors.ts";
import { isSeawallError } from "../base/errors.ts";
import {
  isUnfinishedName,
  segmentFileName,
  segmentNumberOf,
  unfinishedName,
} from "./segment-format.ts";

/** A segment file that is allocated, durable with its name, and holds nothing that counts. */
export interface SegmentSlot {
  readonly name: string;
  readonly file: FileHandle;
  readonly capacityBytes: number;
}

/** A file whose contents no longer count, free to be written over. */
export interface FreeSegment {
  readonly name: string;
  readonly capacityBytes: number;
}

export interface SegmentPoolOptions {
  readonly files: FileIO;
  readonly directory: string;
  readonly segmentBytes: number;
  /** Size of the files kept in reserve. @defaultValue 0: none is kept */
  readonly reserveBytes?: number;
  /** Names of all segment files that exist, unfinished ones too. */
  readonly names: readonly string[];
  readonly free: readonly FreeSegment[];
  readonly logger: Logger;
}

/** See SegmentPool. */
const RESERVE_FILES = 3;

/** More free files than that go back to the file system: a large transaction leaves many. */
const FREE_FILES_MAX = 16;

/**
 * Keeps segment files ready, so that a commit overwrites allocated bytes instead of growing a file. A
 * file keeps its name for life and is recycled by writing a new header into it: the number that orders
 * segments is in the header. A rename would need a directory sync, and a file system that loses half of
 * a rename could show one file under two names.
 *
 * Three small files are kept in reserve for opening: an open begins a segment of its own, also on a disk
 * that is full. The first may stay in use, for the tail that it copied; the second is free again once the
 * third has taken over from it, and so on.
 */
export class SegmentPool {
  readonly #options: SegmentPoolOptions;
  readonly #free: FreeSegment[] = [];
  readonly #reserve: FreeSegment[] = [];
  /** Too small (what a crash left of a file that was being made, or of times with smaller segments) or too many. */
  readonly #useless: string[] = [];
  readonly #reserveBytes: number;
  #reserveTried = false;
  #closed = false;
  #ready: SegmentSlot | undefined;
  #preparing: Promise<void> | undefined;
  #nextFile: number;

  constructor(options: SegmentPoolOptions) {
    this.#options = options;
    this.#reserveBytes = options.reserveBytes ?? 0;
    for (const segment of options.free) {
      this.recycle(segment);
    }
    this.#useless.push(...options.names.filter(isUnfinishedName));
    this.#nextFile = 1 + Math.max(0, ...options.names.map((name) => numberIn(name)));
  }

  /** The slot that the next rotation takes, when one is ready and large enough. */
  ready(capacityBytes: number): SegmentSlot | undefined {
    const slot = this.#ready;
    return slot !== undefined && slot.capacityBytes >= capacityBytes ? slot : undefined;
  }

  take(capacityBytes: number): SegmentSlot | undefined {
    const slot = this.ready(capacityBytes);
    if (slot !== undefined) {
      this.#ready = undefined;
      this.#reserveTried = false;
    }
    return slot;
  }

  /** Hands back a file whose contents no longer count, durably so. */
  recycle(segment: FreeSegment): void {
    const { capacityBytes } = segment;
    const { segmentBytes } = this.#options;
    const small = capacityBytes < segmentBytes || capacityBytes === this.#reserveBytes;
    if (small && capacityBytes >= this.#reserveBytes && this.#reserveIsShort) {
      this.#reserve.push(segment);
    } else if (capacityBytes < segmentBytes || this.#free.length >= FREE_FILES_MAX) {
      this.#useless.push(segment.name);
    } else {
      this.#free.push(segment);
    }
  }

  /**
   * Makes a slot of at least that size ready. When a slot is being made already, waits for that one; it
   * may be too small, or taken by another: the caller looks again. Only what went wrong since the call
   * is thrown: a disk that was full before it may have room by now.
   *
   * @throws SeawallError `NO_SPACE` when there is no room for it: nothing was written that counts, and
   * what was allocated for it is given back. `IO`.
   */
  async prepare(capacityBytes: number): Promise<void> {
    if (this.#preparing !== undefined) {
      await this.#preparing.catch(() => {});
    }
    if (this.#preparing !== undefined) {
      // It began after this call.
      await this.#preparing;
      return;
    }
    if (this.ready(capacityBytes) !== undefined) {
      return;
    }
    const work = this.#prepare(Math.max(capacityBytes, this.#options.segmentBytes));
    this.#preparing = work;
    try {
      await work;
    } finally {
      this.#preparing = undefined;
    }
  }

  /** As `prepare`, for opening: on a full disk a file of the reserve will do. */
  async prepareToOpen(capacityBytes: number): Promise<void> {
    try {
      await this.prepare(capacityBytes);
    } catch (error) {
      const index = this.#reserve.findIndex((segment) => segment.capacityBytes >= capacityBytes);
      const [reserved] = index < 0 ? [] : this.#reserve.splice(index, 1);
      if (!isSeawallError(error, "NO_SPACE") || reserved === undefined) {
        throw error;
      }
      this.#ready = await this.#reopen(reserved);
    }
  }

  /**
   * Gets a slot ready before it is needed, fills the reserve, and removes what is useless. Failing is no
   * failure: the commit that needs a slot tries again.
   */
  prepareAhead(): void {
    if (this.#preparing !== undefined || this.#closed) {
      return;
    }
    this.#preparing = this.#nextChore()?.then(
      () => {
        this.#preparing = undefined;
        this.prepareAhead();
      },
      (error: unknown) => {
        this.#preparing = undefined;
        const details = { event: "segment.prepare-failed", error };
        this.#options.logger.warn(details, "no segment ready ahead");
      },
    );
  }

  #nextChore(): Promise<void> | undefined {
    if (this.#useless.length > 0) {
      return this.#discard();
    }
    if (this.#ready === undefined) {
      return this.#prepare(this.#options.segmentBytes);
    }
    if (!this.#reserveTried && this.#reserveIsShort) {
      this.#reserveTried = true;
      return this.#fillReserve();
    }
    return undefined;
  }

  get #reserveIsShort(): boolean {
    return this.#reserveBytes > 0 && this.#reserve.length < RESERVE_FILES;
  }

  async #discard(): Promise<void> {
    for (const name of this.#useless.splice(0)) {
      await this.#unlink(name);
    }
  }

  async #fillReserve(): Promise<void> {
    while (this.#reserveIsShort) {
      const { file, name, capacityBytes } = await this.#create(this.#reserveBytes);
      await file.close();
      this.#reserve.push({ name, capacityBytes });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#preparing?.catch(() => {});
    const slot = this.#ready;
    this.#ready = undefined;
    await slot?.file.close();
  }

  async #prepare(capacityBytes: number): Promise<void> {
    const tooSmall = this.#ready;
    this.#ready = undefined;
    if (tooSmall !== undefined) {
      await tooSmall.file.close();
      this.recycle({ name: tooSmall.name, capacityBytes: tooSmall.capacityBytes });
    }
    const index = this.#free.findIndex((segment) => segment.capacityBytes >= capacityBytes);
    const recycled = index < 0 ? undefined : this.#free.splice(index, 1)[0];
    this.#ready =
      recycled === undefined ? await this.#create(capacityBytes) : await this.#reopen(recycled);
  }

  async #reopen(segment: FreeSegment): Promise<SegmentSlot> {
    const { files, directory, logger } = this.#options;
    try {
      const file = await files.open(`${directory}/${segment.name}`, "write");
      logger.debug({ event: "segment.recycle", file: segment.name }, "segment file recycled");
      return { ...segment, file };
    } catch (error) {
      this.#free.push(segment);
      return await doing("recycling a log segment", Promise.reject(error));
    }
  }

  async #create(capacityBytes: number): Promise<SegmentSlot> {
    const { files, directory, logger } = this.#options;
    const name = segmentFileName(this.#nextFile);
    this.#nextFile += 1;
    let made = unfinishedName(name);
    const path = `${directory}/${made}`;
    const file = await doing("creating a log segment", files.open(path, "create"));
    try {
      await file.preallocate(capacityBytes);
      // Allocated and written once: later overwrites change no metadata, so datasync is enough.
      await file.sync();
      await files.rename(path, `${directory}/${name}`);
      made = name;
      // The name must be durable before the first record in it is acknowledged; otherwise a power cut
      // leaves an acknowledged commit in a file that does not exist.
      await files.syncDirectory(directory);
    } catch (error) {
      await file.close();
      await this.#unlink(made);
      return await doing("allocating a log segment", Promise.reject(error));
    }
    logger.debug({ event: "segment.create", file: name, capacityBytes }, "segment file created");
    return { name, file, capacityBytes };
  }

  /** A half-allocated file would keep the room that the disk has just run out of. */
  async #unlink(name: string): Promise<void> {
    const { files, directory } = this.#options;
    try {
      await files.unlink(`${directory}/${name}`);
    } catch (error) {
      this.#options.logger.warn(
        { event: "segment.unlink-failed", error },
        "segment file left behind",
      );
    }
  }
}

function numberIn(name: string): number {
  return segmentNumberOf(isUnfinishedName(name) ? name.slice(0, name.lastIndexOf(".")) : name) ?? 0;
}
