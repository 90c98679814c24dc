import { isSeawallError } from "../../engine/base/errors.ts";
import { bytesEqual, getUint64 } from "../../engine/base/bytes.ts";
import { mergeSegment, type MergedSegment } from "../../engine/log/segment-copies.ts";
import {
  chainOfSegments,
  type LiveSegment,
  type SegmentFile,
} from "../../engine/log/segment-files.ts";
import { segmentNumberOf } from "../../engine/log/segment-format.ts";
import { readPage } from "../../engine/pages/page-format.ts";
import { FileIOError } from "../../engine/platform/file-io.ts";
import { firstName, isMirrorName } from "../../engine/platform/mirrored-files.ts";
import type { RepairedPlace } from "../../engine/platform/mirrored-file.ts";
import type { CopyRead } from "../../engine/platform/read-copies.ts";
import type { ReplacedRange } from "../disk/disk-faults.ts";
import type { PlacedDamage } from "../disk/disk-media.ts";
import type { VirtualDisk } from "../disk/virtual-disk.ts";
import { violation, type Violation } from "../oracle/verdict.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { pageBytesOf } from "../scenario/store-spec.ts";
import type { Atlas } from "./atlas.ts";
import type { FaultInjector } from "./fault-injector.ts";
import type { Probes } from "./probes.ts";
import { fileGroupOf, siblingOf } from "./store-files.ts";
import { SLOTS } from "./stored-pages.ts";

/** What the judge sees of a world. */
interface Surroundings {
  readonly atlas: Atlas;
  readonly disk: VirtualDisk;
  readonly probes: Probes;
  readonly injector: FaultInjector;
  readonly scenario: Scenario;
  broken(violation: Violation): void;
}

/** What is asked of a store that is open. */
interface Judged {
  stats(): { readonly startLsn: number; readonly pages: number };
}

/** Of each slot of the control file so many bytes are written. */
const SLOT_WRITTEN_BYTES = 4096;

/**
 * Judges a store that keeps two copies of each file: what it mends is what was there before, and what it has
 * read and found damaged in one copy it mends.
 */
export class MirrorJudge {
  readonly #world: Surroundings;
  /** Reads since the open that came upon damage. */
  #met: ReplacedRange[] = [];

  constructor(world: Surroundings) {
    this.#world = world;
  }

  /** The store is about to be opened. */
  begin(): void {
    this.#met = [];
  }

  noteMet(range: ReplacedRange): void {
    this.#met.push(range);
  }

  /** P12: the bytes that a copy was given are those that were stored there. */
  repaired({ path, offset, bytes }: RepairedPlace): void {
    const { atlas, disk, probes } = this.#world;
    const range = { path, from: offset, to: offset + bytes };
    const before = atlas.wasDamaged(range);
    const group = fileGroupOf(path);
    probes.when(before !== "no" && group === "pages", "page-copy-repaired");
    probes.when(before !== "no" && group === "log", "log-copy-repaired");
    probes.when(before !== "no" && group === "control", "control-copy-repaired");
    probes.when(before === "old", "old-copy-overruled");
    const [mended, right] = [path, siblingOf(path)].map((copy) =>
      disk.content(copy)?.subarray(range.from, range.to),
    );
    const isSame = mended !== undefined && right !== undefined && bytesEqual(mended, right);
    const isSpread = before === "no" && this.#isDamaged({ ...range, path: siblingOf(path) });
    if ((!isSame || isSpread) && !atlas.mayRefuse && !atlas.hasMisread) {
      const what = isSpread ? "damage went from one copy to the other" : "a repair made no copy";
      this.#world.broken(violation("P12", what, [`${bytes} bytes at ${offset} of ${path}`]));
    }
  }

  /** After an open and a reading of everything. */
  examined(db: Judged): void {
    const { atlas } = this.#world;
    const isRead = ({ path, from, to }: ReplacedRange): boolean =>
      this.#met.some((met) => met.path === path && met.from < to && met.to > from);
    this.#judgeLeft(db, atlas.openMark, isRead);
    this.#judgeHeaders();
  }

  /** After a scrub, which reads everything. */
  scrubbed(db: Judged, mark: number): void {
    this.#judgeLeft(db, mark, () => true);
  }

  /** An open reads every header: no later one may come upon another than it has found. */
  #judgeHeaders(): void {
    const { atlas } = this.#world;
    if (this.#isJudged) {
      const left = atlas
        .coveredBefore(atlas.openMark)
        .find(({ kind, path, from }) => kind === "unreadable" && from === 0 && isSegment(path));
      this.#noteLeft(left);
    }
  }

  #judgeLeft(db: Judged, mark: number, isRead: (damage: ReplacedRange) => boolean): void {
    const { atlas } = this.#world;
    if (!this.#isJudged) {
      return;
    }
    const stats = db.stats();
    const damages = atlas.coveredBefore(mark).filter((damage) => this.#isWrong(damage));
    const log = damages.some(({ path }) => fileGroupOf(path) === "log")
      ? this.#liveLog(stats.startLsn)
      : [];
    const left = damages.find((damage) => {
      switch (fileGroupOf(damage.path)) {
        case "control":
          return SLOTS.some((slot) => damage.from < slot + SLOT_WRITTEN_BYTES && damage.to > slot);
        case "log":
          return log.some((place) => isInside(damage, place));
        case "pages":
          return isRead(damage) && this.#isPage(damage, stats.pages);
        case "double-write":
        case "page-lsns":
        case undefined:
          return false;
      }
    });
    this.#noteLeft(left);
  }

  get #isJudged(): boolean {
    const { atlas, injector, scenario } = this.#world;
    const isUnsure = injector.hasFailed || atlas.hasMisread || atlas.inDoubt;
    return scenario.engine.copies === 2 && !isUnsure;
  }

  #noteLeft(left: PlacedDamage | undefined): void {
    if (left !== undefined) {
      const { kind, path, from } = left;
      const details = [`${kind} at byte ${from} of ${path}`, `in ${this.#world.disk.profile.name}`];
      this.#world.broken(
        violation("P12", "damage to one copy was read, and left as it was", details),
      );
    }
  }

  /**
   * A write that was lost may have been one of what was there already; and one that a crash has kept in this
   * copy only, and that was lost then, leaves both copies the same. There is nothing to mend.
   */
  #isWrong({ path, from, to, truth }: PlacedDamage): boolean {
    const { disk } = this.#world;
    const [found, other] = [path, siblingOf(path)].map((copy) =>
      disk.content(copy)?.subarray(from, to),
    );
    const isSame = (bytes: Uint8Array | undefined): boolean =>
      found !== undefined && bytes !== undefined && bytesEqual(found, bytes);
    return truth === undefined || (!isSame(truth) && !isSame(other));
  }

  /** Replaced bytes that are those which should be there are no damage: nobody could tell. */
  #isDamaged(range: ReplacedRange): boolean {
    const { disk } = this.#world;
    const content = disk.content(range.path) ?? new Uint8Array();
    return disk
      .damages()
      .filter((damage) => damage.visible && isInside(damage, range))
      .some(({ from, to, truth }) => {
        const [start, end] = [Math.max(from, range.from), Math.min(to, range.to)];
        const right = truth?.subarray(start - from, end - from);
        return right === undefined || !bytesEqual(content.subarray(start, end), right);
      });
  }

  /** A page of the store that the other copy holds whole. */
  #isPage({ path, from }: ReplacedRange, pageCount: number): boolean {
    const { disk, scenario } = this.#world;
    const pageBytes = pageBytesOf(scenario.engine);
    const pageId = Math.floor(from / pageBytes);
    const content = disk.content(siblingOf(path)) ?? new Uint8Array();
    const page = content.subarray(pageId * pageBytes, (pageId + 1) * pageBytes);
    const found = readPage(page, { pageId, storeId: getUint64(page, 24) });
    return pageId < pageCount && found.kind === "page";
  }

  /** Where in the log that recovery may need the copies do not hold the same. */
  #liveLog(startLsn: number): readonly ReplacedRange[] {
    const merged = new Map<string, MergedSegment>();
    const files: SegmentFile[] = [];
    for (const { path } of this.#world.disk.files()) {
      if (isSegment(path) && !isMirrorName(path)) {
        const segment = mergeSegment([this.#copy(path), this.#copy(siblingOf(path))]);
        merged.set(path, segment);
        const bytes = segment.bytes.length;
        files.push({ name: path, bytes, capacityBytes: bytes, found: segment.header });
      }
    }
    return chainIn(files)
      .filter(({ limitLsn }) => limitLsn > startLsn)
      .flatMap(({ file }) => {
        const { differing } = merged.get(file.name) ?? { differing: [] };
        return differing.flatMap(({ from, to }) =>
          [file.name, siblingOf(file.name)].map((path) => ({ path, from, to })),
        );
      });
  }

  /** As the store reads it: what lies in a bad sector nobody knows. */
  #copy(path: string): CopyRead {
    const { disk } = this.#world;
    const bytes = disk.content(path)?.slice() ?? new Uint8Array();
    const holes = disk
      .damages()
      .filter((damage) => damage.path === path && damage.kind === "unreadable" && damage.visible)
      .map(({ from, to }) => {
        bytes.fill(0, from, to);
        return { from, to, cause: new FileIOError("EIO", { operation: "read", path }) };
      });
    return { bytes, holes };
  }
}

/** None where segments contradict each other: then the store itself is judged for what it does. */
function chainIn(files: readonly SegmentFile[]): readonly LiveSegment[] {
  try {
    return chainOfSegments(files);
  } catch (error) {
    if (!isSeawallError(error)) {
      throw error;
    }
    return [];
  }
}

function isSegment(path: string): boolean {
  return segmentNumberOf(firstName(path.slice(path.lastIndexOf("/") + 1))) !== undefined;
}

function isInside(damage: ReplacedRange, { path, from, to }: ReplacedRange): boolean {
  return damage.path === path && damage.from < to && damage.to > from;
}
