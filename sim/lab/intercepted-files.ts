import type { FileHandle, FileIO } from "../../engine/platform/file-io.ts";
import type { SyncCall } from "./lab-policy.ts";

/** What is done where a store writes and syncs: each is told of a call, and makes it or not. */
export interface Interceptor {
  /** @defaultValue makes the call */
  readonly write?: (path: string, write: () => Promise<number>) => Promise<number>;
  readonly sync: (
    call: Pick<SyncCall, "kind" | "path">,
    sync: () => Promise<void>,
  ) => Promise<void>;
}

/** The disk behind an interceptor; all other calls go through as they are. */
export function interceptFiles(files: FileIO, interceptor: Interceptor): FileIO {
  return {
    open: async (path, mode) => interceptHandle(path, await files.open(path, mode), interceptor),
    stat: (path) => files.stat(path),
    readDirectory: (path) => files.readDirectory(path),
    makeDirectory: (path) => files.makeDirectory(path),
    rename: (from, to) => files.rename(from, to),
    unlink: (path) => files.unlink(path),
    syncDirectory: (path) =>
      interceptor.sync({ kind: "directory", path }, () => files.syncDirectory(path)),
    lock: (path) => files.lock(path),
  };
}

function interceptHandle(
  path: string,
  handle: FileHandle,
  { write = (_path, call) => call(), sync }: Interceptor,
): FileHandle {
  return {
    read: (target, position) => handle.read(target, position),
    write: (source, position) => write(path, () => handle.write(source, position)),
    truncate: (bytes) => handle.truncate(bytes),
    preallocate: (bytes) => handle.preallocate(bytes),
    size: () => handle.size(),
    datasync: () => sync({ kind: "datasync", path }, () => handle.datasync()),
    sync: () => sync({ kind: "sync", path }, () => handle.sync()),
    close: () => handle.close(),
  };
}
