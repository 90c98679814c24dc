import type { ReplacedRange } from "../disk/disk-faults.ts";
import type { PlacedDamage } from "../disk/disk-media.ts";
import type { FileGroup } from "../scenario/file-group.ts";
import { type Charted, DamageCharts } from "./damage-charts.ts";
import { hasSoundCopy } from "./sound-copy.ts";
import { type Debt, type MappedDisk, misreadDebt, StoredDebt } from "./stored-debt.ts";
import { fileGroupOf } from "./store-files.ts";

interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Ground truth about damage: decided from what the disk held before it was damaged, and kept outside of it.
 * It says what must be masked, what may be refused, and what may be lost; it never keeps a fault from
 * striking.
 */
export class Atlas {
  readonly #disk: MappedDisk;
  readonly #stored: StoredDebt;
  readonly #charts = new DamageCharts();
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
    this.#stored = new StoredDebt(disk);
    this.#pageBytes = pageBytes;
  }

  /** Called before bytes of this range are damaged, of a store that is down. */
  chart(path: string, { from, to }: Range, unreadable: boolean): Debt {
    const range = { path, from, to };
    const debt = this.#stored.of(range, unreadable || this.#disk.profile.dataChecksums);
    this.#note({ ...range, debt, cause: "rot", unreadable });
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
    return this.#charts.count;
  }

  /** When the store was last opened, nothing had been charted beyond this. */
  get openMark(): number {
    return this.#charts.countBefore(this.#opens);
  }

  /** Damage that was charted before the mark, that reads meet, and of which there is a sound copy. */
  coveredBefore(mark: number): readonly PlacedDamage[] {
    const charts = this.#charts.first(mark);
    return this.#disk
      .damages()
      .filter((damage) => damage.visible && this.#isCovered(damage))
      .filter((damage) => charts.some((charted) => charted === this.#charts.of(damage)));
  }

  /** Whether a read of this open or life brought bytes from elsewhere. */
  get hasMisread(): boolean {
    return this.#misreads.length > 0;
  }

  /** Whether the range of this copy was ever damaged; and by a write that was lost, or an old backup. */
  wasDamaged(range: ReplacedRange): "no" | "old" | "rotten" {
    const charts = this.#charts.touching(range);
    if (charts.length === 0) {
      return "no";
    }
    return charts.some(({ cause }) => cause !== "rot") ? "old" : "rotten";
  }

  /** Groups of files that are damaged now. */
  get damagedGroups(): ReadonlySet<FileGroup | undefined> {
    return new Set(this.#places.map(({ path }) => fileGroupOf(path)));
  }

  /** Whether a place of such a file is damaged now in all of its copies. */
  isBare(group: FileGroup): boolean {
    return this.#disk
      .damages()
      .some(
        (damage) =>
          damage.visible && fileGroupOf(damage.path) === group && !this.#isCovered(damage),
      );
  }

  /** Whether bytes are damaged that nobody charted: the ground truth has a hole. */
  get hasLostTrack(): boolean {
    return this.#disk.damages().some((damage) => this.#charts.of(damage) === undefined);
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
    this.#charts.add({ ...charted, opens: this.#opens });
  }

  #placesInLog(damages: readonly PlacedDamage[]): number {
    const places = damages
      .filter(({ path }) => fileGroupOf(path) === "log")
      .map((damage) => this.#charts.of(damage));
    return new Set(places).size;
  }

  #isCovered(damage: ReplacedRange): boolean {
    const paths = new Set(this.#disk.files("durable").map(({ path }) => path));
    return hasSoundCopy(damage, this.#places, { paths, pageBytes: this.#pageBytes });
  }

  #debtAt(damage: PlacedDamage): Debt {
    if (this.#isCovered(damage)) {
      return "mask";
    }
    const charted = this.#charts.of(damage);
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
    return this.#stored.of(damage, unreadable);
  }

  /**
   * A page as it was before is whole, and nothing on it says that it is old. The store has taken down what it
   * wrote, unless that was damaged, too: then the double-write area may have the page, or the log what is
   * missing.
   */
  #oldPageDebt(damage: ReplacedRange, { opens, cause }: Charted): Debt {
    const isKnown = cause === "lost" && opens === this.#opens;
    if (isKnown || !this.#hasLostPageLsns || this.#disk.profile.dataChecksums) {
      return "refuse";
    }
    return this.#stored.hidesOldPage(damage) ? "undetectable" : "refuse";
  }
}
