import type RandomAccessStorage from "random-access-storage";
import type { Methods } from "random-access-storage";
import type { VirtualFile } from "../../../sim/disk/virtual-file.ts";
import type { SynchronousDisk } from "../../../sim/subjects/subject.ts";

/** The class, which is imported only where a subject runs that needs it. */
export type StorageClass = new (methods: Methods) => RandomAccessStorage;

/**
 * A file of the virtual disk as random-access-storage: like random-access-file made by the first write, and
 * never synced, for the interface has no such call. There is no `del`: hypercore asks for it only where
 * somebody clears blocks, and nobody here does.
 */
export function diskStorage(
  Storage: StorageClass,
  disk: SynchronousDisk,
  path: string,
): RandomAccessStorage {
  let file: VirtualFile | undefined;
  const opened = (): VirtualFile => {
    if (file === undefined) {
      throw new Error(`${path} is not open`);
    }
    return file;
  };
  return new Storage({
    open: (request) => {
      answer(request, () => {
        file = disk.open(path, request.storage.writing ? "create" : "write");
      });
    },
    read: (request) => {
      answer(request, () => readWhole(disk, opened(), request));
    },
    write: (request) => {
      answer(request, () => writeWhole(disk, opened(), request));
    },
    truncate: (request) => {
      answer(request, () => disk.truncate(opened(), request.offset));
    },
    stat: (request) => {
      answer(request, () => ({ size: opened().bytes }));
    },
    close: (request) => {
      answer(request, () => {
        disk.close(opened());
        file = undefined;
      });
    },
    unlink: (request) => {
      answer(request, () => disk.unlink(path));
    },
  });
}

/** Does it now. A failure is the caller's to hear of, and never thrown through the library. */
function answer<T>(
  request: { callback(error: Error | null, answer?: T): void },
  work: () => T,
): void {
  let result: T;
  try {
    result = work();
  } catch (error) {
    request.callback(error instanceof Error ? error : new Error(String(error)));
    return;
  }
  request.callback(null, result);
}

interface Range {
  readonly offset: number;
  readonly size: number;
}

/** @throws what random-access-file answers when the file ends before: code `EPARTIALREAD`. */
function readWhole(disk: SynchronousDisk, file: VirtualFile, { offset, size }: Range): Uint8Array {
  const bytes = Buffer.alloc(size);
  let done = 0;
  while (done < size) {
    const count = disk.read(file, bytes.subarray(done), offset + done);
    if (count === 0) {
      throw Object.assign(new Error("EPARTIALREAD: Could not satisfy length"), {
        code: "EPARTIALREAD",
        path: file.path,
        offset,
        size,
      });
    }
    done += count;
  }
  return bytes;
}

function writeWhole(
  disk: SynchronousDisk,
  file: VirtualFile,
  { offset, data }: { readonly offset: number; readonly data: Uint8Array },
): void {
  let done = 0;
  while (done < data.length) {
    done += disk.write(file, data.subarray(done), offset + done);
  }
}
