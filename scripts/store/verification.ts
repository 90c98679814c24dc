import { InvariantError } from "../../engine/base/assert.ts";
import { isSeawallError, type SeawallError } from "../../engine/base/errors.ts";
import { Database } from "../../engine/database.ts";
import { chainOfSegments, findSegmentFiles, loadSegment } from "../../engine/log/segment-files.ts";
import type { LiveSegment } from "../../engine/log/segment-files.ts";
import { isUnfinishedName, segmentNumberOf } from "../../engine/log/segment-format.ts";
import { DOUBLE_WRITE_NAMES } from "../../engine/pages/double-write.ts";
import { PAGE_FILE_NAME } from "../../engine/pages/page-file.ts";
import { SETTLED_PAGES_NAME } from "../../engine/pages/settled-pages.ts";
import type { PageKind } from "../../engine/pages/page-format.ts";
import type { FileIO } from "../../engine/platform/file-io.ts";
import type { RepairedPlace } from "../../engine/platform/mirrored-file.ts";
import { doing } from "../../engine/platform/io-errors.ts";
import type { Platform } from "../../engine/platform/platform.ts";
import { CONTROL_FILE_NAME, ControlFile } from "../../engine/recovery/control-file.ts";
import type { ControlSlots } from "../../engine/recovery/control-file.ts";
import type { RecoveryReport } from "../../engine/recovery/recovery-report.ts";
import { LOCK_FILE } from "../../engine/recovery/store-directory.ts";
import { isSpillFileName } from "../../engine/versions/spilled-versions.ts";
import { scanAreas, type AreaContent } from "./double-write-scan.ts";
import { scanBatches } from "./log-scan.ts";
import { OverlayFileIO } from "./overlay-file-io.ts";
import { PageScan, type PageAtPlace } from "./page-scan.ts";
import { repairLogger } from "./scrubbing.ts";
import { filesOfStore, lockToLook, namesInStore } from "./store-directory.ts";

/** Something in a store's files that should be otherwise, or that is worth knowing. */
export interface Finding {
  readonly file: string;
  readonly page?: number;
  readonly offset?: number;
  readonly what: string;
}

export interface Verification {
  readonly directory: string;
  readonly control: ControlSlots;
  readonly areas: readonly AreaContent[];
  /** What an open would find and do; undefined when it would refuse. */
  readonly recovery: RecoveryReport | undefined;
  /** Pages as they are on the disk, by kind, and how many of them the store uses. */
  readonly pages: Readonly<Record<PageKind | "zeros" | "damaged", number>> & {
    readonly used: number | undefined;
  };
  /** What a crash may leave, and the next open mends. */
  readonly notes: readonly Finding[];
  /** What no crash leaves. */
  readonly problems: readonly Finding[];
}

/**
 * Checks everything of a store: first as an open would, which recovers it in memory over the files, then every
 * page of what came out, then what only a look at the disk itself shows. The files stay as they are.
 *
 * @throws SeawallError `LOCKED`, `IO`, `RECOVERY` (another format); UsageError for a directory that is no store's.
 */
export async function verifyStore(platform: Platform, directory: string): Promise<Verification> {
  await namesInStore(platform.files, directory);
  const lock = await lockToLook(platform.files, directory);
  const overlay = new OverlayFileIO(platform.files);
  try {
    const opened = await openInMemory({ ...platform, files: overlay }, directory);
    const files = await filesOfStore(platform.files, directory);
    return await new Verifier(files, directory, opened).run();
  } finally {
    await overlay.close();
    await lock.release();
  }
}

/** What came of opening the store without changing it. */
interface Opened {
  readonly recovery: RecoveryReport | undefined;
  readonly pagesUsed: number | undefined;
  readonly problems: readonly Finding[];
  /** Where one copy of a file did not hold what the other one does. */
  readonly repairs: readonly RepairedPlace[];
}

async function openInMemory(platform: Platform, directory: string): Promise<Opened> {
  let db: Database;
  const repairs: RepairedPlace[] = [];
  const logger = repairLogger(directory, repairs);
  try {
    db = await Database.open({ directory, platform, createIfMissing: false, logger });
  } catch (error) {
    const problems = [refusalOf(error, directory)];
    return { recovery: undefined, pagesUsed: undefined, problems, repairs };
  }
  try {
    const found = await db.verify();
    if (db.stats().copies === 2) {
      // In memory, as everything here: what it would mend is what differs.
      await db.scrub();
    }
    const pagesUsed = db.stats().pages;
    const problems = found.map(({ page, what }) => {
      return { file: PAGE_FILE_NAME, page, what: inDirectory(what, directory) };
    });
    return { recovery: db.recovery, pagesUsed, problems, repairs };
  } finally {
    // Its checkpoint goes to memory, and may meet the damage that was just reported.
    await Promise.allSettled([db.close()]);
  }
}

/** @throws whatever does not speak of damage: then nothing is known. */
function refusalOf(error: unknown, directory: string): Finding {
  if (isSeawallError(error, "CORRUPTION")) {
    return findingOf(error, directory);
  }
  if (error instanceof InvariantError) {
    return { file: directory, what: `Seawall cannot read it, which is a bug: ${error.message}` };
  }
  throw error;
}

function findingOf({ message, place }: SeawallError, directory: string): Finding {
  const file = inDirectory(place.file ?? directory, directory);
  const offset = place.offset === undefined ? {} : { offset: place.offset };
  return { file, ...offset, what: inDirectory(message, directory) };
}

/** Files by their names: the directory is the same everywhere. */
function inDirectory(text: string, directory: string): string {
  return text.replaceAll(`${directory}/`, "");
}

class Verifier {
  readonly #files: FileIO;
  readonly #directory: string;
  readonly #opened: Opened;
  readonly #notes: Finding[] = [];
  #problems: Finding[];

  constructor(files: FileIO, directory: string, opened: Opened) {
    this.#files = files;
    this.#directory = directory;
    this.#opened = opened;
    this.#problems = [...opened.problems];
  }

  async run(): Promise<Verification> {
    await this.#strangers();
    for (const { path, offset } of this.#opened.repairs) {
      const what = "one copy does not hold what the other one does: seawall scrub mends it";
      this.#suspicious({ file: path, offset, what });
    }
    const control = await ControlFile.read(this.#files, this.#directory);
    this.#control(control);
    await this.#log(control);
    const areas = await this.#areas(control);
    const pages = await this.#pages(control);
    return {
      directory: this.#directory,
      control,
      areas,
      recovery: this.#opened.recovery,
      pages: { ...pages, used: this.#opened.pagesUsed },
      notes: this.#notes,
      problems: this.#problems,
    };
  }

  /** Only a crash explains some things: in a store that was closed in good order they are damage. */
  #suspicious(finding: Finding): void {
    const isClean = this.#opened.recovery?.cleanShutdown ?? false;
    (isClean ? this.#problems : this.#notes).push(finding);
  }

  async #strangers(): Promise<void> {
    for (const name of await this.#files.readDirectory(this.#directory)) {
      if (isUnfinishedName(name) || isSpillFileName(name)) {
        this.#notes.push({ file: name, what: "left by a crash: the next open removes it" });
      } else if (!isOurs(name)) {
        this.#notes.push({ file: name, what: "no file of the store" });
      }
    }
  }

  #control({ found, newest }: ControlSlots): void {
    if (newest === undefined) {
      return;
    }
    for (const [slot, content] of found.entries()) {
      if (content.kind !== "control") {
        const what = `slot ${slot} is ${content.kind === "zeros" ? "empty" : content.kind}`;
        this.#suspicious({ file: CONTROL_FILE_NAME, what });
      }
    }
  }

  async #log(control: ControlSlots): Promise<void> {
    const segmentFiles = await findSegmentFiles(
      this.#files,
      this.#directory,
      control.newest?.storeId,
    );
    for (const { name, found } of segmentFiles) {
      if (found.kind === "damaged") {
        this.#notes.push({ file: name, offset: 0, what: "no segment header: not part of the log" });
      }
    }
    const { recovery } = this.#opened;
    if (recovery === undefined) {
      return;
    }
    const { tail, cleanShutdown } = recovery;
    // Behind a log that was closed lies what an earlier use of the file has left.
    if (tail.kind === "torn" && !cleanShutdown) {
      this.#notes.push({ file: tail.file, offset: tail.offset, what: `torn: ${tail.because}` });
    }
    const [from, to] = [control.other?.startLsn ?? recovery.startLsn, recovery.startLsn];
    for (const segment of chainOfSegments(segmentFiles)) {
      if (segment.limitLsn > from && segment.header.baseLsn < to) {
        await this.#olderLog(segment, from, to);
      }
    }
  }

  /** Log that recovery reads only when the newest control slot is lost. */
  async #olderLog({ file, limitLsn }: LiveSegment, from: number, to: number): Promise<void> {
    const bytes = await doing("reading the log", loadSegment(this.#files, this.#directory, file));
    for (const batch of scanBatches(file, bytes, limitLsn)) {
      if (batch.kind === "damaged" && batch.lsn >= from && batch.lsn < to) {
        const what = `${batch.what}, at LSN ${batch.lsn}: log that the older control slot needs`;
        this.#problems.push({ file: file.name, offset: batch.offset, what });
      }
    }
  }

  async #areas({ newest }: ControlSlots): Promise<AreaContent[]> {
    const areas = newest === undefined ? [] : await scanAreas(this.#files, this.#directory, newest);
    for (const { file, kind } of areas) {
      if (kind === "foreign") {
        this.#problems.push({ file, what: "a double-write area of another store" });
      } else if (kind === "incomplete") {
        this.#suspicious({ file, what: "a double-write area that is torn or damaged" });
      } else if (kind === "missing") {
        this.#notes.push({ file, what: "missing: the next open makes it" });
      }
    }
    return areas;
  }

  async #pages({ newest }: ControlSlots): Promise<Record<PageAtPlace["kind"] | PageKind, number>> {
    const counts = {
      meta: 0,
      leaf: 0,
      branch: 0,
      overflow: 0,
      free: 0,
      zeros: 0,
      damaged: 0,
      page: 0,
    };
    if (newest === undefined) {
      return counts;
    }
    const scan = await PageScan.open(this.#files, this.#directory, newest);
    try {
      for (let id = 0; id < scan.places; id += 1) {
        const found = await scan.look(id);
        counts[found.kind === "page" ? found.node.kind : found.kind] += 1;
        this.#page(found, newest.pageBytes);
      }
    } finally {
      await scan.close();
    }
    return counts;
  }

  #page(found: PageAtPlace, pageBytes: number): void {
    const { recovery, pagesUsed = Infinity, problems } = this.#opened;
    const at = { file: PAGE_FILE_NAME, page: found.id };
    const isKnown = problems.some(
      ({ file, page, offset }) =>
        page === found.id || (file === PAGE_FILE_NAME && offset === found.id * pageBytes),
    );
    if (found.kind === "page" && recovery !== undefined && found.lsn >= recovery.endLsn) {
      const what = `was changed by record ${found.lsn}, and the log ends at ${recovery.endLsn}`;
      // The walk has compared it with where the log goes on, which is far behind where it ends.
      this.#problems = this.#problems.filter(
        (problem) => problem.page !== found.id || !problem.what.startsWith("was changed by record"),
      );
      this.#problems.push({ ...at, what });
    }
    if (found.kind !== "damaged" || found.id >= pagesUsed || isKnown) {
      return;
    }
    if (recovery === undefined) {
      this.#problems.push({ ...at, what: found.what });
    } else {
      this.#notes.push({ ...at, what: `${found.what}: the next open has it from elsewhere` });
    }
  }
}

const OUR_NAMES: ReadonlySet<string> = new Set([
  LOCK_FILE,
  CONTROL_FILE_NAME,
  PAGE_FILE_NAME,
  SETTLED_PAGES_NAME,
  ...DOUBLE_WRITE_NAMES,
]);

function isOurs(name: string): boolean {
  return OUR_NAMES.has(name) || segmentNumberOf(name) !== undefined;
}
