import type { VirtualDisk } from "../disk/virtual-disk.ts";
import type { FaultPlan } from "../scenario/fault-plan.ts";
import type { Atlas } from "./atlas.ts";
import type { Ledger } from "./ledger.ts";
import { fileGroupOf } from "./store-files.ts";

export type SnapshotPlan = Extract<FaultPlan, { kind: "mixed-snapshot" }>;

/** So many bytes are compared and put back as one. */
const PIECE_BYTES = 512;

interface Surroundings {
  readonly disk: VirtualDisk;
  readonly atlas: Atlas;
  readonly ledger: Ledger;
}

/**
 * Backups of several files that were not made at one moment. What the files of a group held is kept when
 * the plan says so, and put back at the end of the life, beside files that went on.
 */
export class Snapshots {
  readonly #world: Surroundings;
  readonly #taken = new Map<SnapshotPlan, ReadonlyMap<string, Uint8Array>>();

  constructor(world: Surroundings) {
    this.#world = world;
  }

  take(plan: SnapshotPlan): void {
    const { disk } = this.#world;
    const contents = new Map<string, Uint8Array>();
    for (const { path } of disk.files("durable")) {
      const content = disk.durableBytes(path);
      if (content !== undefined && fileGroupOf(path) === plan.on) {
        contents.set(path, content);
      }
    }
    this.#taken.set(plan, contents);
  }

  /** Files that came later stay, and so does what was appended since: only bytes are old. */
  restore(plan: SnapshotPlan): void {
    for (const [path, old] of this.#taken.get(plan) ?? []) {
      const now = this.#world.disk.durableBytes(path) ?? new Uint8Array();
      for (const [from, to] of differences(old, now)) {
        this.#world.atlas.chartSnapshot({ path, from, to });
        this.#world.disk.replaceBytes(path, from, old.subarray(from, to));
        this.#world.ledger.note("mixed-snapshot", "fired");
      }
    }
    this.#taken.delete(plan);
  }
}

/** Runs of pieces that differ, as far as both go. */
function differences(old: Uint8Array, now: Uint8Array): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  const end = Math.min(old.length, now.length);
  for (let from = 0; from < end; from += PIECE_BYTES) {
    const to = Math.min(from + PIECE_BYTES, end);
    const differs = old.subarray(from, to).some((byte, index) => byte !== now[from + index]);
    const last = runs.at(-1);
    if (differs && last?.[1] === from) {
      last[1] = to;
    } else if (differs) {
      runs.push([from, to]);
    }
  }
  return runs;
}
