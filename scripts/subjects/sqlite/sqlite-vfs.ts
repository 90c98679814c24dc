import { assert, defined } from "../../../engine/base/assert.ts";
import { SQLITE } from "./sqlite-codes.ts";
import type { SqliteLibrary, StructureLayout } from "./sqlite-library.ts";
import type { UnixFile, UnixFiles } from "./unix-files.ts";

const VFS_VERSION = 2;
/** With shared memory, without memory-mapped files. */
const METHODS_VERSION = 2;
/** A `sqlite3_file` is a pointer to its methods and nothing else: the rest is kept here. */
const FILE_BYTES = 4;
const PATH_BYTES_MAX = 64;
const NAME = "seawall";

const JULIAN_DAY_OF_1970 = 2_440_587.5;
const DAY_MS = 86_400_000;

type Callback = (...values: never[]) => number | undefined;

/** An open file of a process. */
interface Opened extends UnixFile {
  readonly files: UnixFiles;
  /** Pointers to the pieces of the memory that processes would share about a database with a WAL. */
  readonly shared: number[];
}

/**
 * SQLite's whole view of the world: a `sqlite3_vfs` and its `sqlite3_io_methods`, registered as the
 * default one, because that is where SQLite seeds its random numbers. Nothing here throws.
 */
export class SqliteVfs {
  readonly #library: SqliteLibrary;
  readonly #opened = new Map<number, Opened>();
  readonly #methods: number;
  #files: UnixFiles | undefined;

  constructor(library: SqliteLibrary) {
    this.#library = library;
    const { vfsLayout, methodsLayout } = library;
    this.#methods = this.#structure(
      methodsLayout,
      { iVersion: METHODS_VERSION },
      { ...this.#fileMethods(), ...this.#lockMethods(), ...this.#sharedMemoryMethods() },
    );
    const vfs = this.#structure(
      vfsLayout,
      {
        iVersion: VFS_VERSION,
        szOsFile: FILE_BYTES,
        mxPathname: PATH_BYTES_MAX,
        zName: this.text(NAME),
      },
      { ...this.#nameMethods(), ...this.#worldMethods() },
    );
    const code = library.wasm.exports.sqlite3_vfs_register(vfs, 1);
    assert(code === SQLITE.OK, `SQLite did not take the file system: ${code}`);
  }

  /** Whose files, time and random numbers SQLite gets from now on. */
  enter(files: UnixFiles): void {
    files.begin();
    if (this.#files !== files) {
      this.#files = files;
      // The generator belongs to the library and not to a connection: without this a run would see
      // numbers that depend on what ran before.
      this.#library.wasm.exports.sqlite3_randomness(0, 0);
    }
  }

  /** A C string that is never freed. */
  text(text: string): number {
    const bytes = new TextEncoder().encode(`${text}\0`);
    const pointer = this.#library.wasm.exports.sqlite3_malloc(bytes.length);
    assert(pointer !== 0, "no memory for a string");
    this.#heap.set(bytes, pointer);
    return pointer;
  }

  get #heap(): Uint8Array {
    return this.#library.wasm.heap8u();
  }

  #fileMethods(): Record<string, Callback> {
    return {
      xClose: (pointer: number) => {
        const opened = this.#at(pointer);
        this.#opened.delete(pointer);
        return opened.files.close(opened);
      },
      xRead: (pointer: number, target: number, bytes: number, position: bigint) => {
        const opened = this.#at(pointer);
        const view = this.#heap.subarray(target, target + bytes);
        return opened.files.read(opened, view, Number(position));
      },
      xWrite: (pointer: number, source: number, bytes: number, position: bigint) => {
        const opened = this.#at(pointer);
        const view = this.#heap.subarray(source, source + bytes);
        return opened.files.write(opened, view, Number(position));
      },
      xTruncate: (pointer: number, bytes: bigint) => {
        const opened = this.#at(pointer);
        return opened.files.truncate(opened, Number(bytes));
      },
      xSync: (pointer: number) => {
        const opened = this.#at(pointer);
        return opened.files.sync(opened);
      },
      xFileSize: (pointer: number, target: number) => {
        const opened = this.#at(pointer);
        this.#poke64(target, BigInt(opened.files.size(opened)));
        return SQLITE.OK;
      },
      xFileControl: (pointer: number, control: number, argument: number) =>
        this.#control(this.#at(pointer), control, argument),
      xSectorSize: (pointer: number) => this.#at(pointer).files.device.sectorBytes,
      xDeviceCharacteristics: (pointer: number) => {
        const { powersafeOverwrite, sequential } = this.#at(pointer).files.device;
        return (
          (powersafeOverwrite ? SQLITE.IOCAP_POWERSAFE_OVERWRITE : 0) |
          (sequential ? SQLITE.IOCAP_SEQUENTIAL : 0)
        );
      },
    };
  }

  /** One process opens a database once, so nobody ever stands in its way. */
  #lockMethods(): Record<string, Callback> {
    return {
      xLock: (pointer: number, level: number) => {
        const opened = this.#at(pointer);
        opened.lock = Math.max(opened.lock, level);
        return SQLITE.OK;
      },
      xUnlock: (pointer: number, level: number) => {
        const opened = this.#at(pointer);
        opened.lock = Math.min(opened.lock, level);
        return SQLITE.OK;
      },
      xCheckReservedLock: (pointer: number, target: number) => {
        this.#poke32(target, Number(this.#at(pointer).lock > SQLITE.LOCK_SHARED));
        return SQLITE.OK;
      },
    };
  }

  /**
   * What the `-shm` file is to the Unix VFS. Kept off the disk: its first user after a crash empties it and
   * makes it anew from the WAL, so that what a crash leaves of it is never read.
   */
  #sharedMemoryMethods(): Record<string, Callback> {
    return {
      xShmMap: (
        pointer: number,
        index: number,
        bytes: number,
        ...[mayExtend, target]: readonly [number, number]
      ) => {
        const { shared } = this.#at(pointer);
        const wanted = mayExtend === 0 ? 0 : index + 1;
        while (shared.length < wanted) {
          const piece = this.#library.wasm.exports.sqlite3_malloc(bytes);
          if (piece === 0) {
            return SQLITE.IOERR_NOMEM;
          }
          this.#heap.fill(0, piece, piece + bytes);
          shared.push(piece);
        }
        this.#poke32(target, shared[index] ?? 0);
        return SQLITE.OK;
      },
      xShmLock: () => SQLITE.OK,
      xShmBarrier: () => undefined,
      xShmUnmap: (pointer: number) => {
        for (const piece of this.#at(pointer).shared.splice(0)) {
          this.#library.wasm.exports.sqlite3_free(piece);
        }
        return SQLITE.OK;
      },
    };
  }

  #nameMethods(): Record<string, Callback> {
    return {
      xOpen: (
        _vfs: number,
        name: number,
        pointer: number,
        ...[flags, flagsAt]: readonly [number, number]
      ) => {
        // Without methods SQLite does not close what did not open.
        this.#poke32(pointer, 0);
        const files = this.#current();
        const found = name === 0 ? files.openTemporary() : files.open(this.#textAt(name), flags);
        if (typeof found === "number") {
          return found;
        }
        this.#opened.set(pointer, Object.assign(found, { files, shared: [] }));
        this.#poke32(pointer, this.#methods);
        if (flagsAt !== 0) {
          this.#poke32(flagsAt, flags);
        }
        return SQLITE.OK;
      },
      xDelete: (_vfs: number, name: number, syncsDirectory: number) =>
        this.#current().delete(this.#textAt(name), syncsDirectory !== 0),
      xAccess: (_vfs: number, name: number, _flags: number, ...[target]: readonly [number]) =>
        this.#current().exists(this.#textAt(name), (exists) => {
          this.#poke32(target, Number(exists));
        }),
      xFullPathname: (
        _vfs: number,
        name: number,
        bytes: number,
        ...[target]: readonly [number]
      ) => {
        const heap = this.#heap;
        const end = heap.indexOf(0, name) + 1;
        if (end - name > bytes) {
          return SQLITE.CANTOPEN;
        }
        heap.copyWithin(target, name, end);
        return SQLITE.OK;
      },
    };
  }

  #worldMethods(): Record<string, Callback> {
    return {
      xRandomness: (_vfs: number, bytes: number, target: number) => {
        const view = this.#heap.subarray(target, target + bytes);
        view.fill(0);
        this.#files?.world.random(view);
        return bytes;
      },
      xSleep: (_vfs: number, microseconds: number) => {
        this.#files?.world.nowMs();
        return microseconds;
      },
      xCurrentTime: (_vfs: number, target: number) => {
        const days = this.#nowMs() / DAY_MS + JULIAN_DAY_OF_1970;
        this.#view(target, 8).setFloat64(0, days, true);
        return SQLITE.OK;
      },
      xCurrentTimeInt64: (_vfs: number, target: number) => {
        this.#poke64(target, BigInt(Math.floor(this.#nowMs() + JULIAN_DAY_OF_1970 * DAY_MS)));
        return SQLITE.OK;
      },
      xGetLastError: () => 0,
      xDlOpen: () => undefined,
      xDlError: () => undefined,
      xDlSym: () => 0,
      xDlClose: () => undefined,
    };
  }

  #control({ lock, files }: Opened, control: number, argument: number): number {
    switch (control) {
      case SQLITE.FCNTL_LOCKSTATE:
        this.#poke32(argument, lock);
        return SQLITE.OK;
      case SQLITE.FCNTL_SIZE_HINT:
        return SQLITE.OK;
      case SQLITE.FCNTL_PERSIST_WAL:
        this.#poke32(argument, 0);
        return SQLITE.OK;
      case SQLITE.FCNTL_POWERSAFE_OVERWRITE:
        this.#poke32(argument, Number(files.device.powersafeOverwrite));
        return SQLITE.OK;
      default:
        return SQLITE.NOTFOUND;
    }
  }

  #structure(
    { sizeof, members }: StructureLayout,
    numbers: Readonly<Record<string, number>>,
    callbacks: Readonly<Record<string, Callback>>,
  ): number {
    const { wasm } = this.#library;
    const pointer = wasm.exports.sqlite3_malloc(sizeof);
    assert(pointer !== 0, "no memory for a structure");
    this.#heap.fill(0, pointer, pointer + sizeof);
    for (const [name, value] of Object.entries(numbers)) {
      this.#poke32(pointer + defined(members[name], name).offset, value);
    }
    for (const [name, callback] of Object.entries(callbacks)) {
      const { offset, signature } = defined(members[name], name);
      this.#poke32(pointer + offset, wasm.installFunction(signature, callback));
    }
    return pointer;
  }

  #at(pointer: number): Opened {
    return defined(this.#opened.get(pointer), `an open file at ${pointer}`);
  }

  #current(): UnixFiles {
    return defined(this.#files, "a process that called SQLite");
  }

  #nowMs(): number {
    return this.#current().world.nowMs();
  }

  #textAt(pointer: number): string {
    const heap = this.#heap;
    let text = "";
    for (let at = pointer; heap[at] !== 0; at += 1) {
      text += String.fromCharCode(heap[at] ?? 0);
    }
    return text;
  }

  #poke32(pointer: number, value: number): void {
    this.#view(pointer, 4).setInt32(0, value, true);
  }

  #poke64(pointer: number, value: bigint): void {
    this.#view(pointer, 8).setBigInt64(0, value, true);
  }

  #view(pointer: number, bytes: number): DataView {
    const { buffer } = this.#heap;
    return new DataView(buffer, pointer, bytes);
  }
}
