import { type Damage, DamageList } from "./damage.ts";
import { SharedBytes } from "./shared-bytes.ts";

/**
 * The bytes of one file as programs see them and as the medium holds them, and what was damaged of either.
 * Both arrays are zero behind their size, but that a failed sync may have stored bytes behind a size which
 * is still to come. Copies share arrays until one of them writes.
 */
export class FileSides {
  visible: SharedBytes = new SharedBytes();
  durable: SharedBytes = new SharedBytes();
  /** Visible size. */
  bytes = 0;
  /** Size on the medium. */
  durableBytes = 0;
  damage: DamageList = new DamageList();

  /** Not a copy: valid until the next change, and not to be written. */
  get visibleContent(): Uint8Array {
    return this.visible.content.subarray(0, this.bytes);
  }

  /** Not a copy: valid until the next change, and not to be written. */
  get durableContent(): Uint8Array {
    return this.durable.content.subarray(0, this.durableBytes);
  }

  /** Copies visible bytes out; returns how many there were. */
  read(target: Uint8Array, position: number): number {
    const count = Math.min(target.length, this.bytes - position);
    if (count <= 0) {
      return 0;
    }
    target.set(this.visible.content.subarray(position, position + count));
    return count;
  }

  /** Brings to the medium what programs see. */
  storeVisible(from: number, to: number): void {
    this.durable.own(to).set(this.visible.content.subarray(from, to), from);
    this.damage.stored(from, to);
  }

  /** Changes bytes on the medium that no operation brought. The range ends where the medium's size does. */
  scribble(from: number, to: number, byteAt: (offset: number) => number): void {
    const durable = this.durable.own(Math.max(to, this.durableBytes));
    const end = Math.min(to, this.durableBytes);
    for (let offset = from; offset < end; offset += 1) {
      durable[offset] = byteAt(offset);
    }
    this.damage.stored(from, end);
  }

  /** Gives the medium this size. */
  storeSize(bytes: number): void {
    this.durable.own(bytes).fill(0, bytes);
    this.durableBytes = bytes;
  }

  /** Programs see what is on the medium. */
  showDurable(): void {
    const before = this.bytes;
    this.bytes = this.durableBytes;
    const visible = this.visible.own(this.bytes);
    visible.set(this.durableContent);
    if (before > this.bytes) {
      visible.fill(0, this.bytes, before);
    }
    this.damage.revert(this.bytes);
  }

  /** Flips a bit on the medium; `visible`: in what programs see, too. */
  flip(offset: number, bit: number, visible: boolean): void {
    invert(this.durable.own(this.durableBytes), offset, bit);
    if (visible) {
      invert(this.visible.own(this.bytes), offset, bit);
    }
    this.damage.add({ kind: "flip", from: offset, to: offset + 1, bit, visible, durable: true });
  }

  /** Makes a range unreadable until it is overwritten. */
  spoil(from: number, to: number, visible: boolean): void {
    this.damage.add({ kind: "unreadable", from, to, bit: 0, visible, durable: true });
  }

  /** Puts other bytes on the medium, inside its size; `visible`: programs see them, too. */
  replace(from: number, content: Uint8Array, visible: boolean): void {
    const to = from + content.length;
    const known = this.damage.takeReplaced(from, to);
    const durable = this.durable.own(this.durableBytes);
    const truth = durable.slice(from, to);
    for (const damage of known) {
      truth.set(damage.truth ?? [], damage.from - from);
    }
    durable.set(content, from);
    if (visible) {
      this.visible.own(this.bytes).set(content, from);
    }
    this.damage.add({ kind: "replaced", from, to, bit: 0, truth, visible, durable: true });
  }

  /** Undoes all damage. */
  heal(): void {
    for (const damage of this.damage.take()) {
      if (damage.durable) {
        mend(this.durable.own(this.durableBytes), this.durableBytes, damage);
      }
      if (damage.visible) {
        mend(this.visible.own(this.bytes), this.bytes, damage);
      }
    }
  }

  copy(): FileSides {
    const copy = new FileSides();
    copy.visible = this.visible.copy();
    copy.durable = this.durable.copy();
    copy.bytes = this.bytes;
    copy.durableBytes = this.durableBytes;
    copy.damage = this.damage.copy();
    return copy;
  }

  /** Gives the memory back. */
  dispose(): void {
    this.visible.dispose();
    this.durable.dispose();
  }
}

function mend(content: Uint8Array, bytes: number, { kind, from, bit, truth }: Damage): void {
  if (kind === "flip") {
    invert(content, from, bit);
  } else if (truth !== undefined && from < bytes) {
    content.set(truth.subarray(0, bytes - from), from);
  }
}

function invert(content: Uint8Array, offset: number, bit: number): void {
  content[offset] = (content[offset] ?? 0) ^ (1 << bit);
}
