import { type FileHandle, FileIOError, type OpenMode } from "../../engine/platform/file-io.ts";
import { SIZE_UNCHANGED } from "./data-operation.ts";
import type { SyncWork } from "./device-timing.ts";
import { type DiskAction, PlainAction } from "./disk-call.ts";
import type { DiskOperationKind } from "./disk-faults.ts";
import { PreallocateAction, ReadAction, SyncAction, WriteAction } from "./transfer-actions.ts";
import type { SyncKind } from "./owed-syncs.ts";
import type { VirtualDisk } from "./virtual-disk.ts";
import type { VirtualFile } from "./virtual-file.ts";

/** What a handle needs of the `VirtualFileIO` that opened it. */
export interface Caller {
  readonly disk: VirtualDisk;
  /** Makes a call. Its effect comes later, or never when the program dies first. */
  make<T>(action: DiskAction<T>, work?: SyncWork): Promise<T>;
}

/** An open file of the virtual disk. Follows the file through renames and unlinking. */
export class VirtualFileHandle implements FileHandle {
  readonly #caller: Caller;
  readonly #disk: VirtualDisk;
  readonly #file: VirtualFile;
  readonly #writable: boolean;
  readonly #incarnation: number;
  #closed = false;

  constructor(caller: Caller, file: VirtualFile, mode: OpenMode) {
    this.#caller = caller;
    this.#disk = caller.disk;
    this.#file = file;
    this.#writable = mode !== "read";
    this.#incarnation = caller.disk.incarnation;
  }

  read(target: Uint8Array, position: number): Promise<number> {
    return this.#usable(position)
      ? this.#caller.make(new ReadAction(this.#disk, this.#file, { buffer: target, position }))
      : this.#refuse("read", position);
  }

  write(source: Uint8Array, position: number): Promise<number> {
    return this.#writable && this.#usable(position)
      ? this.#caller.make(new WriteAction(this.#disk, this.#file, { buffer: source, position }))
      : this.#refuse("write", position);
  }

  truncate(bytes: number): Promise<void> {
    return this.#writable && this.#usable(bytes)
      ? this.#plain("truncate", bytes, () => this.#disk.truncate(this.#file, bytes))
      : this.#refuse("truncate", bytes);
  }

  preallocate(bytes: number): Promise<void> {
    return this.#writable && this.#usable(bytes)
      ? this.#caller.make(new PreallocateAction(this.#disk, this.#file, bytes))
      : this.#refuse("preallocate", bytes);
  }

  size(): Promise<number> {
    return this.#usable(0)
      ? this.#plain("size", 0, () => this.#file.bytes)
      : this.#refuse("size", 0);
  }

  datasync(): Promise<void> {
    return this.#sync("datasync");
  }

  sync(): Promise<void> {
    return this.#sync("sync");
  }

  close(): Promise<void> {
    if (!this.#usable(0)) {
      return this.#refuse("close", 0);
    }
    this.#closed = true;
    return this.#plain("close", 0, () => this.#disk.close(this.#file));
  }

  #sync(kind: SyncKind): Promise<void> {
    return this.#usable(0)
      ? this.#caller.make(new SyncAction(this.#disk, this.#file, kind), this.#syncWork())
      : this.#refuse(kind, 0);
  }

  #syncWork(): SyncWork {
    let bytes = 0;
    let grows = false;
    for (const { from, to, sizeAfter } of this.#file.pending) {
      bytes += to - from;
      grows ||= sizeAfter !== SIZE_UNCHANGED;
    }
    return { bytes, grows };
  }

  #usable(position: number): boolean {
    return (
      !this.#closed &&
      this.#disk.incarnation === this.#incarnation &&
      Number.isSafeInteger(position) &&
      position >= 0
    );
  }

  #plain<T>(kind: DiskOperationKind, position: number, effect: () => T): Promise<T> {
    const operation = { kind, path: this.#file.path, position };
    return this.#caller.make(new PlainAction(operation, effect));
  }

  /** A program that is dead gets no answer at all. */
  #refuse<T>(operation: DiskOperationKind, position: number): Promise<T> {
    if (this.#disk.incarnation !== this.#incarnation) {
      return new Promise<T>(() => {});
    }
    // As Linux answers: shortening a file that was opened to read is EINVAL, writing to it EBADF.
    const isArgument =
      !this.#closed && (this.#writable || operation === "read" || operation === "truncate");
    const code = isArgument ? "EINVAL" : "EBADF";
    return this.#plain<T>("close", position, () => {
      throw new FileIOError(code, { operation, path: this.#file.path });
    });
  }
}
