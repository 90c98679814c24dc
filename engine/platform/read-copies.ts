import { isFileIOError } from "./file-io.ts";
import type { FileHandle, FileIOError } from "./file-io.ts";
import { COPIES } from "./mirrored-file.ts";
import type { MirroredFile } from "./mirrored-file.ts";
import { readWhole } from "./whole-io.ts";

/** What one copy of a file holds at some place. */
export interface CopyRead {
  /** As many as the copy has there, at most as many as were asked for. Zeros where it cannot be read. */
  readonly bytes: Uint8Array;
  /** Ranges of `bytes` that the disk could not read. */
  readonly holes: readonly Hole[];
}

export interface Hole {
  readonly from: number;
  readonly to: number;
  readonly cause: FileIOError;
}

/** No disk has smaller sectors: a read that fails at this size is not divided further. */
const SECTOR_BYTES_MIN = 512;

/** Both copies of a range, each as far as it can be read. */
export async function readCopies(
  { copies }: MirroredFile,
  length: number,
  position: number,
): Promise<readonly [CopyRead, CopyRead]> {
  return await Promise.all([
    readCopy(copies[0], length, position),
    readCopy(copies[1], length, position),
  ]);
}

/** Both copies of everything that a file holds. */
export async function readWholeCopies(file: MirroredFile): Promise<readonly [CopyRead, CopyRead]> {
  const [first, second] = await file.sizes();
  return await readCopies(file, Math.max(first, second), 0);
}

async function readCopy(copy: FileHandle, length: number, position: number): Promise<CopyRead> {
  const target = new Uint8Array(length);
  const holes: Hole[] = [];
  const end = await readAround(copy, { target, from: 0, to: length, position }, holes);
  return { bytes: target.subarray(0, end), holes };
}

interface Piece {
  readonly target: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** Of the target's first byte in the file. */
  readonly position: number;
}

/** Reads a piece, in halves where it cannot be read as a whole. Returns where the file ends in it. */
async function readAround(copy: FileHandle, piece: Piece, holes: Hole[]): Promise<number> {
  const { target, from, to, position } = piece;
  try {
    return from + (await readWhole(copy, target.subarray(from, to), position + from));
  } catch (error) {
    if (!isFileIOError(error)) {
      throw error;
    }
    if (to - from <= SECTOR_BYTES_MIN) {
      target.fill(0, from, to);
      holes.push({ from, to, cause: error });
      return to;
    }
  }
  const sectors = Math.ceil((to - from) / SECTOR_BYTES_MIN);
  const middle = from + Math.floor(sectors / 2) * SECTOR_BYTES_MIN;
  const end = await readAround(copy, { ...piece, to: middle }, holes);
  return end < middle ? end : await readAround(copy, { ...piece, from: middle }, holes);
}

/** Whether some of the range could not be read. */
export function hasHole({ holes }: CopyRead, from: number, to: number): boolean {
  return holes.some((hole) => hole.from < to && hole.to > from);
}

/** Why there is a place that neither copy can be read at; undefined when there is none. */
export function commonHole([first, second]: readonly [CopyRead, CopyRead]):
  FileIOError | undefined {
  return first.holes.find(({ from, to }) => hasHole(second, from, to))?.cause;
}

/** @throws FileIOError when there is a place that neither copy can be read at. */
export function refuseCommonHole(copies: readonly [CopyRead, CopyRead]): void {
  const cause = commonHole(copies);
  if (cause !== undefined) {
    throw cause;
  }
}

/** Whether a copy holds other bytes in the range than these, or cannot be read there. */
export function differs(copy: CopyRead, right: Uint8Array, from: number): boolean {
  const to = from + right.length;
  if (copy.bytes.length < to || hasHole(copy, from, to)) {
    return true;
  }
  for (let i = 0; i < right.length; i += 1) {
    if (copy.bytes[from + i] !== right[i]) {
      return true;
    }
  }
  return false;
}

/** Places that were not the same in both copies. */
export interface ScrubCounts {
  readonly repaired: number;
  readonly notRepaired: number;
}

/** Writes bytes over the copies that were read and hold other ones. True when all of them have them now. */
export async function mend(
  file: MirroredFile,
  read: readonly [CopyRead, CopyRead],
  right: Uint8Array,
  place: { readonly offset: number; readonly from: number },
): Promise<boolean> {
  const wrong = COPIES.filter((copy) => differs(read[copy], right, place.from));
  return await file.mend(wrong, right, place.offset);
}
