import { type FileIOError, isFileIOError } from "../../../engine/platform/file-io.ts";
import { VirtualDisk } from "../../../sim/disk/virtual-disk.ts";
import type { VirtualFile } from "../../../sim/disk/virtual-file.ts";
import type { SubjectWorld, SynchronousDisk } from "../../../sim/subjects/subject.ts";
import { SQLITE } from "./sqlite-codes.ts";

/** What SQLite is told of the device. It lays out its files, and leaves out syncs, by it. */
export interface DeclaredDevice {
  /** What a power cut in a write may damage beside what is written. */
  readonly sectorBytes: number;
  /** Whether bytes beside those written are safe. */
  readonly powersafeOverwrite: boolean;
  /** Whether writes reach the medium in the order in which they were made. */
  readonly sequential: boolean;
}

/** An open file. */
export interface UnixFile {
  readonly disk: SynchronousDisk;
  readonly path: string;
  readonly file: VirtualFile;
  /** Whether its first sync has to make its name durable, too. */
  owesDirectorySync: boolean;
  lock: number;
}

/**
 * No database of a run comes near it, but a damaged one may claim any size, and SQLite then writes a page
 * at the claimed end.
 */
const FILE_BYTES_MAX = 64 * 1024 * 1024;
/** Reads of one call into SQLite. A whole run reads a fraction of it. */
const READS_MAX = 100_000;

/**
 * What SQLite's Unix VFS does with its files, as one process sees it: which directories it syncs when,
 * what it makes of short reads, and which errors it reports. Answers are SQLite's result codes, because
 * no exception may cross its frames.
 */
export class UnixFiles {
  readonly world: SubjectWorld;
  readonly device: DeclaredDevice;
  /** Something that is no error of the disk: to be thrown once SQLite has returned. */
  failure: Error | undefined;
  /** Why a call into SQLite was stopped. */
  runaway: string | undefined;
  readonly #disk: SynchronousDisk;
  /** For files without a name, which lie in another directory and are of no use after a crash. */
  #temporary: VirtualDisk | undefined;
  #dead = false;
  #readsLeft = READS_MAX;

  constructor(world: SubjectWorld, device: DeclaredDevice) {
    this.world = world;
    this.device = device;
    this.#disk = world.disk;
  }

  /** Another call into SQLite begins. */
  begin(): void {
    this.#readsLeft = READS_MAX;
  }

  /** The process is gone: from now on nothing reaches the disk. */
  die(): void {
    this.#dead = true;
    this.#temporary?.dispose();
    this.#temporary = undefined;
  }

  /** The file, or a result code. */
  open(path: string, flags: number): UnixFile | number {
    const creates = (flags & SQLITE.OPEN_CREATE) !== 0;
    const readsOnly = (flags & SQLITE.OPEN_READONLY) !== 0;
    const isJournal =
      (flags & (SQLITE.OPEN_MAIN_JOURNAL | SQLITE.OPEN_SUPER_JOURNAL | SQLITE.OPEN_WAL)) !== 0;
    let opened: UnixFile | undefined;
    const code = this.#attempt(SQLITE.CANTOPEN, () => {
      const file = this.#disk.open(path, creates ? "create" : readsOnly ? "read" : "write");
      // Whether it was there already does not matter: its name may still not be durable.
      const owesDirectorySync = creates && isJournal;
      opened = { disk: this.#disk, path, file, owesDirectorySync, lock: 0 };
      return SQLITE.OK;
    });
    return opened ?? code;
  }

  /** A file that has lost its name already when it is first used, and is gone with the process. */
  openTemporary(): UnixFile {
    const path = "/temporary";
    const disk = (this.#temporary ??= new VirtualDisk({ profile: this.world.profile }));
    const file = disk.open(path, "create");
    disk.unlink(path);
    return { disk, path, file, owesDirectorySync: false, lock: 0 };
  }

  close({ disk, file }: UnixFile): number {
    if (this.#dead) {
      return SQLITE.OK;
    }
    return this.#attempt(SQLITE.IOERR_CLOSE, () => {
      disk.close(file);
      return SQLITE.OK;
    });
  }

  /** What lies behind the end of the file reads as zeros, and is reported. */
  read({ disk, file }: UnixFile, target: Uint8Array, position: number): number {
    this.#readsLeft -= 1;
    if (this.#readsLeft < 0) {
      return this.#stop("it read without end");
    }
    return this.#attempt(SQLITE.IOERR_READ, () => {
      let count = 0;
      while (count < target.length) {
        const more = disk.read(file, target.subarray(count), position + count);
        if (more === 0) {
          target.fill(0, count);
          return SQLITE.IOERR_SHORT_READ;
        }
        count += more;
      }
      return SQLITE.OK;
    });
  }

  write({ disk, file }: UnixFile, source: Uint8Array, position: number): number {
    if (position + source.length > FILE_BYTES_MAX) {
      return this.#stop(`it wrote at ${position}`);
    }
    return this.#attempt(SQLITE.IOERR_WRITE, () => {
      let count = 0;
      while (count < source.length) {
        count += disk.write(file, source.subarray(count), position + count);
      }
      return SQLITE.OK;
    });
  }

  truncate({ disk, file }: UnixFile, bytes: number): number {
    if (bytes > FILE_BYTES_MAX) {
      return this.#stop(`it gave a file ${bytes} bytes`);
    }
    return this.#attempt(SQLITE.IOERR_TRUNCATE, () => {
      disk.truncate(file, bytes);
      return SQLITE.OK;
    });
  }

  /**
   * Of the flags with which SQLite calls it none matters on Linux, where it is always `fdatasync`. The first
   * sync of a journal that it opened to create makes the name durable as well.
   */
  sync(open: UnixFile): number {
    const code = this.#attempt(SQLITE.IOERR_FSYNC, () => {
      open.disk.sync(open.file, "datasync");
      return SQLITE.OK;
    });
    if (code !== SQLITE.OK || !open.owesDirectorySync) {
      return code;
    }
    open.owesDirectorySync = false;
    return this.#syncParent(open.path);
  }

  /** A lone byte counts as nothing, as it does there. */
  size({ file }: UnixFile): number {
    return file.bytes === 1 ? 0 : file.bytes;
  }

  delete(path: string, syncsDirectory: boolean): number {
    const code = this.#attempt(SQLITE.IOERR_DELETE, () => {
      try {
        this.#disk.unlink(path);
        return SQLITE.OK;
      } catch (error) {
        if (isFileIOError(error, "ENOENT")) {
          return SQLITE.IOERR_DELETE_NOENT;
        }
        throw error;
      }
    });
    return code === SQLITE.OK && syncsDirectory ? this.#syncParent(path) : code;
  }

  /** An empty file counts as none. Answers through `tell`. */
  exists(path: string, tell: (exists: boolean) => void): number {
    return this.#attempt(SQLITE.IOERR_ACCESS, () => {
      const found = this.#disk.stat(path);
      tell(found !== undefined && (found.kind === "directory" || found.bytes > 0));
      return SQLITE.OK;
    });
  }

  /** Ends a call into SQLite that would not end by itself. */
  stop(why: string): void {
    this.runaway ??= why;
  }

  #stop(why: string): number {
    this.stop(why);
    return SQLITE.IOERR;
  }

  #syncParent(path: string): number {
    return this.#attempt(SQLITE.IOERR_DIR_FSYNC, () => {
      this.#disk.syncDirectory(path.slice(0, path.lastIndexOf("/") + 1));
      return SQLITE.OK;
    });
  }

  /** Does something with the disk; `code` is what SQLite hears when the disk reports an error. */
  #attempt(code: number, action: () => number): number {
    if (this.#dead) {
      return code;
    }
    try {
      return action();
    } catch (error) {
      if (isFileIOError(error)) {
        return codeOf(error, code);
      }
      this.failure ??= error instanceof Error ? error : new Error(String(error));
      this.#dead = true;
      return code;
    }
  }
}

function codeOf(error: FileIOError, code: number): number {
  if (error.code === "ENOSPC") {
    return SQLITE.FULL;
  }
  return error.code === "EIO" && code === SQLITE.IOERR_READ ? SQLITE.IOERR_CORRUPTFS : code;
}
