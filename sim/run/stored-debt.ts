import type { ReplacedRange } from "../disk/disk-faults.ts";
import type { PlacedDamage } from "../disk/disk-media.ts";
import { BLOCK_BYTES } from "../disk/profiles.ts";
import type { FileGroup } from "../scenario/file-group.ts";
import { fileGroupOf } from "./store-files.ts";
import {
  isControl,
  pageAt,
  pagesInNewestArea,
  pagesOf,
  redoLsnOf,
  shapeOf,
  SLOT_BYTES,
  SLOTS,
} from "./stored-pages.ts";

/** What has to be seen of a disk. */
export interface MappedDisk {
  readonly profile: { readonly dataChecksums: boolean };
  damages(): readonly PlacedDamage[];
  content(path: string, side: "visible" | "durable"): Uint8Array | undefined;
  files(side: "durable"): readonly { readonly path: string; readonly pendingOperations: number }[];
}

/** What the store owes where bytes are going to be damaged. */
export type Debt =
  /** It has what it needs to go on as if nothing had happened. */
  | "mask"
  /** It may refuse, and say where the damage is. */
  | "refuse"
  /** As `refuse`; or it may take the damage for a torn tail, and lose the last synced group. */
  | "refuse-or-trim"
  /** As `refuse`; or it may come up with any earlier state: what would have told is gone, too. */
  | "refuse-or-lose"
  /** The bytes are whole, and only old: it may refuse, and need not notice. */
  | "undetectable";

/** What a disk holds decides what the store owes where bytes of it are going to be damaged. */
export class StoredDebt {
  readonly #disk: MappedDisk;

  constructor(disk: MappedDisk) {
    this.#disk = disk;
  }

  /** What it owes there; `unreadable`: the damage shows as an error. */
  of(range: ReplacedRange, unreadable: boolean): Debt {
    switch (fileGroupOf(range.path)) {
      case "control":
        return this.#controlDebt(range);
      case "double-write":
        return unreadable || !this.#pagesAreWhole(range.path) ? "refuse" : "mask";
      case "pages":
        return unreadable || !this.#isUnused(range) ? "refuse" : "mask";
      case "page-lsns":
        return "mask";
      case "log":
      case undefined:
        return "refuse-or-trim";
    }
  }

  /**
   * Whether a page of this range goes unnoticed where it is old: neither is it restored from the double-write
   * area, nor has the log what it is missing.
   */
  hidesOldPage({ path, from, to }: ReplacedRange): boolean {
    const [content, shape] = this.#shapeOf(path);
    if (content === undefined || shape === undefined) {
      return true;
    }
    const directory = path.slice(0, path.lastIndexOf("/"));
    // What the store goes by is what it can see: a drive that lies has less than that.
    const areas = ["pages-0.dwb", "pages-1.dwb"].map((name) => this.#visible(directory, name));
    const restored = pagesInNewestArea(areas, shape);
    const redoLsn = redoLsnOf(this.#visible(directory, "control.db"));
    for (let id = Math.floor(from / shape.pageBytes); id * shape.pageBytes < to; id += 1) {
      const found = pageAt(content, shape, id);
      if (found.kind === "page" && found.lsn < redoLsn && !restored.has(id)) {
        return true;
      }
    }
    return false;
  }

  #shapeOf(path: string): [Uint8Array | undefined, ReturnType<typeof shapeOf>] {
    const content = this.#disk.content(path, "visible");
    return [content, content === undefined ? undefined : shapeOf(content)];
  }

  #visible(directory: string, name: string): Uint8Array {
    return this.#disk.content(`${directory}/${name}`, "visible") ?? new Uint8Array();
  }

  /** One slot of two may be lost; bytes outside of them mean nothing. */
  #controlDebt({ path, from, to }: ReplacedRange): Debt {
    const struck = SLOTS.filter((start) => from < start + SLOT_BYTES && to > start);
    const others = SLOTS.filter((start) => !struck.includes(start));
    const isWhole = (content: Uint8Array): boolean =>
      struck.length === 0 ||
      others.some((start) => isControl(content, start) && this.#isReadable(path, start));
    return this.#isSettled(path) && this.#onBothSides(path, isWhole) ? "mask" : "refuse";
  }

  #isReadable(path: string, slot: number): boolean {
    const { profile } = this.#disk;
    return !this.#disk
      .damages()
      .some(
        ({ kind, path: other, from, to }) =>
          (kind === "unreadable" || profile.dataChecksums) &&
          other === path &&
          from < slot + BLOCK_BYTES &&
          to > slot,
      );
  }

  /** No page needs a double-write area, now or after another crash. */
  #pagesAreWhole(areaPath: string): boolean {
    const path = `${areaPath.slice(0, areaPath.lastIndexOf("/"))}/pages.db`;
    return (
      this.#isSettled(path) &&
      this.#onBothSides(path, (content) =>
        pagesOf(content).every(({ kind }) => kind === "page" || kind === "zeros"),
      )
    );
  }

  /** Behind the last page of the tree. What the log has made since, it has images of. */
  #isUnused({ path, from }: ReplacedRange): boolean {
    return this.#onBothSides(path, (content) => {
      const shape = shapeOf(content);
      return shape !== undefined && from >= shape.pageCount * shape.pageBytes;
    });
  }

  #isSettled(path: string): boolean {
    return this.#disk
      .files("durable")
      .every((file) => file.path !== path || file.pendingOperations === 0);
  }

  #onBothSides(path: string, holds: (content: Uint8Array) => boolean): boolean {
    return (["visible", "durable"] as const).every((side) => {
      const content = this.#disk.content(path, side);
      return content !== undefined && holds(content);
    });
  }
}

/** What is read from the wrong place is not what was asked for: every kind of file says where it belongs. */
export function misreadDebt(group: FileGroup | undefined): Debt {
  if (group === "page-lsns") {
    return "mask";
  }
  return group === "log" ? "refuse-or-trim" : "refuse";
}
