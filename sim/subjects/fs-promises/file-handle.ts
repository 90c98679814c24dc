import type { VirtualFile } from "../../disk/virtual-file.ts";
import type { SynchronousDisk } from "../subject.ts";
import { calling, closedError, FsError, outOfRange } from "./fs-errors.ts";
import { bytesOf, encodingOf, newBuffer, textOf } from "./node-buffer.ts";
import type { OpenFlags } from "./open-flags.ts";
import { statsOf } from "./stats.ts";
import { placeOf, transferOf } from "./transfers.ts";
import type { FsData, FsEncoding, FsFileHandle, FsStats, TransferOptions } from "./types.ts";

type EncodingOptions = FsEncoding | { readonly encoding?: FsEncoding | null } | null;

/** An open file. Follows the file through renames and unlinking, as a descriptor does. */
export class OpenFile implements FsFileHandle {
  readonly #disk: SynchronousDisk;
  readonly #file: VirtualFile;
  readonly #flags: OpenFlags;
  #position = 0;
  #closed = false;

  constructor(disk: SynchronousDisk, file: VirtualFile, flags: OpenFlags) {
    this.#disk = disk;
    this.#file = file;
    this.#flags = flags;
  }

  async read<T extends Uint8Array>(
    target: T | (TransferOptions & { readonly buffer: T }),
    offset?: number | TransferOptions | null,
    length?: number | null,
    position?: number | null,
  ): Promise<{ readonly bytesRead: number; readonly buffer: T }> {
    this.#refuseClosed("read");
    const [buffer, first] = ArrayBuffer.isView(target) ? [target, offset] : [target.buffer, target];
    const transfer = transferOf(buffer, [first, length, position]);
    const isEmpty = transfer.bytes.length === 0;
    return { bytesRead: isEmpty ? 0 : this.#read(transfer.bytes, transfer.position), buffer };
  }

  async write<T extends FsData>(
    source: T,
    offset?: number | TransferOptions | null,
    length?: number | FsEncoding | null,
    position?: number | null,
  ): Promise<{ readonly bytesWritten: number; readonly buffer: T }> {
    this.#refuseClosed("write");
    if (typeof source === "string") {
      const encoding = encodingOf(typeof length === "number" ? undefined : length);
      const place = placeOf(typeof offset === "object" ? undefined : offset);
      return { bytesWritten: this.#write(bytesOf(source, encoding), place), buffer: source };
    }
    const bytes = bytesOf(source, undefined, "buffer");
    const count = typeof length === "string" ? undefined : length;
    const transfer = transferOf(bytes, [offset, count, position]);
    return { bytesWritten: this.#write(transfer.bytes, transfer.position), buffer: source };
  }

  readFile(options?: { readonly encoding?: null } | null): Promise<Uint8Array>;
  readFile(options: FsEncoding | { readonly encoding: FsEncoding }): Promise<string>;
  async readFile(options?: EncodingOptions): Promise<Uint8Array | string> {
    this.#refuseClosed("readFile");
    const encoding = encodingOf(options);
    const bytes = newBuffer(Math.max(0, this.#file.bytes - this.#position));
    let done = 0;
    for (;;) {
      const count = this.#read(bytes.subarray(done), undefined);
      done += count;
      if (count === 0 || done === bytes.length) {
        break;
      }
    }
    const found = bytes.subarray(0, done);
    return encoding === undefined ? found : textOf(found, encoding);
  }

  /** From where the last transfer ended; what lies behind the data stays. */
  async writeFile(data: FsData, options?: EncodingOptions): Promise<void> {
    this.#refuseClosed("writeFile");
    const bytes = bytesOf(data, encodingOf(options));
    let done = 0;
    while (done < bytes.length) {
      done += this.#write(bytes.subarray(done), undefined);
    }
  }

  appendFile(data: FsData, options?: EncodingOptions): Promise<void> {
    return this.writeFile(data, options);
  }

  async truncate(bytes = 0): Promise<void> {
    this.#refuseClosed("ftruncate");
    if (!Number.isSafeInteger(bytes)) {
      throw outOfRange("len", "an integer", bytes);
    }
    if (!this.#flags.writes) {
      throw new FsError("EINVAL", { syscall: "ftruncate" });
    }
    calling({ syscall: "ftruncate" }, () => this.#disk.truncate(this.#file, Math.max(0, bytes)));
  }

  async stat(): Promise<FsStats> {
    this.#refuseClosed("fstat");
    return statsOf({ kind: "file", bytes: this.#file.bytes });
  }

  async datasync(): Promise<void> {
    this.#refuseClosed("fdatasync");
    calling({ syscall: "fdatasync" }, () => this.#disk.sync(this.#file, "datasync"));
  }

  async sync(): Promise<void> {
    this.#refuseClosed("fsync");
    calling({ syscall: "fsync" }, () => this.#disk.sync(this.#file, "sync"));
  }

  /** Makes nothing durable. Harmless when it is closed. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      calling({ syscall: "close" }, () => this.#disk.close(this.#file));
    }
  }

  #read(target: Uint8Array, position: number | undefined): number {
    if (!this.#flags.reads) {
      throw new FsError("EBADF", { syscall: "read" });
    }
    const from = position ?? this.#position;
    const count = calling({ syscall: "read" }, () => this.#disk.read(this.#file, target, from));
    if (position === undefined) {
      this.#position += count;
    }
    return count;
  }

  #write(source: Uint8Array, position: number | undefined): number {
    if (!this.#flags.writes) {
      throw new FsError("EBADF", { syscall: "write" });
    }
    // What is opened to append does so wherever it is told to write: POSIX and Linux do not agree there.
    const from = this.#flags.appends ? this.#file.bytes : (position ?? this.#position);
    const count = calling({ syscall: "write" }, () => this.#disk.write(this.#file, source, from));
    if (position === undefined) {
      this.#position = from + count;
    }
    return count;
  }

  #refuseClosed(syscall: string): void {
    if (this.#closed) {
      throw closedError(syscall);
    }
  }
}
