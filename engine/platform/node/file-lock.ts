import fsPromises from "node:fs/promises";
import { FileIOError, type FileLock } from "../file-io.ts";
import { toFileIOError } from "./errno.ts";

/** Real paths locked by this thread, so that a second name for the same file is refused as well. */
const held = new Set<string>();

/**
 * Takes an exclusive lock that belongs to an open file description, not to a file's existence: the system
 * drops it when the process ends, kill -9 included, so no stale lock is ever left for a person to remove.
 * The file itself stays: unlinking it would let two openers lock two different files of one name.
 *
 * @throws FileIOError `ELOCKED` when another opener, in this process or another, holds it.
 */
export async function lockFile(path: string): Promise<FileLock> {
  const native = await loadNative(path);
  const file = await attempt(path, () => fsPromises.open(path, "a+"));
  let realPath: string | undefined;
  try {
    realPath = await fsPromises.realpath(path);
    // From here to the granted lock nothing awaits: two callers cannot both find the path free.
    if (held.has(realPath) || !native.tryLock(file.fd)) {
      throw new FileIOError("ELOCKED", { operation: "lock", path });
    }
    held.add(realPath);
  } catch (error) {
    await file.close();
    throw toFileIOError(error, "lock", path);
  }
  return new HeldLock(file, realPath);
}

class HeldLock implements FileLock {
  readonly #file: fsPromises.FileHandle;
  readonly #realPath: string;
  #released = false;

  constructor(file: fsPromises.FileHandle, realPath: string) {
    this.#file = file;
    this.#realPath = realPath;
  }

  async release(): Promise<void> {
    if (this.#released) {
      return;
    }
    this.#released = true;
    // Closing the only descriptor ends the lock.
    await attempt(this.#realPath, () => this.#file.close());
    held.delete(this.#realPath);
  }
}

/** Loaded at the first lock, so that a platform without the native part can still read and replay. */
async function loadNative(path: string): Promise<NativeLocks> {
  return attempt(path, () => import("fs-native-extensions"));
}

interface NativeLocks {
  tryLock(fd: number): boolean;
}

async function attempt<T>(path: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toFileIOError(error, "lock", path);
  }
}
