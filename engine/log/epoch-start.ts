import { roundUp } from "../base/bytes.ts";
import type { Lsn } from "../base/units.ts";
import { writeWhole } from "../platform/whole-io.ts";
import type { FileHandle } from "../platform/file-io.ts";
import { BATCH_HEADER_BYTES, batchBytes, sealBatch } from "./batch-format.ts";
import type { ActiveSegment } from "./log-buffer.ts";
import type { AcceptedBatch } from "./log-reader.ts";
import { encodeSegmentHeader } from "./segment-format.ts";
import type { SegmentPool, SegmentSlot } from "./segment-pool.ts";
import { defined } from "../base/assert.ts";

/** What of the log stays, and where the new epoch goes on. */
export interface EpochPlan {
  readonly epoch: number;
  readonly storeId: number;
  readonly sectorBytes: number;
  /** Higher than the number of any segment that exists. */
  readonly segmentNumber: number;
  /** Batches that are accepted but not known durable, in order. */
  readonly tail: readonly AcceptedBatch[];
  /** headerChecksum of the batch before the tail. */
  readonly checksumBeforeTail: number;
  /** The log before this is durable, whatever happens to the new segment. */
  readonly settledLsn: Lsn;
  /** End of the accepted log. */
  readonly endLsn: Lsn;
  /** Where new batches begin: beyond everything that was ever written. */
  readonly resumeLsn: Lsn;
}

/** A log that is ready to be appended to. */
export interface EpochStart {
  readonly segment: ActiveSegment;
  readonly checksum: number;
}

/**
 * Begins a new epoch in a segment of its own. This is how a tail is trimmed and how an accepted tail
 * becomes durable, and it happens at every open, so that there is one way only:
 *
 * 1. The accepted batches that are not known durable are copied into the new segment and synced. They
 *    may have been read from a page cache that the disk never saw: after a failed sync the system keeps
 *    such pages and calls them clean, so that only writing the bytes anew brings them to the disk. They
 *    are copied and not written over in place, because a power cut may damage a sector being written.
 * 2. Then the header is written and synced. From then on this segment replaces everything from its base
 *    on: what lay behind the end is trimmed. Until then the old segments count, untouched.
 *
 * 3. The caller then logs an Open record and syncs it. Its batch says that this segment is durable, so
 *    that the next open may use the files that were replaced; until it is there they stay as they are.
 *
 * A power cut anywhere before the end of 2 leaves the old log, and at worst a file that nothing needs. So it
 * does when the name of the file is lost: that of a file that was found may be in the cache of the system only.
 * The directory is synced when the pages are opened, before the old log may be written over.
 */
export async function beginEpoch(plan: EpochPlan, pool: SegmentPool): Promise<EpochStart> {
  const tailBytes = sizeOf(plan.tail, plan.sectorBytes);
  const slot = await slotFor(plan, pool, tailBytes);
  try {
    return await beginIn(slot, tailBytes, plan);
  } catch (error) {
    await slot.file.close();
    throw error;
  }
}

async function beginIn(slot: SegmentSlot, tailBytes: number, plan: EpochPlan): Promise<EpochStart> {
  const checksum = await copyTail(plan, slot.file);
  if (tailBytes > 0) {
    await slot.file.datasync();
  }
  const header = encodeSegmentHeader({
    sectorBytes: plan.sectorBytes,
    epoch: plan.epoch,
    number: plan.segmentNumber,
    baseLsn: baseOf(plan),
    capacityBytes: slot.capacityBytes,
    tailEndLsn: plan.endLsn,
    resumeLsn: plan.resumeLsn,
    durableLsn: plan.settledLsn,
    storeId: plan.storeId,
    previousChecksum: plan.checksumBeforeTail,
  });
  await writeWhole(slot.file, header, 0);
  await slot.file.sync();
  const segment: ActiveSegment = {
    ...slot,
    number: plan.segmentNumber,
    baseLsn: plan.resumeLsn,
    baseOffset: plan.sectorBytes + tailBytes,
    headerWritten: true,
  };
  return { segment, checksum };
}

/** Where the new segment takes over from the old ones. */
export function baseOf({ tail, endLsn }: EpochPlan): Lsn {
  return tail[0]?.header.lsn ?? endLsn;
}

function bytesOf(batch: AcceptedBatch, sectorBytes: number): number {
  return batchBytes(batch.header.payloadBytes, sectorBytes);
}

/** An Open record, and what the log keeps for a Close record. */
const SECTORS_BEHIND_TAIL = 2;

async function slotFor(
  plan: EpochPlan,
  pool: SegmentPool,
  tailBytes: number,
): Promise<SegmentSlot> {
  const begun = roundUp(plan.sectorBytes + tailBytes, plan.sectorBytes);
  const bytes = begun + SECTORS_BEHIND_TAIL * plan.sectorBytes;
  await pool.prepareToOpen(bytes);
  return defined(pool.take(bytes), "the segment prepared for the new epoch");
}

/** Small batches of the tail are written together. */
const WRITE_BYTES = 1024 * 1024;

/** Writes the tail with this epoch's stamps; LSNs and payloads stay. Returns the last checksum. */
async function copyTail(plan: EpochPlan, file: FileHandle): Promise<number> {
  const { sectorBytes, tail } = plan;
  let previousChecksum = plan.checksumBeforeTail;
  let offset = sectorBytes;
  for (let from = 0, to = 0; from < tail.length; from = to) {
    to = endOfWrite(tail, from, sectorBytes);
    const together = tail.slice(from, to);
    const bytes = new Uint8Array(sizeOf(together, sectorBytes));
    let start = 0;
    for (const batch of together) {
      const end = start + bytesOf(batch, sectorBytes);
      previousChecksum = copyBatch(batch, bytes.subarray(start, end), plan, previousChecksum);
      start = end;
    }
    await writeWhole(file, bytes, offset);
    offset += bytes.length;
  }
  return previousChecksum;
}

/** Behind the last batch that fits one write with that at `from`, which goes along however large it is. */
function endOfWrite(batches: readonly AcceptedBatch[], from: number, sectorBytes: number): number {
  let bytes = 0;
  for (let at = from; at < batches.length; at += 1) {
    bytes += bytesOf(defined(batches[at], "batch"), sectorBytes);
    if (bytes > WRITE_BYTES && at > from) {
      return at;
    }
  }
  return batches.length;
}

function sizeOf(batches: readonly AcceptedBatch[], sectorBytes: number): number {
  return batches.reduce((sum, batch) => sum + bytesOf(batch, sectorBytes), 0);
}

/** Returns the checksum that the next batch carries. */
function copyBatch(
  { header, payload }: AcceptedBatch,
  target: Uint8Array,
  { epoch, storeId }: EpochPlan,
  previousChecksum: number,
): number {
  target.set(payload, BATCH_HEADER_BYTES);
  return sealBatch(target, payload.length, {
    lsn: header.lsn,
    durableLsn: header.durableLsn,
    epoch,
    previousChecksum,
    recordCount: header.recordCount,
    storeId: storeId % 0x1_0000_0000,
  });
}
