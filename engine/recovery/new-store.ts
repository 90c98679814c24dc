import { SeawallError } from "../base/errors.ts";
import { commitNumber, transactionId } from "../base/units.ts";
import { readBatchHeader } from "../log/batch-format.ts";
import type { EpochPlan } from "../log/epoch-start.ts";
import { LOG_BEGINNING } from "../log/log-reader.ts";
import { loadSegment } from "../log/segment-files.ts";
import type { SegmentFile } from "../log/segment-files.ts";
import { SECTOR_BYTES_MIN } from "../log/segment-format.ts";
import type { ResolvedOptions } from "../options.ts";
import { doing } from "../platform/io-errors.ts";
import { attemptAfter, CONTROL_FILE_NAME, ControlFile, isOfNewStore } from "./control-file.ts";
import type { ControlSlots } from "./control-file.ts";

/**
 * A store is new while no segment was ever begun. Files without a header that hold batches all the same
 * are no new store: their headers are damaged, and starting afresh would lose everything. Nor is one that
 * has had a checkpoint: its log is missing.
 */
export async function isNewStore(
  { platform, directory }: ResolvedOptions,
  segmentFiles: readonly SegmentFile[],
  slots: ControlSlots,
  wasMarked: boolean,
): Promise<boolean> {
  if (segmentFiles.some(isBegun)) {
    return false;
  }
  if (!isOfNewStore(slots)) {
    throw new SeawallError("CORRUPTION", "the log is missing: restore its files, or a backup", {
      place: { file: CONTROL_FILE_NAME, offset: 0, expected: "log segments", found: "none" },
    });
  }
  const [stranger] = wasMarked ? [] : segmentFiles;
  if (stranger !== undefined) {
    throw new SeawallError(
      "INVALID_ARGUMENT",
      "the directory holds a file that no store has made",
      {
        place: {
          file: stranger.name,
          offset: 0,
          expected: "a log segment",
          found: "something else",
        },
      },
    );
  }
  for (const file of segmentFiles) {
    const bytes = await doing("reading the log", loadSegment(platform.files, directory, file));
    refuseBatches(file, bytes);
  }
  return true;
}

function isBegun({ found }: SegmentFile): boolean {
  return found.kind === "header" || found.kind === "other-format";
}

function refuseBatches(file: SegmentFile, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; offset += SECTOR_BYTES_MIN) {
    if (readBatchHeader(bytes.subarray(offset, offset + 64)).kind === "header") {
      throw new SeawallError("CORRUPTION", "the header of a log segment is damaged", {
        place: {
          file: file.name,
          offset: 0,
          expected: "a segment header",
          found: file.found.kind,
        },
      });
    }
  }
}

/**
 * A store that is made again keeps its id, and counts on: what an earlier attempt wrote, and what is not to
 * be seen now, may show again later. It then counts as an older segment of this store, replaced.
 */
export function planNewStore(
  { platform, sectorBytes }: ResolvedOptions,
  slots: ControlSlots,
): EpochPlan {
  const { entropy } = platform;
  const attempt = attemptAfter(slots);
  const { lsn, checksum } = LOG_BEGINNING;
  return {
    epoch: attempt,
    storeId:
      slots.newest?.storeId ?? (entropy.uint32() % 0x20_0000) * 0x1_0000_0000 + entropy.uint32(),
    sectorBytes,
    segmentNumber: attempt,
    tail: [],
    checksumBeforeTail: checksum,
    settledLsn: lsn,
    endLsn: lsn,
    resumeLsn: lsn,
  };
}

/** Before the log begins: a log without a control file is damaged. */
export async function createControl(
  { platform, directory, pageBytes, copies }: ResolvedOptions,
  { storeId, epoch }: EpochPlan,
): Promise<ControlFile> {
  const control = {
    storeId,
    pageBytes,
    copies,
    startLsn: LOG_BEGINNING.lsn,
    startChecksum: LOG_BEGINNING.checksum,
    redoLsn: LOG_BEGINNING.lsn,
    lastCommit: commitNumber(0),
    highestId: transactionId(0),
  };
  return await ControlFile.create(platform.files, directory, control, epoch);
}
