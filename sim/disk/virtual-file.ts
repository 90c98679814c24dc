import { assert } from "../../engine/base/assert.ts";
import type { DamageList } from "./damage.ts";
import { type DataOperation, SIZE_UNCHANGED, ZEROS } from "./data-operation.ts";
import { FileSides } from "./file-sides.ts";
import { PendingData } from "./pending-data.ts";
import { BLOCK_BYTES } from "./profiles.ts";

/** One file: the bytes that programs see, those on the medium, and the ordered operations between them. */
export class VirtualFile {
  readonly kind = "file";
  readonly id: number;
  /** Its latest name, for messages. */
  path: string;
  /** Directory entries that programs see. */
  links = 0;
  /** Bytes in allocated blocks, as programs see it. */
  allocatedBytes = 0;
  /** Units that a failed sync marked clean: visible, never written, lost at the next crash. */
  readonly #unwritten = new Set<number>();
  readonly #unitBytes: number;
  #sides = new FileSides();
  #pending = new PendingData();

  /** `unitBytes`: what the profile writes or loses as a whole. */
  constructor(id: number, path: string, unitBytes: number) {
    this.id = id;
    this.path = path;
    this.#unitBytes = unitBytes;
  }

  /** Visible size. */
  get bytes(): number {
    return this.#sides.bytes;
  }

  /** Size on the medium. */
  get durableBytes(): number {
    return this.#sides.durableBytes;
  }

  get damage(): DamageList {
    return this.#sides.damage;
  }

  /** Visible and not durable, in the order in which they took effect. */
  get pending(): readonly DataOperation[] {
    return this.#pending.operations;
  }

  /** True when a crash could change what programs see. */
  get dirty(): boolean {
    return (
      this.pending.length > 0 ||
      this.#unwritten.size > 0 ||
      this.damage.items.some(({ visible, durable }) => durable && !visible)
    );
  }

  /** Bytes that reads show and that no sync, however often it succeeds, will store. */
  get unwrittenUnits(): number {
    return this.#unwritten.size;
  }

  /** The bytes that programs see. Not a copy: valid until the next change, and not to be written. */
  get visibleContent(): Uint8Array {
    return this.#sides.visibleContent;
  }

  /** The bytes on the medium. Not a copy: valid until the next change, and not to be written. */
  get durableContent(): Uint8Array {
    return this.#sides.durableContent;
  }

  /** Copies visible bytes out; returns how many there were. */
  read(target: Uint8Array, position: number): number {
    return this.#sides.read(target, position);
  }

  write(source: Uint8Array, position: number, sequence: number): void {
    const end = position + source.length;
    this.#sides.visible.own(end).set(source, position);
    this.#changed(position, end, sequence, source);
  }

  /** Appends zeros, really written, until the file has this many bytes. */
  extend(bytes: number, sequence: number): void {
    this.#sides.visible.own(bytes);
    this.#changed(this.bytes, bytes, sequence, undefined);
  }

  truncate(bytes: number, sequence: number): void {
    const before = this.bytes;
    const from = Math.min(bytes, before);
    this.#sides.visible.own(bytes).fill(0, from, before);
    this.#sides.bytes = bytes;
    this.allocatedBytes = Math.min(this.allocatedBytes, blocks(bytes));
    for (const unit of this.#unwritten) {
      if (unit * this.#unitBytes >= from) {
        this.#unwritten.delete(unit);
      }
    }
    this.damage.overwritten(from, before);
    this.#pending.add(
      { kind: "truncate", sequence, from, to: before, newFrom: before, sizeAfter: bytes },
      undefined,
    );
  }

  /** Makes everything durable that took effect up to and including `through`. */
  sync(through: number): void {
    let count = 0;
    for (const operation of this.pending) {
      if (operation.sequence > through) {
        break;
      }
      this.store(operation, operation.from, operation.to);
      this.#storeSize(operation);
      count += 1;
    }
    this.#pending.dropFirst(count);
  }

  /**
   * A sync that fails as ext4 and XFS do: of the units that were to be written, unit i is stored when bit
   * i modulo 32 of `storedPattern` is set. The others keep showing the new bytes, count as clean, and are
   * never written unless somebody writes them again. That the file grew stays pending; that it was cut
   * is committed.
   */
  failSyncShowingNew(storedPattern: number): void {
    const units = new Set<number>();
    const sequence = this.pending.at(-1)?.sequence ?? 0;
    let cutFrom = Infinity;
    for (const { kind, from, to } of this.pending) {
      cutFrom = kind === "truncate" ? Math.min(cutFrom, from) : cutFrom;
      const end = Math.min(to, this.bytes);
      for (let at = this.#unitOf(from); at * this.#unitBytes < end; at += 1) {
        units.add(at);
      }
    }
    const durable = this.#sides.durable.own(this.bytes);
    if (cutFrom < Infinity) {
      durable.fill(0, cutFrom);
      this.#sides.durableBytes = Math.min(this.durableBytes, cutFrom);
    }
    let index = 0;
    for (const unit of [...units].toSorted((one, other) => one - other)) {
      if (((storedPattern >>> (index & 31)) & 1) === 1) {
        this.#storeVisible(unit);
      } else {
        this.#unwritten.add(unit);
      }
      index += 1;
    }
    this.#pending.clear();
    const at = this.bytes;
    if (at > this.durableBytes) {
      const growth = { kind: "write", sequence, from: at, to: at, newFrom: at } as const;
      this.#pending.add({ ...growth, sizeAfter: at }, undefined);
    }
  }

  /** A sync that fails as btrfs does: the new bytes are gone at once. */
  failSyncShowingOld(): void {
    this.#pending.clear();
    this.#showDurable();
  }

  /** Brings part of what a pending operation changed to the medium. */
  store(operation: DataOperation, from: number, to: number): void {
    if (from >= to) {
      return;
    }
    const durable = this.#sides.durable.own(to);
    if (operation.keptAt === ZEROS) {
      durable.fill(0, from, to);
    } else {
      durable.set(this.#pending.bytesOf(operation, from, to), from);
    }
    if (this.damage.items.length > 0) {
      this.damage.stored(from, to);
    }
  }

  /** Changes bytes on the medium that no operation brought. The range ends where the medium's size does. */
  scribble(from: number, to: number, byteAt: (offset: number) => number): void {
    this.#sides.scribble(from, to, byteAt);
  }

  /** Gives the medium's size after a crash. */
  storeSize(bytes: number): void {
    this.#sides.storeSize(bytes);
  }

  /** After a crash: what was pending is decided, and programs see what is on the medium. */
  settle(): void {
    this.#pending.clear();
    this.#unwritten.clear();
    this.#showDurable();
  }

  /** Flips a bit on the medium, and in what programs see unless a pending write covers it. */
  flip(offset: number, bit: number): void {
    assert(offset < this.durableBytes, `no stored byte at ${offset} of ${this.path}`);
    const visible = offset < this.bytes && !this.#pending.touches(offset, offset + 1);
    this.#sides.flip(offset, bit, visible);
  }

  /** Makes a range unreadable until it is overwritten. */
  spoil(from: number, to: number): void {
    const visible = from < this.bytes && !this.#pending.touches(from, to);
    this.#sides.spoil(from, to, visible);
  }

  /**
   * Puts other bytes where the medium holds what was stored there. Programs go on to see what was stored
   * while the system has it in memory; `evicted`: they see the medium. The range ends where the file does.
   */
  replace(from: number, content: Uint8Array, evicted: boolean): void {
    const to = Math.min(from + content.length, this.durableBytes);
    if (from >= to) {
      return;
    }
    const visible = evicted && to <= this.bytes && !this.#pending.touches(from, to);
    this.#sides.replace(from, content.subarray(0, to - from), visible);
  }

  /** Undoes all damage. */
  heal(): void {
    this.#sides.heal();
  }

  /** A copy that shares bytes with this one until either changes. */
  clone(): VirtualFile {
    const copy = new VirtualFile(this.id, this.path, this.#unitBytes);
    copy.links = this.links;
    copy.allocatedBytes = this.allocatedBytes;
    for (const unit of this.#unwritten) {
      copy.#unwritten.add(unit);
    }
    copy.#sides = this.#sides.copy();
    copy.#pending = this.#pending.copy();
    return copy;
  }

  /** Gives the memory back; the file may not be used afterwards. */
  dispose(): void {
    this.#sides.dispose();
    this.#pending.dispose();
  }

  #changed(from: number, to: number, sequence: number, source: Uint8Array | undefined): void {
    const grows = to > this.bytes;
    if (grows) {
      this.#sides.bytes = to;
    }
    const newFrom = Math.min(to, Math.max(from, this.allocatedBytes));
    if (newFrom < to) {
      this.allocatedBytes = blocks(to);
    }
    if (this.damage.items.length > 0) {
      this.damage.overwritten(from, to);
    }
    const sizeAfter = grows ? to : SIZE_UNCHANGED;
    if (this.#unwritten.size > 0) {
      this.#rewrite(from, to, { sequence, newFrom, sizeAfter });
      return;
    }
    this.#pending.add({ kind: "write", sequence, from, to, newFrom, sizeAfter }, source);
  }

  /** Writing part of a unit makes all of it dirty again, also what a failed sync had marked clean. */
  #rewrite(
    from: number,
    to: number,
    rest: Pick<DataOperation, "sequence" | "newFrom" | "sizeAfter">,
  ): void {
    const first = this.#unitOf(from);
    const end = Math.ceil(to / this.#unitBytes);
    for (let unit = first; unit < end; unit += 1) {
      this.#unwritten.delete(unit);
    }
    const wideFrom = first * this.#unitBytes;
    const wideTo = Math.min(end * this.#unitBytes, this.bytes);
    const source = this.#sides.visible.content.subarray(wideFrom, wideTo);
    this.#pending.add({ kind: "write", from: wideFrom, to: wideTo, ...rest }, source);
  }

  #storeSize({ kind, sizeAfter }: DataOperation): void {
    if (sizeAfter === SIZE_UNCHANGED) {
      return;
    }
    const durable = this.#sides.durable.own(sizeAfter);
    if (kind === "truncate") {
      durable.fill(0, sizeAfter, Math.max(sizeAfter, this.durableBytes));
      this.#sides.durableBytes = sizeAfter;
    } else {
      this.#sides.durableBytes = Math.max(this.durableBytes, sizeAfter);
    }
  }

  #storeVisible(unit: number): void {
    const from = unit * this.#unitBytes;
    const to = Math.min(from + this.#unitBytes, this.bytes);
    this.#sides.storeVisible(from, to);
  }

  #showDurable(): void {
    this.#sides.showDurable();
    this.allocatedBytes = blocks(this.bytes);
  }

  #unitOf(offset: number): number {
    return Math.floor(offset / this.#unitBytes);
  }
}

/** The bytes of the blocks that this many bytes need. */
function blocks(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}
