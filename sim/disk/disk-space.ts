import { BLOCK_BYTES, type DiskProfile } from "./profiles.ts";
import type { VirtualFile } from "./virtual-file.ts";

/** How many freed pieces are remembered, the latest. */
const FREED_MAX = 8;

interface Freed {
  /** When they were freed. */
  readonly sequence: number;
  readonly content: Uint8Array;
}

/** The blocks of a disk: how many files may use, and what is still in those that were freed. */
export class DiskSpace {
  capacityBytes: number;
  usedBytes = 0;
  readonly #profile: DiskProfile;
  #freed: readonly Freed[] = [];

  constructor(profile: DiskProfile, capacityBytes: number) {
    this.#profile = profile;
    this.capacityBytes = capacityBytes;
  }

  /** How many of the bytes fit on the device. Bytes in blocks that the file has always do. */
  fitting(file: VirtualFile, position: number, count: number): number {
    if (this.capacityBytes === Infinity) {
      return count;
    }
    const room = Math.max(0, this.capacityBytes - this.usedBytes);
    const end = file.allocatedBytes + blockFloor(room);
    return Math.max(0, Math.min(count, end - position));
  }

  /**
   * Remembers what was in the blocks that a file gives back from `from` on, where the profile may
   * bring it to light again.
   */
  free(file: VirtualFile, from: number, sequence: number): void {
    const first = Math.ceil(from / BLOCK_BYTES) * BLOCK_BYTES;
    if (file.durableBytes > first && this.#profile.exposes.includes("stale")) {
      const content = file.durableContent.slice(first);
      this.#freed = [...this.#freed.slice(1 - FREED_MAX), { sequence, content }];
    }
  }

  /**
   * What new blocks may hold before they are written. A journal hands freed blocks out again only
   * once it has recorded that they are free.
   */
  reusable(committed: number): Uint8Array[] {
    const through = this.#profile.metadataOrder === "prefix" ? committed : Infinity;
    return this.#freed.filter(({ sequence }) => sequence <= through).map(({ content }) => content);
  }

  clone(): DiskSpace {
    const copy = new DiskSpace(this.#profile, this.capacityBytes);
    copy.usedBytes = this.usedBytes;
    copy.#freed = this.#freed;
    return copy;
  }
}

/** The start of the block that holds a byte. */
export function blockFloor(offset: number): number {
  return Math.floor(offset / BLOCK_BYTES) * BLOCK_BYTES;
}
