import { isAllZero } from "../base/bytes.ts";
import { lsn } from "../base/units.ts";
import type { Lsn } from "../base/units.ts";
import type { FileHandle } from "../platform/file-io.ts";
import { readAreaBytes } from "./area-copies.ts";
import { AREA_HEADER_BYTES, readArea, readAreaHeader } from "./double-write-format.ts";
import type { AreaShape, AreaStamp, PageImage } from "./double-write-format.ts";

/** An open double-write area, and how much room it has. */
export interface AreaFile {
  readonly file: FileHandle;
  bytes: number;
}

/** How far batches came, and the pages that may be torn in place. */
export interface LastBatch {
  readonly stamp: AreaStamp;
  readonly images: readonly PageImage[];
}

/** More than the numbers of two batches in a row ever differ by. */
const NUMBERS_BEYOND = 4;

/**
 * The newest complete area. Where the other one cannot be read, or was begun later, it may have been
 * complete, and its pages newer than these: then these are given only as long as the log that redo repeats
 * has everything that came after them. A page that is not whole, and for which that is not so, is refused
 * later: stale contents would look right.
 */
export async function readLastBatch(
  areas: readonly AreaFile[],
  shape: AreaShape,
  settledLsn: Lsn,
): Promise<LastBatch> {
  const states: AreaState[] = [];
  for (const area of areas) {
    states.push(await readState(area, shape));
  }
  const newest = states
    .filter(({ images }) => images.length > 0)
    .reduce<AreaState>((a, b) => (b.batchNumber > a.batchNumber ? b : a), NO_AREA);
  const others = states.filter((state) => state !== newest);
  const isNewest = others.every(
    ({ isUnknown, batchNumber }) => !isUnknown && batchNumber < newest.batchNumber,
  );
  const logLsn = lsn(Math.max(...states.map((state) => state.logLsn)));
  if (isNewest) {
    return { stamp: { batchNumber: newest.batchNumber, logLsn }, images: newest.images };
  }
  const highest = Math.max(...states.map(({ batchNumber }) => batchNumber)) + NUMBERS_BEYOND;
  // The next batch goes to the other area: this one may be all that there is of its pages.
  const batchNumber = (highest - newest.batchNumber) % 2 === 0 ? highest : highest + 1;
  const images = newest.logLsn < settledLsn ? [] : newest.images;
  return { stamp: { batchNumber, logLsn }, images };
}

interface AreaState extends AreaStamp {
  /** None when the area is not complete. */
  readonly images: readonly PageImage[];
  /** Its header cannot be read: which batch it held is not known. */
  readonly isUnknown: boolean;
}

const NO_BATCH: AreaStamp = { batchNumber: 0, logLsn: lsn(0) };

const NO_AREA: AreaState = { ...NO_BATCH, images: [], isUnknown: false };

async function readState(area: AreaFile, shape: AreaShape): Promise<AreaState> {
  area.bytes = await area.file.size();
  const whole = await readAreaBytes(area.file, shape);
  const found = readArea(whole, shape);
  if (found.kind === "complete") {
    return { ...found, isUnknown: false };
  }
  const start = whole.subarray(0, AREA_HEADER_BYTES);
  const header = readAreaHeader(start, shape);
  const isUnknown = header.kind === "incomplete" && !isAllZero(start);
  const stamp = header.kind === "header" ? header : NO_BATCH;
  return { batchNumber: stamp.batchNumber, logLsn: stamp.logLsn, images: [], isUnknown };
}
