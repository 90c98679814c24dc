import type { Logger } from "../base/logger.ts";
import { FileIOError, isFileIOError } from "./file-io.ts";
import type { FileHandle, FileIO, FileLock, FileStat, OpenMode } from "./file-io.ts";
import { MirroredFile } from "./mirrored-file.ts";
import type { RepairBook, RepairedPlace } from "./mirrored-file.ts";

/** How many copies of each of its files a store keeps. */
export type CopyCount = 1 | 2;

const SUFFIX = ".mirror";

/** What the second copy of a file is called. */
export function mirrorName(name: string): string {
  return `${name}${SUFFIX}`;
}

export function isMirrorName(name: string): boolean {
  return name.endsWith(SUFFIX);
}

/** The name without what makes it that of a second copy. */
export function firstName(name: string): string {
  return isMirrorName(name) ? name.slice(0, -SUFFIX.length) : name;
}

/** Since the store was opened. */
export interface RepairCounts {
  /** Times that a copy was given what the other one had. */
  readonly copiesRepaired: number;
  /** Times that the disk did not take it. */
  readonly copiesNotRepaired: number;
}

/**
 * Keeps every file twice: `pages.db`, and `pages.db.mirror` beside it. Who lists a directory sees each file
 * once. A file is there when one of its copies is; opening it for writing makes the other one anew, empty,
 * for its reader to fill. Creation, renaming and removal happen to the first copy first; a power cut between
 * the two leaves what one of both says.
 */
export class MirroredFiles implements FileIO, RepairBook {
  readonly counts = { copiesRepaired: 0, copiesNotRepaired: 0 };
  readonly #files: FileIO;
  readonly #logger: Logger;
  readonly #open = new Set<MirroredFile>();

  constructor(files: FileIO, logger: Logger) {
    this.#files = files;
    this.#logger = logger;
  }

  async open(path: string, mode: OpenMode): Promise<FileHandle> {
    const paths = [path, mirrorName(path)] as const;
    if (mode !== "create" && (await this.stat(path)) === undefined) {
      throw new FileIOError("ENOENT", { operation: "open", path });
    }
    const first = await this.#openCopy(paths[0], mode);
    try {
      const copies = [first, await this.#openCopy(paths[1], mode)] as const;
      const file = new MirroredFile(copies, paths, this);
      this.#open.add(file);
      return file;
    } catch (error) {
      await first.close();
      throw error;
    }
  }

  async stat(path: string): Promise<FileStat | undefined> {
    return (await this.#files.stat(path)) ?? (await this.#files.stat(mirrorName(path)));
  }

  async readDirectory(path: string): Promise<string[]> {
    const names = await this.#files.readDirectory(path);
    // A name sorts before the names that it begins.
    return [...new Set(names.map(firstName))].toSorted();
  }

  async makeDirectory(path: string): Promise<void> {
    await this.#files.makeDirectory(path);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#files.rename(from, to);
    await this.#files.rename(mirrorName(from), mirrorName(to));
    for (const file of this.#open) {
      if (file.paths[0] === from) {
        file.paths = [to, mirrorName(to)];
      }
    }
  }

  async unlink(path: string): Promise<void> {
    const wasThere = await this.#unlinkCopy(path);
    if (!(await this.#unlinkCopy(mirrorName(path))) && !wasThere) {
      throw new FileIOError("ENOENT", { operation: "unlink", path });
    }
  }

  async syncDirectory(path: string): Promise<void> {
    await this.#files.syncDirectory(path);
  }

  async lock(path: string): Promise<FileLock> {
    return await this.#files.lock(path);
  }

  closed(file: MirroredFile): void {
    this.#open.delete(file);
  }

  repaired(place: RepairedPlace): void {
    this.counts.copiesRepaired += 1;
    this.#logger.warn(
      { event: "mirror.repaired", ...place },
      "a copy was given what the other has",
    );
  }

  notRepaired(place: RepairedPlace, error: unknown): void {
    this.counts.copiesNotRepaired += 1;
    const details = { event: "mirror.repair-failed", ...place, error };
    this.#logger.warn(details, "a copy could not be given what the other has");
  }

  async #openCopy(path: string, mode: OpenMode): Promise<FileHandle> {
    if (mode !== "read") {
      return await this.#files.open(path, "create");
    }
    try {
      return await this.#files.open(path, mode);
    } catch (error) {
      if (!isFileIOError(error, "ENOENT")) {
        throw error;
      }
      return new NoFile(path);
    }
  }

  async #unlinkCopy(path: string): Promise<boolean> {
    try {
      await this.#files.unlink(path);
      return true;
    } catch (error) {
      if (!isFileIOError(error, "ENOENT")) {
        throw error;
      }
      return false;
    }
  }
}

/** A copy that is not there, to be read: nothing is in it. */
class NoFile implements FileHandle {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  read(): Promise<number> {
    return Promise.resolve(0);
  }

  size(): Promise<number> {
    return Promise.resolve(0);
  }

  async close(): Promise<void> {}

  write(): Promise<number> {
    return this.#refuse("write");
  }

  truncate(): Promise<void> {
    return this.#refuse("truncate");
  }

  preallocate(): Promise<void> {
    return this.#refuse("preallocate");
  }

  datasync(): Promise<void> {
    return this.#refuse("datasync");
  }

  sync(): Promise<void> {
    return this.#refuse("sync");
  }

  #refuse(operation: string): Promise<never> {
    return Promise.reject(new FileIOError("EBADF", { operation, path: this.#path }));
  }
}
