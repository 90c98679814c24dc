import { type DataOperation, SIZE_UNCHANGED } from "./data-operation.ts";
import type { DiskProfile } from "./profiles.ts";
import type { VirtualFile } from "./virtual-file.ts";

/** What was drawn for the pending operations of one file, before the profile's rules are applied. */
export interface FileDraw {
  readonly file: VirtualFile;
  /** Per operation: where its units begin in `kept`; its size comes behind them. */
  readonly firstUnit: readonly number[];
  readonly kept: Uint8Array;
  /** By the unit of a size that did not survive: how many units of its write the file grew by after all. */
  readonly partSizes: ReadonlyMap<number, number>;
  /** The last sequence number of the metadata that survives, where metadata survives in order. */
  readonly cut: number;
  /** Operations up to this sequence number survive because a rename that survives waited for them. */
  readonly forcedThrough: number;
}

/** A range of units. */
export interface UnitRange {
  readonly first: number;
  readonly end: number;
}

/** What a crash leaves of one file. */
export interface FileSurvival {
  readonly file: VirtualFile;
  readonly bytes: number;
  /** Per unit, the last operation that survives in it, with all before it in that unit; -1 for none. */
  readonly lastKept: Int32Array;
  /** Units inside the size that were newly allocated and whose writes were all lost. */
  readonly exposed: readonly UnitRange[];
  /** Writes that survived in part. */
  readonly tornWrites: number;
}

/** How many units a pending operation is drawn in, not counting its size. */
export function unitsOf(operation: DataOperation, profile: DiskProfile): number {
  if (operation.kind === "truncate" && profile.metadataOrder === "prefix") {
    return 0;
  }
  const { from, to } = operation;
  const { tearBytes } = profile;
  return from >= to ? 0 : Math.floor((to - 1) / tearBytes) - Math.floor(from / tearBytes) + 1;
}

/** Applies a profile's rules to what was drawn for one file. Changes nothing but its own result. */
export function resolveFile(profile: DiskProfile, draw: FileDraw): FileSurvival {
  return new FileResolver(profile, draw).resolve();
}

class FileResolver {
  readonly #profile: DiskProfile;
  readonly #draw: FileDraw;
  readonly #lastKept: Int32Array;
  /** Per unit, the operation that allocated its block, or -1. */
  readonly #firstNew: Int32Array;
  #bytes: number;
  #tornWrites = 0;
  /** Behind here nothing survives: a truncation was lost, and with it all that depends on it. */
  #blockedFrom = Infinity;
  /** Data was lost that any greater size has to wait for. */
  #stalled = false;

  constructor(profile: DiskProfile, draw: FileDraw) {
    this.#profile = profile;
    this.#draw = draw;
    this.#bytes = draw.file.durableBytes;
    let end = 0;
    for (const { to } of draw.file.pending) {
      end = Math.max(end, to);
    }
    const units = Math.ceil(end / profile.tearBytes);
    this.#lastKept = new Int32Array(units).fill(-1);
    this.#firstNew = new Int32Array(units).fill(-1);
  }

  resolve(): FileSurvival {
    const ordered = this.#profile.metadataOrder === "prefix";
    const { file } = this.#draw;
    for (const [index, operation] of file.pending.entries()) {
      if (ordered && operation.kind === "truncate") {
        this.#truncate(operation, index);
      } else {
        const lostAt = this.#data(operation, index);
        this.#size(operation, index, lostAt);
      }
    }
    return {
      file,
      bytes: this.#bytes,
      lastKept: this.#lastKept,
      exposed: this.#exposed(),
      tornWrites: this.#tornWrites,
    };
  }

  /** A truncation in a journal: all of it, or nothing of it and nothing that came to its place. */
  #truncate(operation: DataOperation, index: number): void {
    if (operation.sequence > this.#draw.cut) {
      this.#blockedFrom = Math.min(this.#blockedFrom, operation.from);
      return;
    }
    const { tearBytes } = this.#profile;
    const end = Math.ceil(operation.to / tearBytes);
    for (let unit = Math.floor(operation.from / tearBytes); unit < end; unit += 1) {
      this.#lastKept[unit] = index;
      this.#firstNew[unit] = -1;
    }
    this.#bytes = operation.sizeAfter;
    this.#stalled = false;
  }

  /** Returns where the first byte was lost that the operation's size has to wait for, or -1. */
  #data(operation: DataOperation, index: number): number {
    const { tearBytes } = this.#profile;
    const { kept, forcedThrough } = this.#draw;
    const count = unitsOf(operation, this.#profile);
    const first = Math.floor(operation.from / tearBytes);
    const forced = operation.sequence <= forcedThrough;
    const waitsFrom = this.#waitsFrom(operation);
    let next = this.#draw.firstUnit[index] ?? 0;
    let lostAt = -1;
    let survived = 0;
    for (let unit = first; unit < first + count; unit += 1) {
      const end = (unit + 1) * tearBytes;
      if ((forced || kept[next] === 1) && end <= this.#blockedFrom) {
        this.#lastKept[unit] = index;
        survived += 1;
      } else if (lostAt < 0 && end > waitsFrom) {
        lostAt = Math.max(operation.from, unit * tearBytes);
      }
      if (this.#allocates(operation, unit)) {
        this.#firstNew[unit] = index;
      }
      next += 1;
    }
    if (survived > 0 && survived < count) {
      this.#tornWrites += 1;
    }
    return lostAt;
  }

  /** Whether it is the first to bring a unit into the file. */
  #allocates({ newFrom, to }: DataOperation, unit: number): boolean {
    const isOld = (this.#firstNew[unit] ?? -1) < 0;
    return isOld && newFrom < to && (unit + 1) * this.#profile.tearBytes > newFrom;
  }

  /** From here on the operation's data has to survive for its size to. */
  #waitsFrom({ from, to, newFrom }: DataOperation): number {
    if (this.#profile.sizeWaitsFor === "data") {
      return from;
    }
    return this.#profile.sizeWaitsFor === "new-blocks" && newFrom < to ? newFrom : Infinity;
  }

  #size(operation: DataOperation, index: number, lostAt: number): void {
    if (operation.sizeAfter === SIZE_UNCHANGED) {
      return;
    }
    const at = (this.#draw.firstUnit[index] ?? 0) + unitsOf(operation, this.#profile);
    const kept = operation.sequence <= this.#draw.forcedThrough || this.#draw.kept[at] === 1;
    if (this.#profile.metadataOrder === "independent") {
      this.#bytes = kept ? operation.sizeAfter : this.#grownInPart(operation, at);
      return;
    }
    if (this.#stalled || this.#blockedFrom < Infinity) {
      return;
    }
    this.#stalled = lostAt >= 0;
    if (kept) {
      this.#bytes = Math.max(this.#bytes, lostAt < 0 ? operation.sizeAfter : lostAt);
    }
  }

  #grownInPart({ from }: DataOperation, at: number): number {
    const units = this.#draw.partSizes.get(at) ?? 0;
    const { tearBytes } = this.#profile;
    return units === 0
      ? this.#bytes
      : Math.max(this.#bytes, (Math.floor(from / tearBytes) + units) * tearBytes);
  }

  #exposed(): UnitRange[] {
    const ranges: UnitRange[] = [];
    const end = Math.min(this.#lastKept.length, Math.ceil(this.#bytes / this.#profile.tearBytes));
    let first = -1;
    for (let unit = 0; unit <= end; unit += 1) {
      const allocatedBy = unit < end ? (this.#firstNew[unit] ?? -1) : -1;
      const lost = allocatedBy >= 0 && (this.#lastKept[unit] ?? -1) < allocatedBy;
      if (lost && first < 0) {
        first = unit;
      } else if (!lost && first >= 0) {
        ranges.push({ first, end: unit });
        first = -1;
      }
    }
    return ranges;
  }
}
