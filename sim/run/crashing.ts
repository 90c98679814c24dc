import type { CrashKind, FaultPlan } from "../scenario/scenario.ts";
import type { World } from "./world.ts";

export type DamagePlan = Extract<FaultPlan, { kind: "bit-flips" | "bad-sector" }>;

/**
 * Ends whatever runs, at a moment when nothing is ready to run: afterwards no code of the dead program
 * ever runs again, and the disk holds what this kind of crash leaves.
 */
export function crash(world: World, kind: CrashKind): void {
  const { disk, probes, scheduler, streams, trace } = world;
  scheduler.clear();
  const number = disk.incarnation;
  const landing = streams.section("survival", `${number}-landing`);
  const summary = disk.crash(kind, streams.section("survival", number), undefined, landing);
  trace.event("crashed", kind, scheduler.steps);
  probes.hit(`${kind}-crash`);
  probes.when(summary.tornWrites > 0, "torn-write");
  probes.when(summary.namesLost > 0, "lost-name");
  probes.when(summary.damagedSectors > 0, "damaged-sector");
  probes.when(summary.exposedRanges > 0, "stale-block-exposed");
}

/** Damages one durable sector as the fault says. Draws which file, which sector and which bits. */
export function rot(world: World, fault: DamagePlan): void {
  const { disk, probes, scenario, streams } = world;
  const choices = streams.stream("rot");
  const files = disk.files("durable").filter(({ durableBytes }) => durableBytes > 0);
  const file = files[choices.below(Math.max(1, files.length))];
  const content = file === undefined ? undefined : disk.durableBytes(file.path);
  if (file === undefined || content === undefined) {
    return;
  }
  const sectorBytes = scenario.engine.sectorBytes;
  const sectors = sectorsToRot(content, sectorBytes, choices.below(4));
  const from = (sectors[choices.below(sectors.length)] ?? 0) * sectorBytes;
  if (fault.kind === "bad-sector") {
    probes.when(disk.spoilSector(file.path, from), "sector-spoiled");
    return;
  }
  const width = Math.min(sectorBytes, content.length - from);
  for (let flip = 0; flip < fault.flips; flip += 1) {
    const offset = from + choices.below(width);
    probes.when(disk.flipBit(file.path, offset, choices.below(8)), "bit-flipped");
  }
}

/** Anywhere; or, three times in four, where something is written, and then often near its end. */
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
  return where === 1 ? written : written.slice(-3);
}
