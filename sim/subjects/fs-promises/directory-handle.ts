import type { SynchronousDisk } from "../subject.ts";
import { calling, closedError, FsError } from "./fs-errors.ts";
import { statsOf } from "./stats.ts";
import type { FsFileHandle, FsStats } from "./types.ts";

/** A directory that was opened for reading. On Linux that is how its names are made durable: by `sync`. */
export class OpenDirectory implements FsFileHandle {
  readonly #disk: SynchronousDisk;
  readonly #path: string;
  #closed = false;

  constructor(disk: SynchronousDisk, path: string) {
    this.#disk = disk;
    this.#path = path;
  }

  async sync(): Promise<void> {
    this.#sync("fsync");
  }

  async datasync(): Promise<void> {
    this.#sync("fdatasync");
  }

  async stat(): Promise<FsStats> {
    this.#refuseClosed("fstat");
    return statsOf({ kind: "directory", bytes: 0 });
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  async read(): Promise<never> {
    return this.#refuse("read", "EISDIR");
  }

  async readFile(): Promise<never> {
    return this.#refuse("read", "EISDIR", "readFile");
  }

  async write(): Promise<never> {
    return this.#refuse("write", "EBADF");
  }

  async writeFile(): Promise<never> {
    return this.#refuse("write", "EBADF", "writeFile");
  }

  async appendFile(): Promise<never> {
    return this.#refuse("write", "EBADF", "writeFile");
  }

  async truncate(): Promise<never> {
    return this.#refuse("ftruncate", "EINVAL");
  }

  #sync(syscall: string): void {
    this.#refuseClosed(syscall);
    calling({ syscall }, () => this.#disk.syncDirectory(this.#path));
  }

  #refuse(syscall: string, code: string, whenClosed = syscall): never {
    this.#refuseClosed(whenClosed);
    throw new FsError(code, { syscall });
  }

  #refuseClosed(syscall: string): void {
    if (this.#closed) {
      throw closedError(syscall);
    }
  }
}
