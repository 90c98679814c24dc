import { KEY_BYTES_MAX } from "../data/key-codec.ts";
import type { ChangeSize } from "./change-plan.ts";
import { bodyBytesMax, bodyBytesMin, OVERFLOW_OVERHEAD_BYTES, overflowChunkBytes } from "./node.ts";
import type { PageId } from "./page-format.ts";

/** The most that some changes take, of the log and of the page file. */
export interface ChangeRoom {
  readonly logBytes: number;
  /** Of these, what the changes take when no page is split or merged for them. */
  readonly plainBytes: number;
  readonly newPages: number;
  /** Merges that `logBytes` allows for. More of them can wait. */
  readonly merges: number;
}

/** Of a put, delete or compensation, without its key and images; also of Begin, or Commit. */
const RECORD_BYTES = 48;
/** Of edits of a page: a cut and a new child, without their keys. */
const EDIT_BYTES = 32;
/** Of an image in a structure record, without its body. */
const IMAGE_BYTES = 32;
const META_IMAGE_BYTES = 64;
const FREED_PAGE_BYTES = 40;
const SEPARATOR_BYTES_MAX = KEY_BYTES_MAX + 32;

/** A leaf, and what some changes in a row do to it. */
interface Region {
  readonly leaf: PageId;
  readonly bytes: number;
  readonly depth: number;
  changes: number;
  grown: number;
  shrunk: number;
}

/**
 * Bounds what changes will take before the first is made, so that none of them runs out of room in the
 * middle. Changes come in key order. A split leaves nodes of at most three quarters of a page, so that a
 * leaf splits again only when it has grown by another quarter; a merge may fill a leaf, which then splits
 * once more.
 */
export class ChangeRoomEstimate {
  readonly #pageBytes: number;
  readonly #regions: Region[] = [];
  #depth = 0;
  #branchBytes = 0;
  #recordBytes = 2 * RECORD_BYTES;
  #overflowChanges = 0;
  #overflowPages = 0;

  constructor(pageBytes: number) {
    this.#pageBytes = pageBytes;
  }

  add(prepared: ChangeSize, keyBytes: number, valueBytes: number): void {
    const { leaf, leafBytes, growth, depth, oldBytes, overflowBytes, freedPages } = prepared;
    let region = this.#regions.at(-1);
    if (region?.leaf !== leaf) {
      region = { leaf, bytes: leafBytes, depth, changes: 0, grown: 0, shrunk: 0 };
      this.#regions.push(region);
    }
    region.changes += 1;
    region.grown += Math.max(0, growth);
    region.shrunk += Math.max(0, -growth);
    this.#depth = Math.max(this.#depth, depth);
    this.#branchBytes = Math.max(this.#branchBytes, prepared.branchBytes);
    this.#recordBytes += RECORD_BYTES + keyBytes + oldBytes + valueBytes;
    if (overflowBytes > 0 || freedPages > 0) {
      this.#overflowChanges += 1;
      this.#overflowPages += Math.ceil(overflowBytes / overflowChunkBytes(this.#pageBytes));
      this.#recordBytes += freedPages * FREED_PAGE_BYTES;
    }
  }

  /** Leaves that are to change. */
  get leaves(): number {
    return this.#regions.length;
  }

  get room(): ChangeRoom {
    const merges = this.#regions.reduce((sum, region) => sum + this.#mergesIn(region), 0);
    const splits = this.#regions.reduce((sum, region) => sum + this.#splitsIn(region, merges), 0);
    const structures = merges + splits + this.#overflowChanges;
    // The tree may grow by some levels meanwhile.
    const levels = structures === 0 ? 0 : this.#depth + 3;
    const chainBytes = this.#overflowPages * (IMAGE_BYTES + OVERFLOW_OVERHEAD_BYTES);
    return {
      logBytes: this.#recordBytes + chainBytes + this.#imageBytes(structures, merges, levels),
      plainBytes: this.#recordBytes + chainBytes,
      newPages: structures * levels + this.#overflowPages,
      merges,
    };
  }

  /**
   * A change goes up from a leaf. What a split makes of a node is together as large as it was, and an entry;
   * logged as edits it is smaller, but for the keys that they name.
   */
  #imageBytes(structures: number, merges: number, levels: number): number {
    const levelMax = Math.ceil(1.5 * this.#pageBytes);
    const leaf = this.#regions.reduce((most, { bytes, grown }) => Math.max(most, bytes + grown), 0);
    const branches = this.#branchBytes + (structures + levels) * SEPARATOR_BYTES_MAX;
    const path =
      Math.min(leaf, levelMax) +
      Math.min(branches, levels * levelMax) +
      levels * (2 * IMAGE_BYTES + EDIT_BYTES) +
      2 * SEPARATOR_BYTES_MAX +
      META_IMAGE_BYTES;
    // A merge has the neighbour in it, too, on each level.
    return structures * path + merges * levels * this.#pageBytes;
  }

  #mergesIn({ bytes, depth, changes, shrunk }: Region): number {
    if (depth === 0 || shrunk === 0 || bytes - shrunk >= bodyBytesMin(this.#pageBytes)) {
      return 0;
    }
    return Math.min(changes, 1 + Math.ceil((8 * shrunk) / bodyBytesMax(this.#pageBytes)));
  }

  #splitsIn({ bytes, changes, grown }: Region, merges: number): number {
    const max = bodyBytesMax(this.#pageBytes);
    if (grown === 0 || (merges === 0 && bytes + grown <= max)) {
      return 0;
    }
    return Math.min(changes, 1 + Math.ceil((4 * grown) / max));
  }
}
