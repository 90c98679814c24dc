import { getUint32, getUint64 } from "../../engine/base/bytes.ts";
import { isSeawallError } from "../../engine/base/errors.ts";
import { META_PAGE } from "../../engine/pages/node.ts";
import { PAGE_FILE_NAME } from "../../engine/pages/page-file.ts";
import { isPageSize, PAGE_HEADER_BYTES } from "../../engine/pages/page-format.ts";
import type { FileIO, FileLock } from "../../engine/platform/file-io.ts";
import { readWhole } from "../../engine/platform/whole-io.ts";
import { ControlFile } from "../../engine/recovery/control-file.ts";
import type { ControlFound } from "../../engine/recovery/control-format.ts";
import { scanAreas, type AreaContent } from "./double-write-scan.ts";
import { viewBatches, viewSegments, type BatchList, type SegmentView } from "./log-view.ts";
import { PageScan, type PageShape } from "./page-scan.ts";
import { viewPage, viewWholePage, type PageView } from "./page-view.ts";
import { filesOfStore, lockToLook, namesInStore } from "./store-directory.ts";

export interface InspectionRequest {
  readonly directory: string;
  /** Where in the log to begin. @defaultValue where recovery would */
  readonly from?: number | undefined;
  /** Of batches (or records, where they are shown) and of pages. */
  readonly limit: number;
  readonly records: boolean;
  readonly pages: boolean;
  /** Pages to show with everything in them. */
  readonly wholePages: readonly number[];
}

/** What the files of a store hold, as they are: nothing is recovered, and damage is shown as such. */
export interface Inspection {
  readonly directory: string;
  /** Somebody has the store open: what was read may be in the middle of a change. */
  readonly isOpen: boolean;
  readonly shape: PageShape | undefined;
  readonly control: readonly [ControlFound, ControlFound];
  readonly segments: readonly SegmentView[];
  readonly log: BatchList;
  readonly areas: readonly AreaContent[];
  readonly freeList: FreeList | undefined;
  /** Places for pages in the file. */
  readonly places: number;
  readonly pages: readonly PageView[];
}

export interface FreeList {
  /** What the meta page says. */
  readonly count: number;
  /** The first of them, in the order of the list. */
  readonly pages: readonly number[];
  /** Pages that were found, and why no more were. */
  readonly found: number;
  readonly brokenBy?: string;
}

/** @throws UsageError for a directory that is no store's. */
export async function inspectStore(files: FileIO, request: InspectionRequest): Promise<Inspection> {
  const { directory } = request;
  await namesInStore(files, directory);
  const lock = await lockIfFree(files, directory);
  try {
    const seen = await filesOfStore(files, directory);
    return { directory, isOpen: lock === undefined, ...(await inspect(seen, request)) };
  } finally {
    await lock?.release();
  }
}

/** Undefined when the store is open: it can be looked at all the same. */
async function lockIfFree(files: FileIO, directory: string): Promise<FileLock | undefined> {
  try {
    return await lockToLook(files, directory);
  } catch (error) {
    if (isSeawallError(error, "LOCKED")) {
      return undefined;
    }
    throw error;
  }
}

async function inspect(
  files: FileIO,
  request: InspectionRequest,
): Promise<Omit<Inspection, "directory" | "isOpen">> {
  const { directory, limit, records } = request;
  const { found: control, newest } = await ControlFile.read(files, directory);
  const shape = newest ?? (await shapeInMetaPage(files, directory));
  const startLsn = newest?.startLsn ?? 0;
  const segments = await viewSegments(files, directory, startLsn);
  const range = { from: request.from ?? startLsn, limit, records };
  return {
    shape: shape === undefined ? undefined : { pageBytes: shape.pageBytes, storeId: shape.storeId },
    control,
    segments,
    log: await viewBatches(files, directory, segments, range),
    areas: shape === undefined ? [] : await scanAreas(files, directory, shape),
    ...(shape === undefined
      ? { freeList: undefined, places: 0, pages: [] }
      : await inspectPages(files, shape, request)),
  };
}

async function inspectPages(
  files: FileIO,
  shape: PageShape,
  request: InspectionRequest,
): Promise<Pick<Inspection, "freeList" | "places" | "pages">> {
  const scan = await PageScan.open(files, request.directory, shape);
  try {
    const pages: PageView[] = [];
    const listed = request.pages ? Math.min(scan.places, request.limit) : 0;
    for (let id = 0; id < listed; id += 1) {
      pages.push(viewPage(await scan.look(id)));
    }
    for (const id of request.wholePages) {
      pages.push(viewWholePage(await scan.look(id)));
    }
    return { freeList: await freeListOf(scan, request.limit), places: scan.places, pages };
  } finally {
    await scan.close();
  }
}

async function freeListOf(scan: PageScan, limit: number): Promise<FreeList | undefined> {
  const meta = await scan.look(META_PAGE);
  if (meta.kind !== "page" || meta.node.kind !== "meta") {
    return undefined;
  }
  const { freeHead, freeCount } = meta.node;
  const pages: number[] = [];
  const seen = new Set<number>();
  for (let id = freeHead; id !== META_PAGE;) {
    const at = await scan.look(id);
    const next = at.kind === "page" && at.node.kind === "free" ? at.node.next : undefined;
    if (next === undefined || seen.has(id)) {
      const what = seen.has(id) ? "is in the list already" : `is ${viewPage(at).kind}, not free`;
      return { count: freeCount, pages, found: seen.size, brokenBy: `page ${id} ${what}` };
    }
    seen.add(id);
    if (pages.length < limit) {
      pages.push(id);
    }
    id = next;
  }
  return { count: freeCount, pages, found: seen.size };
}

/** For a store without a control file that can be read: page 0 says as much. */
async function shapeInMetaPage(files: FileIO, directory: string): Promise<PageShape | undefined> {
  const path = `${directory}/${PAGE_FILE_NAME}`;
  if ((await files.stat(path))?.kind !== "file") {
    return undefined;
  }
  const file = await files.open(path, "read");
  try {
    const head = new Uint8Array(PAGE_HEADER_BYTES + 4);
    await readWhole(file, head, 0);
    const pageBytes = getUint32(head, PAGE_HEADER_BYTES);
    return isPageSize(pageBytes) ? { pageBytes, storeId: getUint64(head, 24) } : undefined;
  } finally {
    await file.close();
  }
}
