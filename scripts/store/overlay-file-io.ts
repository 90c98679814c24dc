import {
  FileIOError,
  type FileHandle,
  type FileIO,
  type FileLock,
  type FileStat,
  type OpenMode,
} from "../../engine/platform/file-io.ts";
import { OverlayFile, OverlayHandle } from "./overlay-file.ts";

/**
 * The files of a disk, to be changed in memory only: whoever opens a store over this recovers it, and the disk
 * keeps what it has. Directories cannot be made or removed, and there is nothing to sync.
 */
export class OverlayFileIO implements FileIO {
  readonly #base: FileIO;
  /** By path. Null: it was removed, or has another name now. */
  readonly #files = new Map<string, OverlayFile | null>();
  readonly #all: OverlayFile[] = [];

  constructor(base: FileIO) {
    this.#base = base;
  }

  async open(path: string, mode: OpenMode): Promise<FileHandle> {
    const there = await this.#find(path);
    if (there !== undefined) {
      return new OverlayHandle(there, path, mode);
    }
    const parent = await this.#base.stat(parentOf(path));
    if (mode !== "create" || parent?.kind !== "directory") {
      throw new FileIOError("ENOENT", { operation: "open", path });
    }
    const made = this.#files.get(path) ?? new OverlayFile(undefined, 0);
    this.#add(path, made);
    return new OverlayHandle(made, path, mode);
  }

  async stat(path: string): Promise<FileStat | undefined> {
    const known = this.#files.get(path);
    if (known === undefined) {
      return await this.#base.stat(path);
    }
    return known === null ? undefined : { kind: "file", bytes: known.bytes };
  }

  async readDirectory(path: string): Promise<string[]> {
    const names = new Set(await this.#base.readDirectory(path));
    for (const [file, content] of this.#files) {
      const name = file.slice(path.length + 1);
      if (file.startsWith(`${path}/`) && !name.includes("/")) {
        if (content === null) {
          names.delete(name);
        } else {
          names.add(name);
        }
      }
    }
    return [...names].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  async makeDirectory(path: string): Promise<void> {
    const there = await this.stat(path);
    if (there?.kind !== "directory") {
      throw new FileIOError("EROFS", { operation: "makeDirectory", path });
    }
  }

  async rename(from: string, to: string): Promise<void> {
    const file = await this.#needed("rename", from);
    if (from !== to) {
      this.#files.set(from, null);
      this.#files.set(to, file);
    }
  }

  async unlink(path: string): Promise<void> {
    await this.#needed("unlink", path);
    this.#files.set(path, null);
  }

  async syncDirectory(path: string): Promise<void> {
    const there = await this.stat(path);
    if (there?.kind !== "directory") {
      throw new FileIOError(there === undefined ? "ENOENT" : "ENOTDIR", {
        operation: "syncDirectory",
        path,
      });
    }
  }

  /** Whoever makes the overlay holds the disk's own lock: a lock that is taken here keeps nobody out. */
  async lock(): Promise<FileLock> {
    return await Promise.resolve({ release: async () => {} });
  }

  /** Lets go of the disk's files. Handles that are still open are of no use any more. */
  async close(): Promise<void> {
    for (const file of this.#all.splice(0)) {
      await file.close();
    }
  }

  async #needed(operation: string, path: string): Promise<OverlayFile> {
    const file = await this.#find(path);
    if (file === undefined) {
      throw new FileIOError("ENOENT", { operation, path });
    }
    return file;
  }

  async #find(path: string): Promise<OverlayFile | undefined> {
    const known = this.#files.get(path);
    if (known !== undefined) {
      return known ?? undefined;
    }
    const stat = await this.#base.stat(path);
    if (stat === undefined) {
      return undefined;
    }
    const handle = await this.#base.open(path, "read");
    const opened = this.#files.get(path);
    if (opened !== undefined) {
      await handle.close();
      return opened ?? undefined;
    }
    const file = new OverlayFile(handle, await handle.size());
    this.#add(path, file);
    return file;
  }

  #add(path: string, file: OverlayFile): void {
    this.#files.set(path, file);
    this.#all.push(file);
  }
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, Math.max(1, slash));
}
