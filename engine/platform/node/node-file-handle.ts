import fs from "node:fs";
import { FileIOError, type FileHandle } from "../file-io.ts";
import { toFileIOError } from "./errno.ts";

/** Zeros are written this many bytes at a time: long enough for full bandwidth, short enough to share. */
const ZEROS = new Uint8Array(1024 * 1024);

export interface NodeFileHandleOptions {
  readonly fd: number;
  readonly path: string;
  /** Transfers up to this size run on the calling thread: see `NodeFileIOOptions.inlineBytesMax`. */
  readonly inlineBytesMax: number;
}

/**
 * An open file on raw descriptors and callbacks: a third cheaper per call than `fs.promises.FileHandle`,
 * which allocates several promises and a result object for each.
 */
export class NodeFileHandle implements FileHandle {
  readonly #fd: number;
  readonly #path: string;
  readonly #inlineBytesMax: number;
  #closing = false;
  #running = 0;
  #onIdle: (() => void) | undefined;

  constructor(options: NodeFileHandleOptions) {
    this.#fd = options.fd;
    this.#path = options.path;
    this.#inlineBytesMax = options.inlineBytesMax;
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    if (target.length <= this.#inlineBytesMax) {
      return this.#inline("read", () => fs.readSync(this.#fd, target, 0, target.length, position));
    }
    return this.#call("read", (done) => {
      fs.read(this.#fd, target, 0, target.length, position, done);
    });
  }

  async write(source: Uint8Array, position: number): Promise<number> {
    if (source.length <= this.#inlineBytesMax) {
      return this.#inline("write", () =>
        fs.writeSync(this.#fd, source, 0, source.length, position),
      );
    }
    // libuv loops over partial writes and reports the short count as success when an error follows: the
    // count goes back as it is, and the caller's next call meets the error.
    return this.#call("write", (done) => {
      fs.write(this.#fd, source, 0, source.length, position, done);
    });
  }

  async truncate(bytes: number): Promise<void> {
    if (!Number.isSafeInteger(bytes) || bytes < 0) {
      throw new FileIOError("EINVAL", { operation: "truncate", path: this.#path });
    }
    await this.#call("truncate", (done) => {
      fs.ftruncate(this.#fd, bytes, done);
    });
  }

  async preallocate(bytes: number): Promise<void> {
    // Neither ftruncate nor fallocate will do: both leave extents that the first write must convert, and
    // that conversion is the journal commit which preallocation exists to avoid.
    // First of nothing: a file that was opened to read is refused, also when it is long enough.
    await this.write(ZEROS.subarray(0, 0), 0);
    let position = await this.size();
    while (position < bytes) {
      const zeros = ZEROS.subarray(0, Math.min(ZEROS.length, bytes - position));
      const written = await this.write(zeros, position);
      if (written === 0) {
        throw new FileIOError("EIO", { operation: "preallocate", path: this.#path });
      }
      position += written;
    }
  }

  async size(): Promise<number> {
    return this.#inline("size", () => fs.fstatSync(this.#fd).size);
  }

  /**
   * fdatasync where there is one. On macOS Node.js asks for F_FULLFSYNC, then F_BARRIERFSYNC, then a plain
   * fsync, silently: on a volume that supports only the last, the drive's cache is not flushed.
   */
  async datasync(): Promise<void> {
    await this.#call("datasync", (done) => {
      fs.fdatasync(this.#fd, done);
    });
  }

  async sync(): Promise<void> {
    await this.#call("sync", (done) => {
      fs.fsync(this.#fd, done);
    });
  }

  async close(): Promise<void> {
    this.#assertOpen("close");
    this.#closing = true;
    if (this.#running > 0) {
      // The system may give the number to the next file opened while a call still runs on it.
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    await new Promise<void>((resolve, reject) => {
      fs.close(this.#fd, (error) => {
        if (error) {
          reject(toFileIOError(error, "close", this.#path));
        } else {
          resolve();
        }
      });
    });
  }

  #inline<T>(operation: string, call: () => T): T {
    this.#assertOpen(operation);
    try {
      return call();
    } catch (error) {
      throw toFileIOError(error, operation, this.#path);
    }
  }

  /** Runs one call in the thread pool; resolves to its byte count, 0 for calls without one. */
  #call(operation: string, start: (done: Done) => void): Promise<number> {
    this.#assertOpen(operation);
    return new Promise((resolve, reject) => {
      this.#running += 1;
      start((error, count) => {
        this.#running -= 1;
        if (this.#running === 0) {
          this.#onIdle?.();
        }
        if (error === null) {
          resolve(count ?? 0);
        } else {
          reject(toFileIOError(error, operation, this.#path));
        }
      });
    });
  }

  #assertOpen(operation: string): void {
    if (this.#closing) {
      throw new FileIOError("EBADF", { operation, path: this.#path });
    }
  }
}

type Done = (error: NodeJS.ErrnoException | null, count?: number) => void;
