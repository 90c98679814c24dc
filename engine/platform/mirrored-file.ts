import { isFileIOError } from "./file-io.ts";
import type { FileHandle } from "./file-io.ts";
import { writeWhole } from "./whole-io.ts";

/** One of the two copies of a file. */
export type CopyIndex = 0 | 1;

export const COPIES: readonly CopyIndex[] = [0, 1];

/** Whoever opened a file; told of every copy that is mended, or that cannot be. */
export interface RepairBook {
  closed(file: MirroredFile): void;
  repaired(place: RepairedPlace): void;
  notRepaired(place: RepairedPlace, error: unknown): void;
}

export interface RepairedPlace {
  /** The copy itself, not the file that it is a copy of. */
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
}

/**
 * A file that is kept twice. Whatever changes it happens to both copies, and has happened only when it has
 * happened to both: a sync that one copy fails has failed. After a power cut each copy holds some part of
 * what was not synced, and not the same one.
 *
 * A reader that can tell right bytes from wrong ones reads the copies one by one and takes what is right:
 * bytes cannot say which of two whole versions is the newer one, only their format can.
 */
export class MirroredFile implements FileHandle {
  readonly copies: readonly [FileHandle, FileHandle];
  /** Of both copies. A file keeps its handle when it is renamed. */
  paths: readonly [string, string];
  readonly #book: RepairBook;

  constructor(
    copies: readonly [FileHandle, FileHandle],
    paths: readonly [string, string],
    book: RepairBook,
  ) {
    this.copies = copies;
    this.paths = paths;
    this.#book = book;
  }

  /** From the first copy that can be read. Says nothing of whether it is the right one. */
  async read(target: Uint8Array, position: number): Promise<number> {
    const [first, second] = this.copies;
    try {
      return await first.read(target, position);
    } catch (error) {
      if (!isFileIOError(error)) {
        throw error;
      }
      return await second.read(target, position);
    }
  }

  /** All of it, to both copies. */
  async write(source: Uint8Array, position: number): Promise<number> {
    await this.#onBoth((copy) => writeWhole(copy, source, position));
    return source.length;
  }

  /**
   * Shortens. A copy that a power cut left shorter stays as it is: what it would be lengthened by is allocated
   * nowhere, and a later write to it may find no room.
   */
  async truncate(bytes: number): Promise<void> {
    await this.#onBoth(async (copy) => {
      if ((await copy.size()) > bytes) {
        await copy.truncate(bytes);
      }
    });
  }

  /**
   * Lengthens the copy that a power cut left shorter, so that no repair leaves a gap in it. Where that fails it
   * stays shorter: the longer one has everything, and the failure of a whole disk shows elsewhere.
   */
  async lengthenShorter(): Promise<void> {
    const most = Math.max(...(await this.sizes()));
    await this.#onBoth((copy) => copy.preallocate(most)).catch((error: unknown) => {
      if (!isFileIOError(error)) {
        throw error;
      }
    });
  }

  async preallocate(bytes: number): Promise<void> {
    await this.#onBoth((copy) => copy.preallocate(bytes));
  }

  /** What both copies have room for: a power cut may leave one of them shorter. */
  async size(): Promise<number> {
    const [first, second] = await this.sizes();
    return Math.min(first, second);
  }

  async sizes(): Promise<readonly [number, number]> {
    const [first, second] = this.copies;
    return [await first.size(), await second.size()];
  }

  /** Rejects as soon as one copy fails: from then on nothing may be acknowledged. The other one goes on. */
  async datasync(): Promise<void> {
    await Promise.all(this.copies.map((copy) => copy.datasync()));
  }

  /** As `datasync`. */
  async sync(): Promise<void> {
    await Promise.all(this.copies.map((copy) => copy.sync()));
  }

  async close(): Promise<void> {
    this.#book.closed(this);
    await this.#onBoth((copy) => copy.close());
  }

  /**
   * Gives these copies the bytes that are right. Durable with the next sync. A copy that cannot be written
   * stays as it is: the bytes are still there once, and the failure of a whole disk shows elsewhere. True when
   * all of them have the bytes now.
   */
  async mend(copies: readonly CopyIndex[], bytes: Uint8Array, offset: number): Promise<boolean> {
    const failures = new Map<CopyIndex, unknown>();
    for (const copy of copies) {
      await writeWhole(this.copies[copy], bytes, offset).catch((error: unknown) => {
        failures.set(copy, error);
      });
    }
    for (const copy of copies) {
      const place = { path: this.paths[copy], offset, bytes: bytes.length };
      if (failures.has(copy)) {
        this.#book.notRepaired(place, failures.get(copy));
      } else {
        this.#book.repaired(place);
      }
    }
    return failures.size === 0;
  }

  /** At the same time. Waits for both, also when one fails: the other may still read the caller's bytes. */
  async #onBoth(work: (copy: FileHandle) => Promise<void>): Promise<void> {
    for (const outcome of await Promise.allSettled(this.copies.map(work))) {
      if (outcome.status === "rejected") {
        throw outcome.reason;
      }
    }
  }
}

/** The file as a mirrored one; undefined when there is only one copy of it. */
export function mirrored(file: FileHandle): MirroredFile | undefined {
  return file instanceof MirroredFile ? file : undefined;
}
