import type { Choices } from "../core/choices.ts";
import type { DiskAction } from "./disk-call.ts";
import type { DiskOperation } from "./disk-faults.ts";
import type { SyncKind } from "./owed-syncs.ts";
import type { VirtualDisk } from "./virtual-disk.ts";
import type { VirtualFile } from "./virtual-file.ts";

/** What is transferred, and where in the file. */
export interface Transfer {
  readonly buffer: Uint8Array;
  readonly position: number;
}

/** A read on its way: fills the buffer when it takes effect. */
export class ReadAction implements DiskAction<number> {
  readonly kind = "read";
  readonly #disk: VirtualDisk;
  readonly #file: VirtualFile;
  readonly #target: Uint8Array;
  readonly #position: number;

  constructor(disk: VirtualDisk, file: VirtualFile, { buffer, position }: Transfer) {
    this.#disk = disk;
    this.#file = file;
    this.#target = buffer;
    this.#position = position;
  }

  describe(): DiskOperation {
    return {
      kind: "read",
      path: this.#file.path,
      position: this.#position,
      bytes: this.#target.length,
    };
  }

  effect(): number {
    return this.#disk.read(this.#file, this.#target, this.#position);
  }
}

/** A write on its way: reads the buffer when it takes effect, as a thread of the system would. */
export class WriteAction implements DiskAction<number> {
  readonly kind = "write";
  readonly #disk: VirtualDisk;
  readonly #file: VirtualFile;
  readonly #source: Uint8Array;
  readonly #position: number;

  constructor(disk: VirtualDisk, file: VirtualFile, { buffer, position }: Transfer) {
    this.#disk = disk;
    this.#file = file;
    this.#source = buffer;
    this.#position = position;
  }

  describe(): DiskOperation {
    return {
      kind: "write",
      path: this.#file.path,
      position: this.#position,
      bytes: this.#source.length,
    };
  }

  effect(): number {
    return this.#disk.write(this.#file, this.#source, this.#position);
  }

  /** A program that dies inside a write leaves its first pages. */
  partly(choices: Choices): void {
    const unit = this.#disk.profile.tearBytes;
    const first = Math.floor(this.#position / unit);
    const units = Math.ceil((this.#position + this.#source.length) / unit) - first;
    if (units > 1) {
      const end = (first + 1 + choices.below(units - 1)) * unit;
      const head = this.#source.subarray(0, end - this.#position);
      this.#disk.write(this.#file, head, this.#position);
    }
  }
}

/** An allocation on its way, which writes zeros piece by piece. */
export class PreallocateAction implements DiskAction<void> {
  readonly kind = "preallocate";
  readonly #disk: VirtualDisk;
  readonly #file: VirtualFile;
  readonly #bytes: number;

  constructor(disk: VirtualDisk, file: VirtualFile, bytes: number) {
    this.#disk = disk;
    this.#file = file;
    this.#bytes = bytes;
  }

  describe(): DiskOperation {
    return { kind: "preallocate", path: this.#file.path, position: this.#bytes, bytes: 0 };
  }

  effect(): void {
    this.#disk.preallocate(this.#file, this.#bytes);
  }

  /** A program that dies inside it leaves the first pieces. */
  partly(choices: Choices): void {
    const unit = this.#disk.profile.tearBytes;
    const first = Math.floor(this.#file.bytes / unit);
    const units = Math.ceil(this.#bytes / unit) - first;
    if (units > 1) {
      this.#disk.preallocate(this.#file, (first + 1 + choices.below(units - 1)) * unit);
    }
  }
}

/** A sync on its way: covers what took effect before it was called. */
export class SyncAction implements DiskAction<void> {
  readonly kind: SyncKind;
  readonly #disk: VirtualDisk;
  readonly #file: VirtualFile;
  readonly #through: number;

  constructor(disk: VirtualDisk, file: VirtualFile, kind: SyncKind) {
    this.kind = kind;
    this.#disk = disk;
    this.#file = file;
    this.#through = disk.sequence;
  }

  describe(): DiskOperation {
    return { kind: this.kind, path: this.#file.path, position: 0, bytes: 0 };
  }

  effect(): void {
    this.#disk.sync(this.#file, this.kind, this.#through);
  }
}
