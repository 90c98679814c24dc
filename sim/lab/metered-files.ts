import type { FileIO } from "../../engine/platform/file-io.ts";
import { interceptFiles } from "./intercepted-files.ts";

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
    return interceptFiles(this.inner, {
      write: (path, write) => this.counted(path, write),
      sync: ({ kind, path }, sync) => {
        if (kind === "directory") {
          return sync();
        }
        this.syncs += 1;
        // How long it takes depends on how much it finds.
        const done = sync();
        this.unsyncedBytes.delete(path);
        return done;
      },
    });
  }

  private async counted(path: string, write: () => Promise<number>): Promise<number> {
    const count = await write();
    this.bytesWritten += count;
    this.unsyncedBytes.set(path, (this.unsyncedBytes.get(path) ?? 0) + count);
    return count;
  }
}
