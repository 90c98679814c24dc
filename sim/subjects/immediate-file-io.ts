import {
  type FileHandle,
  type FileIO,
  FileIOError,
  type FileLock,
  type FileStat,
  type OpenMode,
} from "../../engine/platform/file-io.ts";
import type { VirtualFile } from "../disk/virtual-file.ts";
import type { SynchronousDisk } from "./subject.ts";

/**
 * A disk whose calls take effect at once, as a program sees it that awaits its calls. One of these is the
 * life of one process: the locks taken here end with it.
 */
export class ImmediateFileIO implements FileIO {
  readonly #disk: SynchronousDisk;
  readonly #life: Life = { over: false };
  readonly #locked = new Set<string>();

  constructor(disk: SynchronousDisk) {
    this.#disk = disk;
  }

  /** The process is dead: nothing that it goes on to call has an effect, or ever gets an answer. */
  die(): void {
    this.#life.over = true;
  }

  open(path: string, mode: OpenMode): Promise<FileHandle> {
    return answer(this.#life, () => {
      const file = this.#disk.open(path, mode);
      return new ImmediateFileHandle(this.#disk, file, { life: this.#life, mode });
    });
  }

  stat(path: string): Promise<FileStat | undefined> {
    return answer(this.#life, () => this.#disk.stat(path));
  }

  readDirectory(path: string): Promise<string[]> {
    return answer(this.#life, () => this.#disk.readDirectory(path));
  }

  makeDirectory(path: string): Promise<void> {
    return answer(this.#life, () => this.#disk.makeDirectory(path));
  }

  rename(from: string, to: string): Promise<void> {
    return answer(this.#life, () => this.#disk.rename(from, to));
  }

  unlink(path: string): Promise<void> {
    return answer(this.#life, () => this.#disk.unlink(path));
  }

  syncDirectory(path: string): Promise<void> {
    return answer(this.#life, () => this.#disk.syncDirectory(path));
  }

  lock(path: string): Promise<FileLock> {
    return answer(this.#life, () => {
      this.#disk.open(path, "create");
      if (this.#locked.has(path)) {
        throw new FileIOError("ELOCKED", { operation: "lock", path });
      }
      this.#locked.add(path);
      return { release: () => answer(this.#life, () => void this.#locked.delete(path)) };
    });
  }
}

/** Of one process. */
interface Life {
  over: boolean;
}

/** Does the work now, and answers as soon as the caller waits for it; the dead get no answer at all. */
function answer<T>(life: Life, work: () => T): Promise<T> {
  return life.over ? new Promise<T>(() => {}) : new Promise<T>((resolve) => resolve(work()));
}

class ImmediateFileHandle implements FileHandle {
  readonly #disk: SynchronousDisk;
  readonly #file: VirtualFile;
  readonly #life: Life;
  readonly #mode: OpenMode;
  #closed = false;

  constructor(
    disk: SynchronousDisk,
    file: VirtualFile,
    { life, mode }: { readonly life: Life; readonly mode: OpenMode },
  ) {
    this.#disk = disk;
    this.#file = file;
    this.#life = life;
    this.#mode = mode;
  }

  read(target: Uint8Array, position: number): Promise<number> {
    return this.#call("read", position, () => this.#disk.read(this.#file, target, position));
  }

  write(source: Uint8Array, position: number): Promise<number> {
    return this.#change("write", position, () => this.#disk.write(this.#file, source, position));
  }

  truncate(bytes: number): Promise<void> {
    return this.#change("truncate", bytes, () => this.#disk.truncate(this.#file, bytes));
  }

  preallocate(bytes: number): Promise<void> {
    return this.#change("preallocate", bytes, () => this.#disk.preallocate(this.#file, bytes));
  }

  size(): Promise<number> {
    return this.#call("size", 0, () => this.#file.bytes);
  }

  datasync(): Promise<void> {
    return this.#call("datasync", 0, () => this.#disk.sync(this.#file, "datasync"));
  }

  sync(): Promise<void> {
    return this.#call("sync", 0, () => this.#disk.sync(this.#file, "sync"));
  }

  close(): Promise<void> {
    return this.#call("close", 0, () => {
      this.#closed = true;
      this.#disk.close(this.#file);
    });
  }

  #change<T>(operation: string, position: number, effect: () => T): Promise<T> {
    return this.#call(operation, position, () => {
      if (this.#mode === "read") {
        // As Linux answers: shortening a file that was opened to read is EINVAL, writing to it EBADF.
        throw this.#error(operation === "truncate" ? "EINVAL" : "EBADF", operation);
      }
      return effect();
    });
  }

  #call<T>(operation: string, position: number, effect: () => T): Promise<T> {
    return answer(this.#life, () => {
      if (this.#closed) {
        throw this.#error("EBADF", operation);
      }
      if (!Number.isSafeInteger(position) || position < 0) {
        throw this.#error("EINVAL", operation);
      }
      return effect();
    });
  }

  #error(code: "EBADF" | "EINVAL", operation: string): FileIOError {
    return new FileIOError(code, { operation, path: this.#file.path });
  }
}
