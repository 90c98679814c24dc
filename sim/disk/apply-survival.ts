import { unreachable } from "../../engine/base/assert.ts";
import type { Scribble, Survival } from "./crash-image.ts";
import type { DataOperation } from "./data-operation.ts";
import type { FileSurvival } from "./file-survival.ts";
import { BLOCK_BYTES, type DiskProfile } from "./profiles.ts";

/** Brings the chosen outcome to the files; afterwards programs see what is on the medium. */
export function applySurvival(
  profile: DiskProfile,
  survival: Survival,
  freed: readonly Uint8Array[],
): void {
  for (const fileSurvival of survival.files) {
    storeSurvivors(profile, fileSurvival);
  }
  for (const scribble of [...survival.exposed, ...survival.damaged]) {
    scribble.file.scribble(scribble.from, scribble.to, contentOf(scribble, freed));
  }
  for (const { file } of survival.files) {
    file.settle();
  }
}

function storeSurvivors(profile: DiskProfile, survival: FileSurvival): void {
  const { file, bytes } = survival;
  for (const [index, operation] of file.pending.entries()) {
    storeOperation(profile, survival, { operation, index });
  }
  file.storeSize(bytes);
}

/** Within a unit operations apply in order up to the last that survives; runs of units go at once. */
function storeOperation(
  { tearBytes }: DiskProfile,
  { file, lastKept }: FileSurvival,
  { operation, index }: { readonly operation: DataOperation; readonly index: number },
): void {
  const { from, to } = operation;
  let runFrom = -1;
  for (let at = from; at < to; at = nextUnit(at, tearBytes)) {
    const kept = (lastKept[Math.floor(at / tearBytes)] ?? -1) >= index;
    if (kept && runFrom < 0) {
      runFrom = at;
    } else if (!kept && runFrom >= 0) {
      file.store(operation, runFrom, at);
      runFrom = -1;
    }
  }
  if (runFrom >= 0) {
    file.store(operation, runFrom, to);
  }
}

function nextUnit(at: number, unitBytes: number): number {
  return (Math.floor(at / unitBytes) + 1) * unitBytes;
}

/** What a range that nobody wrote holds, byte by byte. */
function contentOf(
  { file, fill, salt }: Scribble,
  freed: readonly Uint8Array[],
): (offset: number) => number {
  switch (fill) {
    case "zeros":
      return () => 0;
    case "stale":
      return staleContent(freed, salt);
    case "garbage":
      return (offset) => noise(offset + file.id * 0x1_0000, salt);
    default:
      return unreachable(fill);
  }
}

/** Blocks of a file that was deleted, each byte where it was within its block. */
function staleContent(freed: readonly Uint8Array[], salt: number): (offset: number) => number {
  const source = freed[salt % Math.max(1, freed.length)];
  if (source === undefined) {
    return () => 0;
  }
  const blocks = Math.max(1, Math.ceil(source.length / BLOCK_BYTES));
  const shift = Math.floor(salt / freed.length) % blocks;
  return (offset) => {
    const block = (Math.floor(offset / BLOCK_BYTES) + shift) % blocks;
    return source[block * BLOCK_BYTES + (offset % BLOCK_BYTES)] ?? 0;
  };
}

function noise(offset: number, salt: number): number {
  let bits = Math.imul(offset ^ Math.imul(salt + 1, 0x9e37_79b1), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 15), 0xc2b2_ae35);
  return (bits >>> 24) & 0xff;
}
