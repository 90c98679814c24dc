import type { Trace } from "../core/trace.ts";
import type { PendingState } from "./crash-image.ts";
import type { Side } from "./directory-tree.ts";
import type { Damage } from "./damage.ts";
import { copyContent, digestTree, listFiles, type VirtualFileInfo } from "./disk-inspection.ts";
import type { PlacedDamage } from "./disk-media.ts";
import type { DiskVolume } from "./disk-volume.ts";

/**
 * A disk as no program sees it: what is stored, what a crash may take, how much room there is, and the
 * damage that time does. Looking changes nothing.
 */
export class ObservedDisk {
  readonly trace: Trace | undefined;
  protected readonly volume: DiskVolume;

  constructor(volume: DiskVolume, trace: Trace | undefined) {
    this.volume = volume;
    this.trace = trace;
  }

  /** Changes so far. A sync covers those up to the number when it was called. */
  get sequence(): number {
    return this.volume.sequence;
  }

  /** Changes that a crash may take back: of files and of names. */
  get pendingCount(): number {
    return this.volume.pendingCount;
  }

  /** What a crash of the system would decide. */
  get atStake(): PendingState {
    return this.volume.atStake;
  }

  /** How many bytes of blocks files may use; may change while the disk is in use. */
  get capacityBytes(): number {
    return this.volume.space.capacityBytes;
  }

  set capacityBytes(bytes: number) {
    this.volume.space.capacityBytes = bytes;
  }

  /** How many bytes of blocks files use. */
  get usedBytes(): number {
    return this.volume.space.usedBytes;
  }

  /** Every file, in the order of names. */
  files(side: Side = "visible"): VirtualFileInfo[] {
    return listFiles(this.volume.names.root, side);
  }

  /** A copy of a file's bytes; undefined when no file has that name on that side. */
  content(path: string, side: Side = "visible"): Uint8Array | undefined {
    return copyContent(this.volume.names.root, path, { side });
  }

  /** The same of its first bytes, so many at most, as programs see them. */
  head(path: string, bytesMax: number): Uint8Array | undefined {
    return copyContent(this.volume.names.root, path, { side: "visible", bytesMax });
  }

  /** A copy of what the medium holds under a durable name. */
  durableBytes(path: string): Uint8Array | undefined {
    return this.content(path, "durable");
  }

  /** A hash of all names and bytes of one side. */
  digest(side: Side = "durable"): string {
    return digestTree(this.volume.names.root, side);
  }

  /** Flips one stored bit; returns false when the medium holds no such byte of that file. */
  flipBit(path: string, offset: number, bit: number): boolean {
    const node = this.volume.names.at(path);
    this.trace?.event("flip", path, offset, bit);
    return node?.kind === "file" && this.volume.media.flipBit(node, offset, bit);
  }

  /** Makes the sector that holds a byte unreadable until it is overwritten whole. */
  spoilSector(path: string, offset: number): boolean {
    const node = this.volume.names.at(path);
    this.trace?.event("spoil", path, offset);
    return node?.kind === "file" && this.volume.media.spoilSector(node, offset);
  }

  /** Puts other bytes where a file has stored some; false when no file has that name. */
  replaceBytes(path: string, from: number, content: Uint8Array): boolean {
    const node = this.volume.names.at(path);
    this.trace?.event("replace", path, from, content.length);
    if (node?.kind !== "file") {
      return false;
    }
    this.volume.media.replace(node, from, content);
    return true;
  }

  /** The kinds of damage that reads came upon. */
  get damageMet(): ReadonlySet<Damage["kind"]> {
    return this.volume.media.met;
  }

  /** The damage there is: ground truth that no read shows. */
  damages(): PlacedDamage[] {
    return this.volume.damages();
  }

  /** Undoes all damage. */
  healAll(): void {
    this.volume.media.healAll();
  }

  /** Ends the use of the disk: gives its memory back for the next one. */
  dispose(): void {
    this.volume.dispose();
  }
}
