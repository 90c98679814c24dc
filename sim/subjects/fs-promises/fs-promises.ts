import type { VirtualFile } from "../../disk/virtual-file.ts";
import type { SynchronousDisk } from "../subject.ts";
import { OpenDirectory } from "./directory-handle.ts";
import { OpenFile } from "./file-handle.ts";
import { calling, FsError } from "./fs-errors.ts";
import { nameCalls } from "./name-calls.ts";
import { bytesOf, encodingOf, newBuffer } from "./node-buffer.ts";
import { parseFlags } from "./open-flags.ts";
import { find, lookUp, onDisk } from "./paths.ts";
import type {
  BytesOptions,
  FsConstants,
  FsData,
  FsEncoding,
  FsFileHandle,
  FsPromises,
  TextOptions,
  WriteFileOptions,
} from "./types.ts";

const CONSTANTS: FsConstants = { F_OK: 0, X_OK: 1, W_OK: 2, R_OK: 4, COPYFILE_EXCL: 1 };

/**
 * A disk, as `node:fs/promises` shows one on Linux: the same results, errors and system calls in the same order.
 * Each call takes effect at the moment it is made, so calls that nobody awaits happen in the order in which
 * they were made: the thread pool of Node.js promises no such thing.
 *
 * After a power cut only that is sure to be there which a `sync` covered: of a file for its contents, of the
 * directory, opened with `r`, for its name.
 */
export function createFsPromises(disk: SynchronousDisk): FsPromises {
  function readFile(path: string, options?: BytesOptions | null): Promise<Uint8Array>;
  function readFile(path: string, options: FsEncoding | TextOptions): Promise<string>;
  async function readFile(path: string, options?: ReadFileOptions): Promise<Uint8Array | string> {
    const encoding = encodingOf(options);
    const handle = open(disk, path, flagOf(options) ?? "r");
    return encoding === undefined
      ? closing(handle, handle.readFile())
      : closing(handle, handle.readFile({ encoding }));
  }
  return {
    constants: CONSTANTS,
    readFile,
    open: async (path, letters = "r") => open(disk, path, letters),
    writeFile: async (path, data, options) => write(disk, { path, data, options, letters: "w" }),
    appendFile: async (path, data, options) => write(disk, { path, data, options, letters: "a" }),
    truncate: async (path, bytes = 0) => {
      const handle = open(disk, path, "r+");
      await closing(handle, handle.truncate(bytes));
    },
    copyFile: async (from, to, mode = 0) => copy(disk, { from, to, mode }),
    ...nameCalls(disk),
  };
}

function open(disk: SynchronousDisk, path: string, letters: string): FsFileHandle {
  const flags = parseFlags(letters);
  const call = { syscall: "open", path };
  const name = onDisk(path, call);
  const found = lookUp(disk, name, call);
  if (found !== undefined && flags.exclusive) {
    throw new FsError("EEXIST", call);
  }
  if (found === undefined && !flags.creates) {
    throw new FsError("ENOENT", call);
  }
  if (found?.kind === "directory") {
    if (flags.writes) {
      throw new FsError("EISDIR", call);
    }
    return new OpenDirectory(disk, name);
  }
  return calling(call, () => {
    const file = disk.open(name, flags.creates ? "create" : "write");
    if (flags.truncates && file.bytes > 0) {
      disk.truncate(file, 0);
    }
    return new OpenFile(disk, file, flags);
  });
}

interface WriteFileCall {
  readonly path: string;
  readonly data: FsData;
  readonly options: WriteFileOptions | undefined;
  /** How it is opened when the options say nothing else. */
  readonly letters: string;
}

async function write(
  disk: SynchronousDisk,
  { path, data, options, letters }: WriteFileCall,
): Promise<void> {
  const bytes = bytesOf(data, encodingOf(options));
  const handle = open(disk, path, flagOf(options) ?? letters);
  const flushes = typeof options === "object" && options?.flush === true;
  await closing(handle, flushes ? writeAndSync(handle, bytes) : handle.writeFile(bytes));
}

/** Synced by nobody. */
function copy(
  disk: SynchronousDisk,
  { from, to, mode }: { readonly from: string; readonly to: string; readonly mode: number },
): void {
  const call = { syscall: "copyfile", path: from, dest: to };
  const source = onDisk(from, call);
  const target = onDisk(to, call);
  if (find(disk, source, call).kind === "directory") {
    throw new FsError("EISDIR", call);
  }
  if (lookUp(disk, target, call) !== undefined && (mode & CONSTANTS.COPYFILE_EXCL) !== 0) {
    throw new FsError("EEXIST", call);
  }
  calling(call, () => {
    const reads = disk.open(source, "read");
    const writes = disk.open(target, "create");
    if (reads !== writes) {
      if (writes.bytes > 0) {
        disk.truncate(writes, 0);
      }
      copyBytes(disk, reads, writes);
    }
  });
}

function copyBytes(disk: SynchronousDisk, from: VirtualFile, to: VirtualFile): void {
  const bytes = newBuffer(from.bytes);
  for (let read = 0; read < bytes.length;) {
    read += disk.read(from, bytes.subarray(read), read);
  }
  for (let written = 0; written < bytes.length;) {
    written += disk.write(to, bytes.subarray(written), written);
  }
}

type ReadFileOptions = FsEncoding | BytesOptions | TextOptions | null | undefined;

function flagOf(options: ReadFileOptions | WriteFileOptions): string | undefined {
  return typeof options === "object" ? options?.flag : undefined;
}

async function writeAndSync(handle: FsFileHandle, bytes: Uint8Array): Promise<void> {
  await handle.writeFile(bytes);
  await handle.sync();
}

/** Closes the handle also when the work fails, and only then says so. */
async function closing<T>(handle: FsFileHandle, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } finally {
    await handle.close();
  }
}
