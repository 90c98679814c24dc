import type { FileHandle, FileIO } from "../../engine/platform/file-io.ts";

/** A planted bug: the store forgets to sync the contents of its files. The names it still syncs. */
export function withoutFileSyncs(files: FileIO): FileIO {
  return {
    open: async (path, mode) => deaf(await files.open(path, mode)),
    stat: (path) => files.stat(path),
    readDirectory: (path) => files.readDirectory(path),
    makeDirectory: (path) => files.makeDirectory(path),
    rename: (from, to) => files.rename(from, to),
    unlink: (path) => files.unlink(path),
    syncDirectory: (path) => files.syncDirectory(path),
    lock: (path) => files.lock(path),
  };
}

function deaf(handle: FileHandle): FileHandle {
  return {
    read: (target, position) => handle.read(target, position),
    write: (source, position) => handle.write(source, position),
    truncate: (bytes) => handle.truncate(bytes),
    preallocate: (bytes) => handle.preallocate(bytes),
    size: () => handle.size(),
    datasync: async () => {},
    sync: async () => {},
    close: () => handle.close(),
  };
}
