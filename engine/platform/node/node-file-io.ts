import fs from "node:fs";
import fsPromises from "node:fs/promises";
import {
  FileIOError,
  type FileHandle,
  type FileIO,
  type FileLock,
  type FileStat,
  type OpenMode,
} from "../file-io.ts";
import { errnoOf, toFileIOError } from "./errno.ts";
import { lockFile } from "./file-lock.ts";
import { NodeFileHandle } from "./node-file-handle.ts";

export interface NodeFileIOOptions {
  /**
   * Reads and writes of up to this many bytes are made on the calling thread instead of the thread pool.
   * Against the system's page cache such a call takes 1 to 5 microseconds, a trip through the pool 35 to
   * 100; the price is that a read the system has not cached holds the event loop for one access to
   * the device. Syncs always go through the pool. 0 sends every transfer there.
   *
   * @defaultValue 65536
   */
  readonly inlineBytesMax?: number;
}

const INLINE_BYTES_MAX = 64 * 1024;

const FLAGS: Readonly<Record<OpenMode, number>> = {
  read: fs.constants.O_RDONLY,
  write: fs.constants.O_RDWR,
  create: fs.constants.O_RDWR | fs.constants.O_CREAT,
};

/** The disk of this machine. What each method promises is in `FileIO`; what this one adds is said beside it. */
export function createNodeFileIO(options: NodeFileIOOptions = {}): FileIO {
  return new NodeFileIO(options.inlineBytesMax ?? INLINE_BYTES_MAX);
}

class NodeFileIO implements FileIO {
  readonly #inlineBytesMax: number;

  constructor(inlineBytesMax: number) {
    this.#inlineBytesMax = inlineBytesMax;
  }

  async open(path: string, mode: OpenMode): Promise<FileHandle> {
    const fd = await named("open", path, openDescriptor(path, FLAGS[mode]));
    const handle = new NodeFileHandle({ fd, path, inlineBytesMax: this.#inlineBytesMax });
    // POSIX opens a directory for reading without complaint and fails only at the first read.
    if (mode === "read" && fs.fstatSync(fd).isDirectory()) {
      await handle.close();
      throw new FileIOError("EISDIR", { operation: "open", path });
    }
    return handle;
  }

  async stat(path: string): Promise<FileStat | undefined> {
    try {
      const found = await fsPromises.stat(path);
      return { kind: found.isDirectory() ? "directory" : "file", bytes: found.size };
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === "ENOENT" || errno === "ENOTDIR") {
        return undefined;
      }
      throw toFileIOError(error, "stat", path);
    }
  }

  async readDirectory(path: string): Promise<string[]> {
    const names = await named("readDirectory", path, fsPromises.readdir(path, "buffer"));
    return names.toSorted((a, b) => a.compare(b)).map((name) => name.toString("utf8"));
  }

  async makeDirectory(path: string): Promise<void> {
    try {
      await fsPromises.mkdir(path);
    } catch (error) {
      const found = errnoOf(error) === "EEXIST" ? await this.stat(path) : undefined;
      if (found?.kind !== "directory") {
        throw toFileIOError(error, "makeDirectory", path);
      }
    }
  }

  async rename(from: string, to: string): Promise<void> {
    await named("rename", from, fsPromises.rename(from, to));
  }

  async unlink(path: string): Promise<void> {
    await named("unlink", path, fsPromises.unlink(path));
  }

  /**
   * Opens the directory for reading and syncs that: POSIX has no other way. Windows has none at all: a
   * directory cannot be flushed there, and NTFS journals names on its own, in order but in its own time.
   * So on Windows this only checks that the directory exists, and a power cut within the next seconds
   * may still take back the last creations, renames and unlinks.
   */
  async syncDirectory(path: string): Promise<void> {
    if (process.platform === "win32") {
      await named("syncDirectory", path, fsPromises.access(path));
      return;
    }
    const flags = fs.constants.O_RDONLY | fs.constants.O_DIRECTORY;
    const fd = await named("syncDirectory", path, openDescriptor(path, flags));
    const handle = new NodeFileHandle({ fd, path, inlineBytesMax: 0 });
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  async lock(path: string): Promise<FileLock> {
    return lockFile(path);
  }
}

function openDescriptor(path: string, flags: number): Promise<number> {
  return new Promise<number>((resolve, reject) => {
    fs.open(path, flags, 0o666, (error, fd) => {
      if (error === null) {
        resolve(fd);
      } else {
        reject(error);
      }
    });
  });
}

async function named<T>(operation: string, path: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw toFileIOError(error, operation, path);
  }
}
