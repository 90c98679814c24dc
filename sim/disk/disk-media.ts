import { FileIOError } from "../../engine/platform/file-io.ts";
import type { Damage } from "./damage.ts";
import type { LostWrite, ReplacedRange } from "./disk-faults.ts";
import { blockFloor } from "./disk-space.ts";
import { carryOut, type LossPlan } from "./lost-write.ts";
import { BLOCK_BYTES, type DiskProfile } from "./profiles.ts";
import type { VirtualFile } from "./virtual-file.ts";

/** Damage to a stored file, by name. */
export interface PlacedDamage extends Damage {
  readonly path: string;
}

const DAMAGE_KINDS: readonly Damage["kind"][] = ["flip", "unreadable", "replaced"];

/** Rot and bad sectors, with the ground truth to undo them. */
export class DiskMedia {
  readonly #profile: DiskProfile;
  #damaged = new Set<VirtualFile>();
  #met = new Set<Damage["kind"]>();

  constructor(profile: DiskProfile) {
    this.#profile = profile;
  }

  /** Returns false when the medium holds no such byte. */
  flipBit(file: VirtualFile, offset: number, bit: number): boolean {
    if (offset >= file.durableBytes) {
      return false;
    }
    file.flip(offset, bit);
    this.#damaged.add(file);
    return true;
  }

  /** Makes the sector of that byte unreadable; returns false when the medium holds no such byte. */
  spoilSector(file: VirtualFile, offset: number): boolean {
    if (offset >= file.durableBytes) {
      return false;
    }
    const { sectorBytes } = this.#profile;
    const from = Math.floor(offset / sectorBytes) * sectorBytes;
    file.spoil(from, Math.min(from + sectorBytes, file.durableBytes));
    this.#damaged.add(file);
    return true;
  }

  /** A write that was to be stored is lost, and perhaps went astray. */
  lose(file: VirtualFile, fault: LostWrite, plan: LossPlan): readonly ReplacedRange[] {
    this.#damaged.add(file);
    const { path } = file;
    return carryOut(file, fault, plan).map(({ from, to }) => ({ path, from, to }));
  }

  /** Puts other bytes in the place of stored ones, as who restores part of a backup. */
  replace(file: VirtualFile, from: number, content: Uint8Array): void {
    file.replace(from, content, true);
    this.#damaged.add(file);
  }

  /** The kinds of damage that reads came upon. What was made of replaced bytes no heal undoes. */
  get met(): ReadonlySet<Damage["kind"]> {
    return this.#met;
  }

  /** Files that were damaged; what was overwritten since is not damaged any more. */
  get damagedFiles(): ReadonlySet<VirtualFile> {
    return this.#damaged;
  }

  healAll(): void {
    for (const file of this.#damaged) {
      file.heal();
    }
    this.#damaged.clear();
  }

  /** @throws FileIOError `EIO` when the bytes cannot be read, or are known to be wrong. */
  checkRead(file: VirtualFile, from: number, to: number): void {
    if (file.damage.items.length === 0) {
      return;
    }
    const [start, end] = [blockFloor(from), blockFloor(to + BLOCK_BYTES - 1)];
    const rotten =
      this.#profile.dataChecksums &&
      (file.damage.meets("flip", start, end) || file.damage.meets("replaced", start, end));
    for (const kind of DAMAGE_KINDS) {
      if (file.damage.meets(kind, from, to)) {
        this.#met.add(kind);
      }
    }
    if (rotten || file.damage.meets("unreadable", from, to)) {
      throw new FileIOError("EIO", { operation: "read", path: file.path });
    }
  }

  /** Writing a whole bad sector heals it; writing a part has to read the rest first, which fails. */
  refusesWrite(file: VirtualFile, from: number, to: number): boolean {
    return file.damage.items.some(
      (damage) =>
        damage.kind === "unreadable" &&
        damage.visible &&
        damage.from < to &&
        damage.to > from &&
        (damage.from < from || damage.to > to),
    );
  }

  clone(copyOf: (file: VirtualFile) => VirtualFile): DiskMedia {
    const copy = new DiskMedia(this.#profile);
    copy.#damaged = new Set([...this.#damaged].map(copyOf));
    copy.#met = new Set(this.#met);
    return copy;
  }
}
