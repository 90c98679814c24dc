import type { FileHandle, FileIO } from "../../engine/platform/file-io.ts";
import type { LabPolicy, SyncCall } from "./lab-policy.ts";

/** The disk without the syncs that the policy leaves out. */
export function withPolicySyncs(files: FileIO, policy: LabPolicy): FileIO {
  const { omitsSync } = policy;
  return omitsSync === undefined ? files : new FilteredFiles(files, omitsSync).files();
}

class FilteredFiles {
  private readonly inner: FileIO;
  private readonly omits: (call: SyncCall) => boolean;
  private writtenLast = "";

  constructor(inner: FileIO, omits: (call: SyncCall) => boolean) {
    this.inner = inner;
    this.omits = omits;
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
      syncDirectory: (path) => this.unless("directory", path, () => inner.syncDirectory(path)),
      lock: (path) => inner.lock(path),
    };
  }

  private handle(path: string, handle: FileHandle): FileHandle {
    return {
      read: (target, position) => handle.read(target, position),
      write: (source, position) => {
        this.writtenLast = path;
        return handle.write(source, position);
      },
      truncate: (bytes) => handle.truncate(bytes),
      preallocate: (bytes) => handle.preallocate(bytes),
      size: () => handle.size(),
      datasync: () => this.unless("datasync", path, () => handle.datasync()),
      sync: () => this.unless("sync", path, () => handle.sync()),
      close: () => handle.close(),
    };
  }

  private async unless(
    kind: SyncCall["kind"],
    path: string,
    sync: () => Promise<void>,
  ): Promise<void> {
    const call = { kind, path, writtenLast: path === this.writtenLast };
    if (!this.omits(call)) {
      await sync();
    }
  }
}
