import { repairSegment } from "../log/segment-copies.ts";
import type { ResolvedOptions } from "../options.ts";
import type { FileIO } from "../platform/file-io.ts";
import { doing } from "../platform/io-errors.ts";
import { mirrored } from "../platform/mirrored-file.ts";
import { mirrorName, MirroredFiles } from "../platform/mirrored-files.ts";
import type { CopyCount } from "../platform/mirrored-files.ts";
import type { ScrubCounts } from "../platform/read-copies.ts";
import { CONTROL_FILE_NAME, ControlFile } from "./control-file.ts";
import type { ControlSlots } from "./control-file.ts";

/** The control file of a store, and the store's files, each as one, in however many copies it is. */
export interface StoreCopies {
  readonly slots: ControlSlots;
  readonly copies: CopyCount;
  /** Undefined while there is one copy. */
  readonly mirror: MirroredFiles | undefined;
}

/**
 * How many copies there are is in the control file, which itself has as many. `names` is what the directory
 * held: nothing is looked for that a store with one copy does not have. Changes nothing.
 */
export async function findCopies(
  { platform, directory, copies: wanted, logger }: ResolvedOptions,
  names: readonly string[],
): Promise<StoreCopies> {
  const { files } = platform;
  const mirror = new MirroredFiles(files, logger);
  const isMirrored = names.includes(mirrorName(CONTROL_FILE_NAME));
  const slots = await ControlFile.read(isMirrored ? mirror : files, directory);
  const copies = slots.newest?.copies ?? wanted;
  if (copies === 1) {
    return { slots, copies, mirror: undefined };
  }
  return { slots: await ControlFile.read(mirror, directory), copies, mirror };
}

/**
 * Gives each copy of a segment file what only the other one holds. Durable, but for the name of a copy that
 * was missing.
 */
export async function mendSegment(
  files: FileIO,
  directory: string,
  name: string,
): Promise<ScrubCounts> {
  const mend = async (): Promise<ScrubCounts> => {
    const file = await files.open(`${directory}/${name}`, "write");
    try {
      const copies = mirrored(file);
      return copies === undefined ? { repaired: 0, notRepaired: 0 } : await repairSegment(copies);
    } finally {
      await file.close();
    }
  };
  return await doing("repairing the log", mend());
}
