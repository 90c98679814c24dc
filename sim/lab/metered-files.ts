import type { FileHandle, FileIO } from "../../engine/platform/file-io.ts";

/** Counts what a store asks of its disk. Zeroing a new file is not counted: files are used again. */
export class MeteredFiles {
  syncs = 0;
  bytesWritten = 0;
  /** Bytes written to a file that no later sync of it was called for, by path. */
  readonly unsyncedBytes: Map<string, number> = new Map();
  private readonly inner: FileIO;

  constructor(inner: FileIO) {
    this.inner = inner;
  }

  files(): FileIO {
    const { inner } = this;
    return {
      open: async (path, mode) => this.handle(path, await inner.open(path, mode)),
      stat: (path) => inner.stat(path),
      readDirectory: (path) => inner.readDirectory(path),
      makeDirectory: (path) => inner.makeDirectory(path),
      rename: (from, to) => inner.rename(from, to),
      unlink: (path) => inner.unlink(path),
      syncDirectory: (path) => inner.syncDirectory(path),
      lock: (path) => inner.lock(path),
    };
  }

  private handle(path: string, handle: FileHandle): FileHandle {
    return {
      read: (target, position) => handle.read(target, position),
      write: async (source, position) => {
        const count = await handle.write(source, position);
        this.bytesWritten += count;
        this.unsyncedBytes.set(path, (this.unsyncedBytes.get(path) ?? 0) + count);
        return count;
      },
      truncate: (bytes) => handle.truncate(bytes),
      preallocate: (bytes) => handle.preallocate(bytes),
      size: () => handle.size(),
      datasync: () => this.counted(path, () => handle.datasync()),
      sync: () => this.counted(path, () => handle.sync()),
      close: () => handle.close(),
    };
  }

  private async counted(path: string, sync: () => Promise<void>): Promise<void> {
    this.syncs += 1;
    const done = sync();
    this.unsyncedBytes.delete(path);
    await done;
  }
}
