import { countUnits, entriesOf, partUnits, type PendingState } from "../disk/crash-image.ts";
import type { DataOperation } from "../disk/data-operation.ts";
import { unitsOf } from "../disk/file-survival.ts";
import type { NameOperation } from "../disk/name-operation.ts";
import type { VirtualFile } from "../disk/virtual-file.ts";

/** A piece of what is pending that survives a crash or is lost, by itself. */
export type PendingUnit =
  | {
      readonly kind: "data";
      readonly file: VirtualFile;
      readonly from: number;
      readonly to: number;
    }
  | { readonly kind: "size"; readonly file: VirtualFile }
  | { readonly kind: "name"; readonly operation: NameOperation };

/** The units of one operation: `first` to `end - 1`. */
export interface PendingOperation {
  readonly first: number;
  readonly end: number;
  /** Its file, or -1 for a name. */
  readonly file: number;
  /** In so many pieces its file may have grown when the unit of the size is lost; 0 when in none. */
  readonly partUnits: number;
}

/** Everything that a crash decides, in the order in which it is drawn. */
export interface PendingLayout {
  readonly units: readonly PendingUnit[];
  readonly operations: readonly PendingOperation[];
}

/** What there is to decide at this moment. */
export function pendingLayout(state: PendingState): PendingLayout {
  const { profile } = state;
  const units: PendingUnit[] = [];
  const operations: PendingOperation[] = [];
  for (const entry of entriesOf(state)) {
    const first = units.length;
    const file = state.files[entry.file];
    if (entry.data !== undefined && file !== undefined) {
      units.push(...dataUnits(file, entry.data, state));
    }
    while (units.length < first + countUnits(entry, profile)) {
      units.push(entry.name === undefined ? sizeOf(file) : { kind: "name", operation: entry.name });
    }
    operations.push({
      first,
      end: units.length,
      file: entry.data === undefined ? -1 : entry.file,
      partUnits: partUnits(entry, profile),
    });
  }
  return { units, operations };
}

function* dataUnits(
  file: VirtualFile,
  data: DataOperation,
  { profile }: PendingState,
): Generator<PendingUnit, void> {
  const { tearBytes } = profile;
  const first = Math.floor(data.from / tearBytes);
  for (let unit = first; unit < first + unitsOf(data, profile); unit += 1) {
    yield { kind: "data", file, from: unit * tearBytes, to: (unit + 1) * tearBytes };
  }
}

function sizeOf(file: VirtualFile | undefined): PendingUnit {
  if (file === undefined) {
    throw new RangeError("a size belongs to a file");
  }
  return { kind: "size", file };
}
