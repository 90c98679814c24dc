import { isAllZero } from "../base/bytes.ts";
import { mirrored } from "../platform/mirrored-file.ts";
import type { MirroredFile } from "../platform/mirrored-file.ts";
import type { FileHandle } from "../platform/file-io.ts";
import { differs, hasHole, mend, readCopies, refuseCommonHole } from "../platform/read-copies.ts";
import type { CopyRead, ScrubCounts } from "../platform/read-copies.ts";
import { readWhole } from "../platform/whole-io.ts";
import {
  AREA_HEADER_BYTES,
  areaBytesMax,
  entriesEnd,
  isPageWhole,
  readArea,
  readAreaHeader,
} from "./double-write-format.ts";
import type { AreaShape } from "./double-write-format.ts";

/** The first bytes of a double-write area, of both its copies the right ones where there are two. */
export async function readAreaBytes(
  file: FileHandle,
  shape: AreaShape,
  lengthMax: number = areaBytesMax(shape.pageBytes),
): Promise<Uint8Array> {
  const copies = mirrored(file);
  if (copies !== undefined) {
    return mergedArea(await readCopies(copies, lengthMax, 0), shape);
  }
  const bytes = new Uint8Array(Math.min(lengthMax, await file.size()));
  return bytes.subarray(0, await readWhole(file, bytes, 0));
}

/** Makes both copies of a complete area the same. What is not complete nobody needs. */
export async function scrubArea(file: MirroredFile, shape: AreaShape): Promise<ScrubCounts> {
  const copies = await readCopies(file, areaBytesMax(shape.pageBytes), 0);
  const right = mergedArea(copies, shape);
  const header = readAreaHeader(right, shape);
  const counts = { repaired: 0, notRepaired: 0 };
  const scrub = async (offset: number, length: number): Promise<void> => {
    const bytes = right.subarray(offset, offset + length);
    if (copies.some((copy) => differs(copy, bytes, offset))) {
      const isMended = await mend(file, copies, bytes, { offset, from: offset });
      counts[isMended ? "repaired" : "notRepaired"] += 1;
    }
  };
  if (header.kind === "header" && readArea(right, shape).kind === "complete") {
    // Piece by piece: each copy may be the only one that has some other piece.
    await scrub(0, AREA_HEADER_BYTES);
    for (let i = 0; i < header.count; i += 1) {
      await scrub(AREA_HEADER_BYTES + i * shape.pageBytes, shape.pageBytes);
    }
  }
  return counts;
}

/**
 * The area that was begun last, with each of its pages from a copy where it is whole: a batch whose write
 * one copy has missed, or that is damaged there, is complete in the other one.
 */
function mergedArea(copies: readonly [CopyRead, CopyRead], shape: AreaShape): Uint8Array {
  refuseCommonHole(copies);
  const [first, second] = copies;
  const [right, other] = isRather(second, first, shape) ? [second, first] : [first, second];
  const header = readAreaHeader(right.bytes, shape);
  if (header.kind !== "header") {
    return right.bytes;
  }
  const end = AREA_HEADER_BYTES + header.count * shape.pageBytes;
  const merged = new Uint8Array(Math.max(end, right.bytes.length));
  merged.set(right.bytes);
  // No checksum covers what is behind the entries: zeros.
  merged.fill(0, entriesEnd(header.count), AREA_HEADER_BYTES);
  for (let i = 0; i < header.count; i += 1) {
    const start = AREA_HEADER_BYTES + i * shape.pageBytes;
    if (!isPageWhole(merged, i, shape)) {
      const page = other.bytes.subarray(start, start + shape.pageBytes);
      const kept = merged.slice(start, start + shape.pageBytes);
      merged.set(page, start);
      if (!isPageWhole(merged, i, shape)) {
        merged.set(kept, start);
      }
    }
  }
  return merged;
}

/** Whether the header of a copy says more of what was begun last than that of the other one. */
function isRather(copy: CopyRead, other: CopyRead, shape: AreaShape): boolean {
  const [header, otherHeader] = [
    readAreaHeader(copy.bytes, shape),
    readAreaHeader(other.bytes, shape),
  ];
  if (header.kind === "header" && otherHeader.kind === "header") {
    return header.batchNumber > otherHeader.batchNumber;
  }
  if (header.kind === "header" || otherHeader.kind === "header") {
    return header.kind === "header";
  }
  // Something that is no header may have been one.
  return !isNothing(copy) && isNothing(other);
}

function isNothing(copy: CopyRead): boolean {
  return (
    hasHole(copy, 0, AREA_HEADER_BYTES) || isAllZero(copy.bytes.subarray(0, AREA_HEADER_BYTES))
  );
}
