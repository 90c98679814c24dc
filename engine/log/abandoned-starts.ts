import { isFileIOError } from "../platform/file-io.ts";
import { BATCH_HEADER_BYTES, readBatchHeader } from "./batch-format.ts";
import type { SegmentFile } from "./segment-files.ts";
import type { SegmentHeader } from "./segment-format.ts";

/**
 * Of files that are no part of the log any more: those that an open began an epoch in and died before that
 * was durable. They hold copies at the most: whatever they were to replace stays until a first batch is
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
      if (bytes !== undefined && !holdsMore(file.found.header, bytes)) {
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

/**
 * A copied tail counts once a first batch behind it says that it does. Without a copied tail there is
 * nothing: a transaction behind the first batch would have kept the file in the log.
 */
function holdsMore(header: SegmentHeader, bytes: Uint8Array): boolean {
  if (header.tailEndLsn === header.baseLsn) {
    return false;
  }
  const offset = header.sectorBytes + (header.tailEndLsn - header.baseLsn);
  const found = readBatchHeader(bytes.subarray(offset, offset + BATCH_HEADER_BYTES));
  return (
    found.kind === "header" &&
    found.header.lsn === header.resumeLsn &&
    found.header.epoch === header.epoch
  );
}
