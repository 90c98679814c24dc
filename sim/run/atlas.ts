import { readControl } from "../../engine/recovery/control-format.ts";
import { decodeNode } from "../../engine/pages/node-codec.ts";
import { type PageFound, readPage } from "../../engine/pages/page-format.ts";
import type { PlacedDamage } from "../disk/disk-media.ts";
import type { FileGroup } from "../scenario/scenario.ts";
import { fileGroupOf } from "./store-files.ts";

/** What the atlas has to see of a disk. */
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
  | "refuse-or-trim";

interface Charted {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly debt: Debt;
}

/** Of `control.db`: where its two slots begin, and how many bytes of each count. */
const SLOTS = [0, 65_536];
const SLOT_BYTES = 96;

/**
 * Ground truth about damage: decided from what the disk held before it was damaged, and kept outside of it.
 * It says what must be masked, what may be refused, and what may be lost; it never keeps a fault from
 * striking.
 */
export class Atlas {
  readonly #disk: MappedDisk;
  readonly #charted: Charted[] = [];

  constructor(disk: MappedDisk) {
    this.#disk = disk;
  }

  /** Called before bytes of this range are damaged. `unreadable`: reads will fail. */
  chart(path: string, range: { from: number; to: number }, unreadable: boolean): Debt {
    const debt = this.#debtOf(path, range, unreadable || this.#disk.profile.dataChecksums);
    this.#charted.push({ path, ...range, debt });
    return debt;
  }

  /** Damage that is there now. */
  get debts(): readonly Debt[] {
    return this.#disk.damages().map(({ path, from }) => this.#debtAt(path, from));
  }

  /** Groups of files that are damaged now. */
  get damagedGroups(): ReadonlySet<FileGroup | undefined> {
    return new Set(this.#disk.damages().map(({ path }) => fileGroupOf(path)));
  }

  /** Whether some damage excuses a refusal. */
  get mayRefuse(): boolean {
    return this.debts.some((debt) => debt !== "mask");
  }

  /** Whether some damage can be taken for a torn tail. */
  get mayTrim(): boolean {
    return this.debts.includes("refuse-or-trim");
  }

  /** Whether the place is one of a damaged page; true when something else than pages is damaged, too. */
  isNamed(file: unknown, offset: unknown, pageBytes: number): boolean {
    if (this.damagedGroups.size !== 1 || !this.damagedGroups.has("pages")) {
      return true;
    }
    return this.#disk
      .damages()
      .some(
        ({ path, from, to }) =>
          path === file && typeof offset === "number" && from < offset + pageBytes && to > offset,
      );
  }

  #debtAt(path: string, at: number): Debt {
    const charted = this.#charted.findLast(
      ({ path: other, from, to }) => other === path && at >= from && at < to,
    );
    return charted?.debt ?? "refuse-or-trim";
  }

  #debtOf(path: string, range: { from: number; to: number }, unreadable: boolean): Debt {
    switch (fileGroupOf(path)) {
      case "control":
        return this.#controlDebt(path, range);
      case "double-write":
        return unreadable || !this.#pagesAreWhole(path) ? "refuse" : "mask";
      case "pages":
        return unreadable || !this.#isUnused(path, range) ? "refuse" : "mask";
      case "log":
      case undefined:
        return "refuse-or-trim";
    }
  }

  /** One slot of two may be lost; bytes outside of them mean nothing. */
  #controlDebt(path: string, { from, to }: { from: number; to: number }): Debt {
    const struck = SLOTS.filter((start) => from < start + SLOT_BYTES && to > start);
    const others = SLOTS.filter((start) => !struck.includes(start));
    const isWhole = (content: Uint8Array): boolean =>
      struck.length === 0 || others.some((start) => isControl(content, start));
    return this.#isSettled(path) && this.#onBothSides(path, isWhole) ? "mask" : "refuse";
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
  #isUnused(path: string, { from }: { from: number }): boolean {
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

function isControl(content: Uint8Array, start: number): boolean {
  return readControl(content.subarray(start, start + SLOT_BYTES)).kind === "control";
}

interface PagesShape {
  readonly pageBytes: number;
  readonly pageCount: number;
  readonly storeId: number;
}

/** What the meta page says; undefined when it is not whole. */
function shapeOf(content: Uint8Array): PagesShape | undefined {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  for (const pageBytes of [4096, 8192]) {
    if (content.length >= pageBytes) {
      const storeId = view.getUint32(24, true) + view.getUint32(28, true) * 0x1_0000_0000;
      const found = readPage(content.subarray(0, pageBytes), { pageId: 0, storeId });
      const decoded = found.kind === "page" ? decodeNode(found.pageKind, found.body) : undefined;
      if (decoded?.kind === "node" && decoded.node.kind === "meta") {
        return { pageBytes, pageCount: decoded.node.pageCount, storeId };
      }
    }
  }
  return undefined;
}

/** What is at the place of each page; one that is not whole when not even the meta page is. */
function pagesOf(content: Uint8Array): readonly PageFound[] {
  const shape = shapeOf(content);
  if (shape === undefined) {
    return [{ kind: "bad-checksum" }];
  }
  const { pageBytes, storeId } = shape;
  const found: PageFound[] = [];
  for (let pageId = 0; (pageId + 1) * pageBytes <= content.length; pageId += 1) {
    const bytes = content.subarray(pageId * pageBytes, (pageId + 1) * pageBytes);
    found.push(readPage(bytes, { pageId, storeId }));
  }
  return found;
}
