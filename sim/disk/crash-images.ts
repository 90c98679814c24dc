import { enumerateChoices } from "../core/exhaustive-choices.ts";
import type { CrashStyle } from "./crash-style.ts";
import type { CrashKind } from "./crash-summary.ts";
import type { VirtualDisk } from "./virtual-disk.ts";

/** Every pending piece survives or not, each by itself: with it an enumeration misses nothing. */
export const FREE_STYLE: CrashStyle = { kind: "share", scope: "unit", eighths: 4 };

/** So many combinations take seconds, and their images some hundred megabytes. */
const RUNS_MAX = 65_536;

export interface CrashImages {
  /** One disk per distinct image, by the digest of its durable state, in the order of discovery. */
  readonly images: ReadonlyMap<string, VirtualDisk>;
  /** Combinations of choices tried. */
  readonly runs: number;
  /** False when `runsMax` ended the enumeration. */
  readonly complete: boolean;
}

/**
 * Every state that a disk may be in after a crash at this moment, found by trying every combination of
 * choices on copies. The disk itself is not changed. Garbage counts as one content, whatever its bytes.
 * The number of combinations doubles with every pending piece: keep what is pending small, or look at
 * `complete`. @defaultValue runsMax 65536
 */
export function crashImages(
  disk: VirtualDisk,
  kind: CrashKind,
  options: { readonly style?: CrashStyle; readonly runsMax?: number } = {},
): CrashImages {
  const images = new Map<string, VirtualDisk>();
  const { runs, complete } = enumerateChoices(
    (choices) => {
      const copy = disk.clone();
      copy.crash(kind, choices, options.style ?? FREE_STYLE);
      const digest = copy.digest();
      if (images.has(digest)) {
        copy.dispose();
      } else {
        images.set(digest, copy);
      }
    },
    { runsMax: options.runsMax ?? RUNS_MAX },
  );
  return { images, runs, complete };
}
