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

/** An open file. Its name may change while it is open. */
interface Named {
  path: string;
}

/** The disk behind an interceptor; all other calls go through as they are. */
export function interceptFiles(files: FileIO, interceptor: Interceptor): FileIO {
  const open = new Set<Named>();
  return {
    open: async (path, mode) => {
      const named: Named = { path };
      open.add(named);
      return interceptHandle(named, await files.open(path, mode), {
        ...interceptor,
        onClose: () => open.delete(named),
      });
    },
    stat: (path) => files.stat(path),
    readDirectory: (path) => files.readDirectory(path),
    makeDirectory: (path) => files.makeDirectory(path),
    rename: async (from, to) => {
      await files.rename(from, to);
      for (const named of open) {
        named.path = named.path === from ? to : named.path;
      }
    },
    unlink: (path) => files.unlink(path),
    syncDirectory: (path) =>
      interceptor.sync({ kind: "directory", path }, () => files.syncDirectory(path)),
    lock: (path) => files.lock(path),
  };
}

function interceptHandle(
  named: Named,
  handle: FileHandle,
  {
    write = (_path, call) => call(),
    sync,
    onClose,
  }: Interceptor & { readonly onClose: () => void },
): FileHandle {
  return {
    read: (target, position) => handle.read(target, position),
    write: (source, position) => write(named.path, () => handle.write(source, position)),
    truncate: (bytes) => handle.truncate(bytes),
    preallocate: (bytes) => handle.preallocate(bytes),
    size: () => handle.size(),
    datasync: () => sync({ kind: "datasync", path: named.path }, () => handle.datasync()),
    sync: () => sync({ kind: "sync", path: named.path }, () => handle.sync()),
    close: () => {
      onClose();
      return handle.close();
    },
  };
}
