import type { DataOperation } from "./data-operation.ts";
import type { LostWrite } from "./disk-faults.ts";
import { blockFloor } from "./disk-space.ts";
import { BLOCK_BYTES } from "./profiles.ts";
import type { VirtualFile } from "./virtual-file.ts";

interface Range {
  readonly from: number;
  readonly to: number;
}

/** What has to be put back when a sync is through, so that one of its writes was lost. */
export interface LossPlan {
  readonly range: Range;
  /** What the medium held there before, zeros behind its end. */
  readonly before: Uint8Array;
}

/**
 * Chooses the write that a device loses of those that a sync up to `through` is to store; undefined when
 * none of them would be missed. To be called before the sync.
 */
export function planLoss(
  file: VirtualFile,
  { pick }: LostWrite,
  through: number,
): LossPlan | undefined {
  const covered = file.pending.filter(({ sequence }) => sequence <= through);
  const missed = covered.filter((operation, index) => isMissed(covered, operation, index));
  const chosen = missed[pick % Math.max(1, missed.length)];
  if (chosen === undefined) {
    return undefined;
  }
  const range = partOf(chosen, Math.floor(pick / 16));
  const before = new Uint8Array(range.to - range.from);
  before.set(file.durableContent.subarray(range.from, range.to));
  return { range, before };
}

/** Takes the write back from the medium, and puts it elsewhere if it strayed. Returns what was replaced. */
export function carryOut(file: VirtualFile, fault: LostWrite, plan: LossPlan): readonly Range[] {
  const { range, before } = plan;
  const written = file.durableContent.slice(range.from, range.to);
  file.replace(range.from, before, fault.evicted);
  if (fault.strayTo === undefined || written.length === 0) {
    return [range];
  }
  const places = Math.max(1, Math.floor(file.durableBytes / written.length));
  const from = (fault.strayTo % places) * written.length;
  const to = Math.min(from + written.length, file.durableBytes);
  if (from < range.to && to > range.from) {
    return [range];
  }
  file.replace(from, written, fault.evicted);
  return [range, { from, to }];
}

/** A write that no later one goes over. */
function isMissed(
  covered: readonly DataOperation[],
  { kind, from, to }: DataOperation,
  index: number,
): boolean {
  const later = covered.slice(index + 1);
  return (
    kind === "write" && from < to && later.every((other) => other.to <= from || other.from >= to)
  );
}

/** All of a write, or one of its blocks: requests are cut on their way to the device. */
function partOf({ from, to }: DataOperation, pick: number): Range {
  const blocks = Math.ceil((to - blockFloor(from)) / BLOCK_BYTES);
  if (blocks === 1 || pick % 2 === 0) {
    return { from, to };
  }
  const start = blockFloor(from) + (Math.floor(pick / 2) % blocks) * BLOCK_BYTES;
  return { from: Math.max(from, start), to: Math.min(to, start + BLOCK_BYTES) };
}
