import type { ReplacedRange } from "../disk/disk-faults.ts";
import type { PlacedDamage } from "../disk/disk-media.ts";
import { BLOCK_BYTES } from "../disk/profiles.ts";
import type { FileGroup } from "../scenario/file-group.ts";
import { hasSoundCopy } from "./sound-copy.ts";
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
  | "refuse-or-trim"
  /** As `refuse`; or it may come up with any earlier state: what would have told is gone, too. */
  | "refuse-or-lose"
  /** The bytes are whole, and only old: it may refuse, and need not notice. */
  | "undetectable";

interface Range {
  readonly from: number;
  readonly to: number;
}

interface Charted extends Range {
  readonly path: string;
  /** Damage to a store that nobody uses is judged once; otherwise it depends on what came after it. */
  readonly debt?: Debt;
  readonly cause: "rot" | "lost" | "snapshot";
  readonly unreadable: boolean;
  /** The open that it came after. */
  readonly opens: number;
}

/**
 * Ground truth about damage: decided from what the disk held before it was damaged, and kept outside of it.
 * It says what must be masked, what may be refused, and what may be lost; it never keeps a fault from
 * striking.
 */
export class Atlas {
  readonly #disk: MappedDisk;
  readonly #charted: Charted[] = [];
  /** Reads of the present open or life that brought bytes from elsewhere. */
  #misreads: readonly ReplacedRange[] = [];
  #opens = 0;
  #lied = false;
  /** What checkpoints know of the pages was damaged, or could not be read: they may know less since. */
  #hasLostPageLsns = false;
  /** What was made of an old page stays when the page is written over. */
  #hasUsedOldPages = false;
  readonly #pageBytes: number;

  constructor(disk: MappedDisk, pageBytes = 4096) {
    this.#disk = disk;
    this.#pageBytes = pageBytes;
  }

  /** Called before bytes of this range are damaged, of a store that is down. */
  chart(path: string, range: Range, unreadable: boolean): Debt {
    const debt = this.#debtOf(path, range, unreadable || this.#disk.profile.dataChecksums);
    this.#note({ path, ...range, debt, cause: "rot", unreadable });
    return debt;
  }

  /** The same for a store that is in use: what it owes there changes with what it does. */
  chartLive(path: string, { from, to }: Range, unreadable: boolean): void {
    this.#note({ path, from, to, cause: "rot", unreadable });
  }

  /** A device did not store what it said, or stored it there. */
  chartReplaced({ path, from, to }: ReplacedRange): void {
    this.#note({ path, from, to, cause: "lost", unreadable: false });
  }

  /** A file was restored as it was some time before. */
  chartSnapshot({ path, from, to }: ReplacedRange): void {
    this.#note({ path, from, to, cause: "snapshot", unreadable: false });
  }

  /** A read brought other bytes than those of its place. */
  chartMisread(range: ReplacedRange): void {
    this.#hasLostPageLsns ||= fileGroupOf(range.path) === "page-lsns";
    this.#misreads = [...this.#misreads, range];
  }

  /** A program is given replaced bytes. Of a page that nothing tells from the right one, it makes more. */
  noteMet({ path, from, to }: ReplacedRange): void {
    this.#hasUsedOldPages ||= this.#disk
      .damages()
      .filter((damage) => damage.path === path && damage.from < to && damage.to > from)
      .some((damage) => this.#debtAt(damage) === "undetectable");
  }

  /** A power cut took syncs that the device had reported. */
  chartLie(): void {
    this.#lied = true;
  }

  /** The store is about to be opened, again. */
  begin(): void {
    this.#opens += 1;
    this.#misreads = [];
  }

  /** Damage that is there now, or was met by a read since the open. */
  get debts(): readonly Debt[] {
    const damages = this.#disk.damages();
    // What nobody can see yet has to be masked: only a crash may bring it to light.
    const debts = damages.map((damage) => (damage.visible ? this.#debtAt(damage) : "mask"));
    const torn = this.#placesInLog(damages) > 1;
    return [
      ...debts.map((debt) => (torn && debt === "refuse-or-trim" ? "refuse-or-lose" : debt)),
      ...this.#misreads.map((misread) =>
        this.#isCovered(misread) ? "mask" : misreadDebt(fileGroupOf(misread.path)),
      ),
      ...(this.#lied ? ["undetectable" as const] : []),
    ];
  }

  /** How much was charted so far; see `coveredSince`. */
  get mark(): number {
    return this.#charted.length;
  }

  /** When the store was last opened, nothing had been charted beyond this. */
  get openMark(): number {
    return this.#charted.filter(({ opens }) => opens < this.#opens).length;
  }

  /** Damage that was charted before the mark, that reads meet, and of which there is a sound copy. */
  coveredBefore(mark: number): readonly PlacedDamage[] {
    const charts = this.#charted.slice(0, mark);
    return this.#disk
      .damages()
      .filter((damage) => damage.visible && this.#isCovered(damage))
      .filter((damage) => charts.some((charted) => charted === this.#chartOf(damage)));
  }

  /** Whether a read of this open or life brought bytes from elsewhere. */
  get hasMisread(): boolean {
    return this.#misreads.length > 0;
  }

  /** Whether the range of this copy was ever damaged; and by a write that was lost, or an old backup. */
  wasDamaged({ path, from, to }: ReplacedRange): "no" | "old" | "rotten" {
    const charts = this.#charted.filter(
      (charted) => charted.path === path && charted.from < to && charted.to > from,
    );
    if (charts.length === 0) {
      return "no";
    }
    return charts.some(({ cause }) => cause !== "rot") ? "old" : "rotten";
  }

  /** Groups of files that are damaged now. */
  get damagedGroups(): ReadonlySet<FileGroup | undefined> {
    return new Set(this.#places.map(({ path }) => fileGroupOf(path)));
  }

  /** Whether bytes are damaged that nobody charted: the ground truth has a hole. */
  get hasLostTrack(): boolean {
    return this.#disk.damages().some((damage) => this.#chartOf(damage) === undefined);
  }

  /** Whether some damage excuses a refusal. */
  get mayRefuse(): boolean {
    return this.debts.some((debt) => debt !== "mask");
  }

  /** Whether some damage can be taken for a torn tail. */
  get mayTrim(): boolean {
    return this.debts.some((debt) => debt === "refuse-or-trim" || debt === "refuse-or-lose");
  }

  /** Whether some damage may have taken the evidence of what is gone. */
  get mayLose(): boolean {
    return this.debts.includes("refuse-or-lose");
  }

  /** Whether there is damage, or was when it was read, that the store has no means to notice. */
  get inDoubt(): boolean {
    return this.#hasUsedOldPages || this.debts.includes("undetectable");
  }

  /** Whether the place is one of a damaged page; true when something else than pages is damaged, too. */
  isNamed(file: unknown, offset: unknown, pageBytes: number): boolean {
    const groups = this.damagedGroups;
    if (this.inDoubt || groups.size !== 1 || !groups.has("pages")) {
      return true;
    }
    return this.#places.some(
      ({ path, from, to }) =>
        path === file && typeof offset === "number" && from < offset + pageBytes && to > offset,
    );
  }

  get #places(): readonly ReplacedRange[] {
    return [...this.#disk.damages(), ...this.#misreads];
  }

  #note(charted: Omit<Charted, "opens">): void {
    this.#hasLostPageLsns ||= fileGroupOf(charted.path) === "page-lsns";
    this.#charted.push({ ...charted, opens: this.#opens });
  }

  #placesInLog(damages: readonly PlacedDamage[]): number {
    const places = damages
      .filter(({ path }) => fileGroupOf(path) === "log")
      .map((damage) => this.#chartOf(damage));
    return new Set(places).size;
  }

  /** Files are renamed, and their damage goes with them. */
  #chartOf({ kind, path, from, to }: PlacedDamage): Charted | undefined {
    const holds = (charted: Charted): boolean =>
      from < charted.to && to > charted.from && kindsOf(charted).includes(kind);
    return (
      this.#charted.findLast((charted) => charted.path === path && holds(charted)) ??
      this.#charted.findLast(
        (charted) => fileGroupOf(charted.path) === fileGroupOf(path) && holds(charted),
      )
    );
  }

  #isCovered(damage: ReplacedRange): boolean {
    const paths = new Set(this.#disk.files("durable").map(({ path }) => path));
    return hasSoundCopy(damage, this.#places, { paths, pageBytes: this.#pageBytes });
  }

  #debtAt(damage: PlacedDamage): Debt {
    if (this.#isCovered(damage)) {
      return "mask";
    }
    const charted = this.#chartOf(damage);
    if (charted === undefined) {
      return "refuse-or-trim";
    }
    if (charted.debt !== undefined) {
      return charted.debt;
    }
    const group = fileGroupOf(damage.path);
    if (charted.cause !== "rot" && group === "pages") {
      return this.#oldPageDebt(damage, charted);
    }
    if (group === "page-lsns") {
      return "mask";
    }
    if (charted.cause === "snapshot") {
      return group === "log" ? "refuse-or-lose" : "refuse";
    }
    const unreadable = charted.unreadable || this.#disk.profile.dataChecksums;
    return this.#debtOf(damage.path, damage, unreadable);
  }

  #debtOf(path: string, range: Range, unreadable: boolean): Debt {
    switch (fileGroupOf(path)) {
      case "control":
        return this.#controlDebt(path, range);
      case "double-write":
        return unreadable || !this.#pagesAreWhole(path) ? "refuse" : "mask";
      case "pages":
        return unreadable || !this.#isUnused(path, range) ? "refuse" : "mask";
      case "page-lsns":
        return "mask";
      case "log":
      case undefined:
        return "refuse-or-trim";
    }
  }

  /**
   * A page as it was before is whole, and nothing on it says that it is old. The store has taken down what it
   * wrote, unless that was damaged, too: then the double-write area may have the page, or the log what is
   * missing.
   */
  #oldPageDebt({ path, from, to }: Range & { path: string }, { opens, cause }: Charted): Debt {
    const isKnown = cause === "lost" && opens === this.#opens;
    if (isKnown || !this.#hasLostPageLsns || this.#disk.profile.dataChecksums) {
      return "refuse";
    }
    const [content, shape] = this.#shapeOf(path);
    if (content === undefined || shape === undefined) {
      return "undetectable";
    }
    const directory = path.slice(0, path.lastIndexOf("/"));
    // What the store goes by is what it can see: a drive that lies has less than that.
    const areas = ["pages-0.dwb", "pages-1.dwb"].map((name) => this.#visible(directory, name));
    const restored = pagesInNewestArea(areas, shape);
    const redoLsn = redoLsnOf(this.#visible(directory, "control.db"));
    for (let id = Math.floor(from / shape.pageBytes); id * shape.pageBytes < to; id += 1) {
      const found = pageAt(content, shape, id);
      if (found.kind === "page" && found.lsn < redoLsn && !restored.has(id)) {
        return "undetectable";
      }
    }
    return "refuse";
  }

  #shapeOf(path: string): [Uint8Array | undefined, ReturnType<typeof shapeOf>] {
    const content = this.#disk.content(path, "visible");
    return [content, content === undefined ? undefined : shapeOf(content)];
  }

  #visible(directory: string, name: string): Uint8Array {
    return this.#disk.content(`${directory}/${name}`, "visible") ?? new Uint8Array();
  }

  /** One slot of two may be lost; bytes outside of them mean nothing. */
  #controlDebt(path: string, { from, to }: Range): Debt {
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
  #isUnused(path: string, { from }: Range): boolean {
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

/** The kinds of damage that a chart is about. */
function kindsOf({ cause, unreadable }: Charted): readonly PlacedDamage["kind"][] {
  if (cause !== "rot") {
    return ["replaced"];
  }
  return unreadable ? ["unreadable"] : ["flip"];
}

/** What is read from the wrong place is not what was asked for: every kind of file says where it belongs. */
function misreadDebt(group: FileGroup | undefined): Debt {
  if (group === "page-lsns") {
    return "mask";
  }
  return group === "log" ? "refuse-or-trim" : "refuse";
}
