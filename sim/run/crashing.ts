import type { CrashKind } from "../disk/crash-summary.ts";
import type { ReplacedRange } from "../disk/disk-faults.ts";
import type { FaultPlan } from "../scenario/fault-plan.ts";
import { fileGroupOf } from "./store-files.ts";
import { noteCrashPhase } from "./storage-probes.ts";
import type { World } from "./world.ts";

export type DamagePlan = Extract<FaultPlan, { kind: "bit-flips" | "bad-sector" }>;

/** Damage to a store that nobody uses just now. */
export function isDamagePlan(fault: FaultPlan): fault is DamagePlan {
  const isDamage = fault.kind === "bit-flips" || fault.kind === "bad-sector";
  return isDamage && fault.afterOperations === undefined;
}

/**
 * Ends whatever runs, at a moment when nothing is ready to run: afterwards no code of the dead program
 * ever runs again, and the disk holds what this kind of crash leaves.
 */
export function crash(world: World, kind: CrashKind): void {
  const { disk, injector, probes, scheduler, streams, trace } = world;
  noteCrashPhase(world);
  scheduler.clear();
  const number = disk.incarnation;
  const landing = streams.section("survival", `${number}-landing`);
  const summary = disk.crash(kind, streams.section("survival", number), undefined, landing);
  trace.event("crashed", kind, scheduler.steps);
  probes.hit(`${kind}-crash`);
  world.ledger.struck(`${kind}-crash`);
  if (kind === "power" && disk.profile.syncsLie && summary.unitsLost + summary.namesLost > 0) {
    world.atlas.chartLie();
    world.ledger.struck("lying-drive");
  }
  probes.when(kind === "process" && injector.seen.syncFailure, "restart-after-failed-sync");
  probes.when(summary.tornWrites > 0, "torn-write");
  probes.when(summary.namesLost > 0, "lost-name");
  probes.when(summary.damagedSectors > 0, "damaged-sector");
  probes.when(summary.exposedRanges > 0, "stale-block-exposed");
}

/**
 * Damages one durable sector as the fault says. Draws which file, which sector and which bits, and notes in
 * the atlas what the store owes there.
 */
export function rot(world: World, fault: DamagePlan): void {
  const { disk, probes, scenario, streams } = world;
  const choices = streams.stream("rot");
  const files = disk
    .files("durable")
    .filter(({ durableBytes }) => durableBytes > 0)
    .filter(({ path }) => fault.on === undefined || fileGroupOf(path) === fault.on)
    .flatMap(({ path }) => {
      const content = disk.durableBytes(path);
      return content === undefined ? [] : [{ path, content }];
    });
  const index = choices.below(Math.max(1, files.length));
  const where = choices.below(5);
  const file = where === 0 ? files[index] : writtenFile(files, index);
  if (file === undefined) {
    return;
  }
  const { content } = file;
  const sectorBytes = scenario.engine.sectorBytes;
  const sectors = sectorsToRot(content, sectorBytes, where);
  const from = (sectors[choices.below(sectors.length)] ?? 0) * sectorBytes;
  const to = Math.min(from + sectorBytes, content.length);
  if (fault.kind === "bad-sector") {
    note(world, fault, { path: file.path, from, to });
    probes.when(disk.spoilSector(file.path, from), "sector-spoiled");
    return;
  }
  note(world, fault, { path: file.path, from, to });
  // Padding is most of many sectors, and matters to nobody.
  const used = content.subarray(from, to).findLastIndex((byte) => byte !== 0) + 1;
  const width = where === 0 || used === 0 ? to - from : used;
  for (let flip = 0; flip < fault.flips; flip += 1) {
    const offset = from + choices.below(width);
    probes.when(disk.flipBit(file.path, offset, choices.below(8)), "bit-flipped");
  }
}

function note(world: World, fault: DamagePlan, range: ReplacedRange): void {
  const { atlas, ledger } = world;
  const unreadable = fault.kind === "bad-sector";
  ledger.note(fault.kind, "fired");
  if (world.disk.damages().length > 0) {
    ledger.note("double-fault", "armed");
    ledger.note("double-fault", "fired");
    ledger.note("double-fault", "reached");
  }
  if (fault.afterOperations === undefined) {
    atlas.chart(range.path, range, unreadable);
  } else {
    atlas.chartLive(range.path, range, unreadable);
  }
}

interface FileContent {
  readonly path: string;
  readonly content: Uint8Array;
}

/** That file, or, where it holds zeros only, as files in reserve do, which are many, one that is written. */
function writtenFile(files: readonly FileContent[], index: number): FileContent | undefined {
  const isWritten = ({ content }: FileContent): boolean => content.some((byte) => byte !== 0);
  const file = files[index];
  if (file === undefined || isWritten(file)) {
    return file;
  }
  const written = files.filter(isWritten);
  return written.length === 0 ? file : written[index % written.length];
}

/** Anywhere; or, four times in five, where something is written, and then often near its end, or first of all. */
function sectorsToRot(content: Uint8Array, sectorBytes: number, where: number): number[] {
  const all: number[] = [];
  const written: number[] = [];
  for (let sector = 0; sector * sectorBytes < content.length; sector += 1) {
    all.push(sector);
    const bytes = content.subarray(sector * sectorBytes, (sector + 1) * sectorBytes);
    if (bytes.some((byte) => byte !== 0)) {
      written.push(sector);
    }
  }
  if (where === 0 || written.length === 0) {
    return all;
  }
  switch (where) {
    case 1:
      return written;
    case 4:
      return written.slice(0, 1);
    default:
      return written.slice(-3);
  }
}
