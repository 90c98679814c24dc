import type { ReplacedRange } from "../disk/disk-faults.ts";
import { fileGroupOf, siblingOf } from "./store-files.ts";

/** The slots of a control file are further apart than anything in them is long. */
const SLOT_UNIT_BYTES = 65_536;

/**
 * Whether the store keeps a second copy of the damaged place that is sound: then it has all that it needs to
 * go on as if nothing had happened. A page or a slot is right or wrong as a whole; of a log file and of a
 * double-write area damage anywhere in both copies may meet in one batch.
 */
export function hasSoundCopy(
  damaged: ReplacedRange,
  places: readonly ReplacedRange[],
  { paths, pageBytes }: { readonly paths: ReadonlySet<string>; readonly pageBytes: number },
): boolean {
  const sibling = siblingOf(damaged.path);
  if (!paths.has(sibling)) {
    return false;
  }
  const unit = unitBytesOf(damaged.path, pageBytes);
  const [from, to] = [Math.floor(damaged.from / unit), Math.ceil(damaged.to / unit)];
  return !places.some(
    (place) => place.path === sibling && place.from < to * unit && place.to > from * unit,
  );
}

function unitBytesOf(path: string, pageBytes: number): number {
  switch (fileGroupOf(path)) {
    case "pages":
      return pageBytes;
    case "control":
      return SLOT_UNIT_BYTES;
    case "page-lsns":
      return 4096;
    case "log":
    case "double-write":
    case undefined:
      return Number.MAX_SAFE_INTEGER;
  }
}
