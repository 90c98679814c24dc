import { isSeawallError } from "../base/errors.ts";
import type { ErrorPlace } from "../base/errors.ts";
import { findSegmentFiles, loadSegment } from "../log/segment-files.ts";
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
  /** Pages, log files that recovery could need, and so on: all of them, in each copy. */
  readonly pagesRead: number;
  readonly segmentsRead: number;
  /** Places (pages, batches of the log, headers, slots) where one copy now has what the other has. */
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
}

/**
 * Reads everything that the store may need, in every copy of it, and makes copies the same where one of them
 * is right. Nobody commits meanwhile. First a checkpoint: a page that is not on the disk yet would look
 * damaged there. What was repaired is durable when this resolves.
 *
 * @throws SeawallError `NO_SPACE`: nothing is lost; `IO` when a repair cannot be made durable,
 * `OUTCOME_UNKNOWN`: the store has stopped.
 */
export async function scrubStore(store: ScrubbedStore): Promise<ScrubReport> {
  await store.checkpointer.checkpoint();
  const report = await store.checkpointer.withoutCheckpoints(() => scrubAll(store));
  store.logger.info({ event: "scrub", ...report }, "store scrubbed");
  return report;
}

async function scrubAll(store: ScrubbedStore): Promise<ScrubReport> {
  const control = await store.control.scrub();
  const log = await scrubLog(store);
  const pages = await store.storage.scrub();
  const sum = (of: (counts: ScrubCounts) => number): number => of(control) + of(log) + of(pages);
  return {
    pagesRead: store.storage.stats.pages,
    segmentsRead: log.segmentsRead,
    repaired: sum(({ repaired }) => repaired),
    notRepaired: sum(({ notRepaired }) => notRepaired),
    problems: [
      ...(await slotProblems(store)),
      ...log.problems,
      ...pages.problems.map(({ page, what }) => ({ file: PAGE_FILE_NAME, page, what })),
    ],
  };
}

interface LogScrubbed extends ScrubCounts {
  readonly segmentsRead: number;
  readonly problems: readonly ScrubProblem[];
}

/** The log from where recovery could have to begin, to its end, which is durable. */
async function scrubLog({ files, directory, log, control }: ScrubbedStore): Promise<LogScrubbed> {
  await log.settled();
  const { startLsn, startChecksum } = control.earliest;
  const segmentFiles = await doing("reading the log", findSegmentFiles(files, directory));
  const counts = { repaired: 0, notRepaired: 0 };
  const problems: ScrubProblem[] = [];
  const differing = new Set<string>();
  const stretch: LogStretch = {
    segmentFiles,
    load: (file) =>
      doing(
        "reading the log",
        loadSegment(files, directory, file, (name) => differing.add(name)),
      ),
    start: { lsn: startLsn, checksum: startChecksum },
    endLsn: log.durableLsn,
  };
  const segments = segmentsOf(stretch);
  for (const segment of segments) {
    problems.push(...(await problemsIn(stretch, segment, directory)));
    if (differing.has(segment.file.name)) {
      const { repaired, notRepaired } = await mendSegment(files, directory, segment.file.name);
      counts.repaired += repaired;
      counts.notRepaired += notRepaired;
    }
  }
  return { ...counts, segmentsRead: segments.length, problems };
}

async function problemsIn(
  stretch: LogStretch,
  segment: LiveSegment,
  directory: string,
): Promise<readonly ScrubProblem[]> {
  try {
    await batchesOf(stretch, segment);
    return [];
  } catch (error) {
    if (!isSeawallError(error)) {
      throw error;
    }
    const { offset } = error.place;
    const file = segment.file.name;
    const what = error.message.replaceAll(`${directory}/`, "");
    return [{ file, ...(offset === undefined ? {} : { offset }), what }];
  }
}

/** A slot that no copy holds whole: the other one is enough, until it is lost, too. */
async function slotProblems({ files, directory }: ScrubbedStore): Promise<readonly ScrubProblem[]> {
  const { found } = await ControlFile.read(files, directory);
  return found.flatMap(({ kind }, slot) =>
    kind === "control" ? [] : [{ file: CONTROL_FILE_NAME, what: `slot ${slot} is ${kind}` }],
  );
}
