import { isSeawallError, SeawallError } from "../base/errors.ts";
import type { ErrorPlace } from "../base/errors.ts";
import { findSegmentFiles, liveSegments, loadSegment } from "../log/segment-files.ts";
import type { LiveSegment } from "../log/segment-files.ts";
import { PAGE_FILE_NAME } from "../pages/page-file.ts";
import type { FileIO } from "../platform/file-io.ts";
import { doing } from "../platform/io-errors.ts";
import type { ScrubCounts } from "../platform/read-copies.ts";
import type { StoreParts } from "./close-store.ts";
import { CONTROL_FILE_NAME, ControlFile } from "./control-file.ts";
import { batchesOf, segmentsOf } from "./log-source.ts";
import type { LogStretch } from "./log-source.ts";
import { mendSegment } from "./store-copies.ts";

/** What a scrub found and did. Plain data. */
export interface ScrubReport {
  /** Each in all of its copies; of the log what recovery could need. */
  readonly pagesRead: number;
  readonly segmentsRead: number;
  /** Places (pages, batches of the log, headers, slots) where one copy was given what the other has. */
  readonly repaired: number;
  /** Of places where copies differ: those where the disk did not take what the other copy has. */
  readonly notRepaired: number;
  /** What no copy holds whole. Restore it from a backup: nothing here can bring it back. */
  readonly problems: readonly ScrubProblem[];
}

export interface ScrubProblem extends Pick<ErrorPlace, "offset"> {
  readonly file: string;
  readonly page?: number;
  readonly what: string;
}

export interface ScrubbedStore extends Pick<
  StoreParts,
  "log" | "storage" | "control" | "checkpointer" | "logger"
> {
  readonly files: FileIO;
  readonly directory: string;
  /** Throws once the store is being closed. */
  readonly refuseIfClosed: () => void;
}

type Findings = ScrubCounts & { readonly problems: readonly ScrubProblem[] };

/**
 * Reads everything that the store may need, in every copy of it, and makes copies the same where one of them
 * is right. Others go on meanwhile. What was repaired is durable when this resolves.
 *
 * @throws SeawallError `IO`, `OUTCOME_UNKNOWN` when a repair cannot be made durable: the store has stopped;
 * `CLOSED` when it is closed meanwhile.
 */
export async function scrubStore(store: ScrubbedStore): Promise<ScrubReport> {
  const { storage, checkpointer, logger } = store;
  const pages = await scrubPages(store);
  // No checkpoint meanwhile: it would free log files for other uses, and write what is read here.
  const log = await checkpointer.withoutCheckpoints(() => scrubLog(store));
  const rest = await checkpointer.withoutCheckpoints(() => scrubRest(store));
  const all = [rest, log, pages];
  const report: ScrubReport = {
    pagesRead: storage.stats.pages,
    segmentsRead: log.segmentsRead,
    repaired: all.reduce((sum, { repaired }) => sum + repaired, 0),
    notRepaired: all.reduce((sum, { notRepaired }) => sum + notRepaired, 0),
    problems: all.flatMap(({ problems }) => problems),
  };
  logger.info({ event: "scrub", ...report }, "store scrubbed");
  return report;
}

async function scrubPages({ storage, refuseIfClosed }: ScrubbedStore): Promise<Findings> {
  const counts = { repaired: 0, notRepaired: 0 };
  const problems: ScrubProblem[] = [];
  for (let page = 0; page < storage.stats.pages; page += 1) {
    refuseIfClosed();
    const scrubbed = await storage.scrubPage(page);
    counts.repaired += scrubbed.kind === "repaired" ? 1 : 0;
    counts.notRepaired += scrubbed.kind === "not-repaired" ? 1 : 0;
    if (scrubbed.kind === "damaged") {
      problems.push({ file: PAGE_FILE_NAME, page, what: scrubbed.what });
    }
  }
  return { ...counts, problems };
}

/** What is small; and whatever was repaired before becomes durable. */
async function scrubRest(store: ScrubbedStore): Promise<Findings> {
  const control = await store.control.scrub();
  const problems = await slotProblems(store);
  const areas = await store.storage.finishScrub();
  const where = { directory: store.directory, file: "the double-write area" };
  return {
    repaired: control.repaired + areas.repaired,
    notRepaired: control.notRepaired + areas.notRepaired,
    problems: [...problems, ...areas.unreadable.map((error) => problemOf(error, where))],
  };
}

/** The log from where recovery could have to begin, to the end of what is durable now. */
async function scrubLog(
  store: ScrubbedStore,
): Promise<Findings & { readonly segmentsRead: number }> {
  const { files, directory } = store;
  const differing = new Set<string>();
  const counts = { repaired: 0, notRepaired: 0 };
  const problems: ScrubProblem[] = [];
  const found = await findLog(store, (name) => differing.add(name));
  if ("problem" in found) {
    return { ...counts, segmentsRead: 0, problems: [found.problem] };
  }
  const { stretch, segments } = found.value;
  for (const segment of segments) {
    store.refuseIfClosed();
    problems.push(...(await problemsIn(stretch, segment, directory)));
    const { name } = segment.file;
    if (differing.has(name)) {
      const mended = await mendSegment({ files, directory, name, before: stretch.endLsn });
      if (isSeawallError(mended)) {
        // It could be read a moment ago: in one copy each time.
        problems.push({ ...problemOf(mended, { directory, file: name }), file: name });
      } else {
        counts.repaired += mended.repaired;
        counts.notRepaired += mended.notRepaired;
      }
    }
  }
  return { ...counts, segmentsRead: segments.length, problems };
}

interface FoundLog {
  readonly stretch: LogStretch;
  readonly segments: readonly LiveSegment[];
}

/** Without the header of a segment nobody can say which of the others hold the log: then none is read. */
async function findLog(
  store: ScrubbedStore,
  onDiffering: (name: string) => void,
): Promise<Reading<FoundLog>> {
  const find = async (): Promise<FoundLog> => {
    const stretch = await stretchOf(store, onDiffering);
    refuseNone(stretch);
    return { stretch, segments: segmentsOf(stretch) };
  };
  return await reading(find(), { directory: store.directory, file: "the log" });
}

/** The store writes to one: that no header is left means that all of them are damaged. */
function refuseNone({ segmentFiles, start }: LogStretch): void {
  if (liveSegments(segmentFiles, start.lsn).length === 0) {
    throw new SeawallError("CORRUPTION", "no file says that it holds the log", {
      place: { expected: `a segment that holds LSN ${start.lsn}`, found: "none" },
    });
  }
}

async function stretchOf(
  { files, directory, log, control }: ScrubbedStore,
  onDiffering: (name: string) => void,
): Promise<LogStretch> {
  const { startLsn, startChecksum } = control.earliest;
  const endLsn = log.durableLsn;
  return {
    segmentFiles: await doing(
      "reading the log",
      findSegmentFiles(files, directory, control.newest.storeId),
    ),
    load: (file) => doing("reading the log", loadSegment(files, directory, file, onDiffering)),
    start: { lsn: startLsn, checksum: startChecksum },
    endLsn,
  };
}

async function problemsIn(
  stretch: LogStretch,
  segment: LiveSegment,
  directory: string,
): Promise<readonly ScrubProblem[]> {
  const { name } = segment.file;
  const read = await reading(batchesOf(stretch, segment), { directory, file: name });
  return "problem" in read ? [{ ...read.problem, file: name }] : [];
}

type Reading<T> = { readonly value: T } | { readonly problem: ScrubProblem };

/** What cannot be read is what a scrub looks for, and no reason to stop: the store may never need it again. */
async function reading<T>(read: Promise<T>, where: Where): Promise<Reading<T>> {
  try {
    return { value: await read };
  } catch (error) {
    if (!isSeawallError(error)) {
      throw error;
    }
    return { problem: problemOf(error, where) };
  }
}

interface Where {
  readonly directory: string;
  /** When the error does not say it. */
  readonly file: string;
}

function problemOf({ message, place }: SeawallError, { directory, file }: Where): ScrubProblem {
  const inDirectory = (text: string): string => text.replaceAll(`${directory}/`, "");
  return {
    file: inDirectory(place.file ?? file),
    ...(place.offset === undefined ? {} : { offset: place.offset }),
    what: inDirectory(message),
  };
}

/** A slot that no copy holds whole: the other one is enough, until it is lost, too. */
async function slotProblems({ files, directory }: ScrubbedStore): Promise<readonly ScrubProblem[]> {
  const slots = await reading(ControlFile.read(files, directory), {
    directory,
    file: CONTROL_FILE_NAME,
  });
  return "problem" in slots
    ? [slots.problem]
    : slots.value.found.flatMap(({ kind }, slot) =>
        kind === "control" ? [] : [{ file: CONTROL_FILE_NAME, what: `slot ${slot} is ${kind}` }],
      );
}
