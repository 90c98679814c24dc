import { isFileIOError } from "../platform/file-io.ts";
import type { FileIO } from "../platform/file-io.ts";
import { writeWhole } from "../platform/whole-io.ts";
import { BATCH_HEADER_BYTES, readBatchHeader } from "./batch-format.ts";
import type { SegmentFile } from "./segment-files.ts";
import type { SegmentHeader } from "./segment-format.ts";

/**
 * Of files that are no part of the log any more: those that an open began an epoch in and died before its
 * first batch. They hold copies at the most: whatever they were to replace stays until a first batch is
 * durable. Without this rule every open that dies would leave one more file.
 */
export async function abandonedStarts(
  candidates: readonly SegmentFile[],
  load: (file: SegmentFile) => Promise<Uint8Array>,
): Promise<SegmentFile[]> {
  const abandoned: SegmentFile[] = [];
  for (const file of candidates) {
    if (file.found.kind === "header" && beginsEpoch(file.found.header)) {
      const bytes = await loadReadable(file, load);
      if (bytes !== undefined && !hasFirstBatch(file.found.header, bytes)) {
        abandoned.push(file);
      }
    }
  }
  return abandoned;
}

function beginsEpoch({ resumeLsn, tailEndLsn }: SegmentHeader): boolean {
  return resumeLsn > tailEndLsn;
}

/** Undefined for a file that cannot be read: nobody needs it, and nobody knows what it holds. */
async function loadReadable(
  file: SegmentFile,
  load: (file: SegmentFile) => Promise<Uint8Array>,
): Promise<Uint8Array | undefined> {
  try {
    return await load(file);
  } catch (error) {
    if (isFileIOError(error, "EIO")) {
      return undefined;
    }
    throw error;
  }
}

function hasFirstBatch(header: SegmentHeader, bytes: Uint8Array): boolean {
  const offset = header.sectorBytes + (header.tailEndLsn - header.baseLsn);
  const found = readBatchHeader(bytes.subarray(offset, offset + BATCH_HEADER_BYTES));
  return (
    found.kind === "header" &&
    found.header.lsn === header.resumeLsn &&
    found.header.epoch === header.epoch
  );
}

/**
 * Takes the header away, durably, before anybody writes into such a file: should a power cut take back the
 * header that replaced it, this one would count again, and vouch for a tail that is being written over.
 * Returns whether it is gone for certain.
 */
export async function wipeHeader(
  files: FileIO,
  path: string,
  sectorBytes: number,
): Promise<boolean> {
  try {
    const file = await files.open(path, "write");
    try {
      await writeWhole(file, new Uint8Array(sectorBytes), 0);
      await file.datasync();
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (isFileIOError(error)) {
      return false;
    }
    throw error;
  }
}
