import { anyOf, type Choices, pick } from "../core/choices.ts";
import { type CrashStyle, drawCrashStyle, SurvivorDraw } from "./crash-style.ts";
import { type DataOperation, SIZE_UNCHANGED } from "./data-operation.ts";
import { type FileSurvival, resolveFile, unitsOf } from "./file-survival.ts";
import { NAME_COMES, NAME_GOES, type NameOperation, partsOf } from "./name-operation.ts";
import type { DiskProfile, Fill } from "./profiles.ts";
import type { VirtualFile } from "./virtual-file.ts";

/** What a disk holds that is visible and not durable. */
export interface PendingState {
  readonly profile: DiskProfile;
  /** Files with pending operations, in a fixed order. */
  readonly files: readonly VirtualFile[];
  readonly names: readonly NameOperation[];
  /** Metadata up to this sequence number is durable already, where metadata persists in order. */
  readonly committed: number;
}

export interface CrashDecision {
  /** Whether the device loses its power; otherwise only the operating system stops. */
  readonly power: boolean;
  readonly choices: Choices;
  /** Drawn when not given. */
  readonly style?: CrashStyle;
}

/** Bytes that end up as nobody wrote them. */
export interface Scribble {
  readonly file: VirtualFile;
  readonly from: number;
  readonly to: number;
  readonly fill: Fill;
  /** Picks one of many contents for `stale` and `garbage`. */
  readonly salt: number;
}

/** A legal outcome of a crash, as data: what survives of everything that was pending. */
export interface Survival {
  readonly style: CrashStyle;
  /** Per name operation, the parts of it that survive. */
  readonly names: readonly number[];
  readonly files: readonly FileSurvival[];
  /** Lost writes that the file's size exposes. */
  readonly exposed: readonly Scribble[];
  /** Sectors that the device damaged while the power went. */
  readonly damaged: readonly Scribble[];
  readonly unitsKept: number;
  readonly unitsLost: number;
}

/** How many contents one kind of rubbish has. */
const SALTS = 16;

/** One pending operation, of a file or of names. */
export interface Entry {
  readonly sequence: number;
  /** Index of the file; the number of files for a name operation. */
  readonly file: number;
  readonly data: DataOperation | undefined;
  readonly name: NameOperation | undefined;
}

/** What was drawn, unit by unit, in the order in which the operations took effect. */
interface Draw {
  readonly style: CrashStyle;
  readonly kept: Uint8Array;
  /** Per file and operation, where its units begin. */
  readonly firstUnits: readonly number[][];
  /** Per name operation, where its units begin. */
  readonly firstNameUnits: readonly number[];
  /** Where a file grew only in part, by the unit of the size: how many units of the write it covers. */
  readonly partSizes: ReadonlyMap<number, number>;
  /** Creations, renames, removals and truncations with what was drawn for each. */
  readonly metadata: readonly { readonly sequence: number; readonly kept: boolean }[];
}

/**
 * Chooses one of the states that a disk may be in after a crash: pure, so that the same pending
 * operations and the same choices always give the same image. First every unit is drawn for itself in
 * the style of this crash; then the profile's rules take back what could not have survived alone.
 */
export function decideSurvival(state: PendingState, decision: CrashDecision): Survival {
  const { profile } = state;
  const draw = drawUnits(state, decision);
  const cut = metadataCut(state, draw, decision.choices);
  const names = survivingNames(state, draw, cut);
  const files = state.files.map((file, index) =>
    resolveFile(profile, {
      file,
      firstUnit: draw.firstUnits[index] ?? [],
      kept: draw.kept,
      partSizes: draw.partSizes,
      cut,
      forcedThrough: forcedThrough(state, names, file),
    }),
  );
  const unitsKept = draw.kept.reduce((sum, kept) => sum + kept, 0);
  return {
    style: draw.style,
    names,
    files,
    exposed: fillExposed(profile, files, decision.choices),
    damaged: damageSectors(profile, files, { ...decision, style: draw.style }),
    unitsKept,
    unitsLost: draw.kept.length - unitsKept,
  };
}

function drawUnits(state: PendingState, decision: CrashDecision): Draw {
  const entries = entriesOf(state);
  let units = 0;
  for (const entry of entries) {
    units += countUnits(entry, state.profile);
  }
  const files = state.files.length + (state.names.length > 0 ? 1 : 0);
  const counts = { unit: units, operation: entries.length, file: files };
  const style = decision.style ?? drawCrashStyle(decision.choices, counts);
  const survivors = new SurvivorDraw(style, decision.choices);
  const kept = new Uint8Array(units);
  const firstUnits: number[][] = state.files.map(() => []);
  const firstNameUnits: number[] = [];
  const partSizes = new Map<number, number>();
  const metadata: { sequence: number; kept: boolean }[] = [];
  let next = 0;
  for (const entry of entries) {
    survivors.beginOperation(entry.file);
    (entry.data === undefined ? firstNameUnits : firstUnits[entry.file])?.push(next);
    const end = next + countUnits(entry, state.profile);
    for (; next < end; next += 1) {
      kept[next] = survivors.next() ? 1 : 0;
    }
    if (kept[end - 1] === 0) {
      partSizes.set(end - 1, drawPartSize(entry, state.profile, survivors));
    }
    if (entry.data?.kind !== "write") {
      metadata.push({ sequence: entry.sequence, kept: kept[end - 1] === 1 });
    }
  }
  return { style, kept, firstUnits, firstNameUnits, partSizes, metadata };
}

function drawPartSize(entry: Entry, profile: DiskProfile, survivors: SurvivorDraw): number {
  const units = partUnits(entry, profile);
  return units === 0 ? 0 : survivors.partOf(units);
}

/**
 * Without any order a large write grows its file block by block, and the power may go between two: in how
 * many units; 0 when the file does not grow, or as a whole.
 */
export function partUnits({ data }: Entry, profile: DiskProfile): number {
  const grows = data?.kind === "write" && data.sizeAfter !== SIZE_UNCHANGED;
  return grows && profile.metadataOrder === "independent" ? unitsOf(data, profile) : 0;
}

/** Everything that is pending, in the order in which it took effect: the order in which it is drawn. */
export function entriesOf(state: PendingState): Entry[] {
  const entries: Entry[] = [];
  for (const [file, { pending }] of state.files.entries()) {
    for (const data of pending) {
      entries.push({ sequence: data.sequence, file, data, name: undefined });
    }
  }
  for (const name of state.names) {
    entries.push({ sequence: name.sequence, file: state.files.length, data: undefined, name });
  }
  return entries.toSorted((one, other) => one.sequence - other.sequence);
}

/** How many units of an operation survive or not, each by itself. */
export function countUnits({ data, name }: Entry, profile: DiskProfile): number {
  if (data !== undefined) {
    return unitsOf(data, profile) + (data.sizeAfter === SIZE_UNCHANGED ? 0 : 1);
  }
  return name?.kind === "rename" && !profile.renameAtomic ? 2 : 1;
}

/** A journal holds all metadata up to some moment: the draw is cut to such a prefix. */
function metadataCut(state: PendingState, draw: Draw, choices: Choices): number {
  if (state.profile.metadataOrder === "independent") {
    return Infinity;
  }
  let keptThrough = state.committed;
  let lostFrom = Infinity;
  for (const { sequence, kept } of draw.metadata) {
    if (kept || sequence <= state.committed) {
      keptThrough = Math.max(keptThrough, sequence);
    } else {
      lostFrom = Math.min(lostFrom, sequence);
    }
  }
  if (lostFrom > keptThrough) {
    return lostFrom - 1;
  }
  if (draw.style.kind === "only") {
    return keptThrough;
  }
  if (draw.style.kind === "share") {
    return choices.below(2) === 0 ? keptThrough : lostFrom - 1;
  }
  return lostFrom - 1;
}

function survivingNames(state: PendingState, draw: Draw, cut: number): number[] {
  return state.names.map((operation, index) => {
    if (state.profile.metadataOrder === "prefix") {
      return operation.sequence <= cut ? partsOf(operation) : 0;
    }
    const unit = draw.firstNameUnits[index] ?? 0;
    if (operation.kind !== "rename" || state.profile.renameAtomic) {
      return draw.kept[unit] === 1 ? partsOf(operation) : 0;
    }
    const comes = draw.kept[unit] === 1 ? NAME_COMES : 0;
    const goes = draw.kept[unit + 1] === 1 ? NAME_GOES : 0;
    return comes | goes;
  });
}

function forcedThrough(state: PendingState, names: readonly number[], file: VirtualFile): number {
  let through = -1;
  if (state.profile.renameFlushesData) {
    for (const [index, operation] of state.names.entries()) {
      if (operation.replaces === true && operation.node === file && names[index] !== 0) {
        through = operation.sequence;
      }
    }
  }
  return through;
}

function fillExposed(
  profile: DiskProfile,
  files: readonly FileSurvival[],
  choices: Choices,
): Scribble[] {
  const scribbles: Scribble[] = [];
  if (profile.exposes.every((fill) => fill === "zeros")) {
    return scribbles;
  }
  for (const { file, bytes, exposed } of files) {
    for (const { first, end } of exposed) {
      const fill = pick(choices, profile.exposes);
      if (fill !== "zeros") {
        const to = Math.min(bytes, end * profile.tearBytes);
        const salt = saltOf(choices, fill);
        scribbles.push({ file, from: first * profile.tearBytes, to, fill, salt });
      }
    }
  }
  return scribbles;
}

/** One garbage is like another; which of the freed blocks is stale makes a difference. */
function saltOf(choices: Choices, fill: Fill): number {
  return fill === "stale" ? choices.below(SALTS) : anyOf(choices, SALTS);
}

/** How many sectors the device damages, by draw. */
const DAMAGED_SECTORS = [0, 0, 1, 2] as const;
const DAMAGE_FILLS: readonly Fill[] = ["zeros", "garbage"];

/** Only sectors that an un-synced write touched: the device was at work on no others. */
function damageSectors(
  profile: DiskProfile,
  files: readonly FileSurvival[],
  decision: CrashDecision,
): Scribble[] {
  const { choices, power, style } = decision;
  const calm = style?.kind === "all" || style?.kind === "none";
  if (!profile.damagesSectors || !power || calm) {
    return [];
  }
  const touched = touchedSectors(profile, files);
  if (touched.length === 0) {
    return [];
  }
  const scribbles: Scribble[] = [];
  for (let left = pick(choices, DAMAGED_SECTORS); left > 0; left -= 1) {
    const { file, sector, bytes } = pick(choices, touched);
    const fill = pick(choices, DAMAGE_FILLS);
    const skipped = choices.below(4) * (profile.sectorBytes / 4);
    const from = sector * profile.sectorBytes + skipped;
    const to = Math.min(bytes, (sector + 1) * profile.sectorBytes);
    scribbles.push({ file, from, to, fill, salt: saltOf(choices, fill) });
  }
  return scribbles;
}

function touchedSectors(
  profile: DiskProfile,
  files: readonly FileSurvival[],
): { file: VirtualFile; sector: number; bytes: number }[] {
  const touched: { file: VirtualFile; sector: number; bytes: number }[] = [];
  for (const { file, bytes } of files) {
    const sectors = new Set<number>();
    for (const { kind, from, to } of file.pending) {
      const end = kind === "write" && from < to ? Math.min(to, bytes) : 0;
      let sector = Math.floor(from / profile.sectorBytes);
      for (; sector * profile.sectorBytes < end; sector += 1) {
        sectors.add(sector);
      }
    }
    for (const sector of sectors) {
      touched.push({ file, sector, bytes });
    }
  }
  return touched;
}
