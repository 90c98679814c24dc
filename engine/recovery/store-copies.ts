import type { SeawallError } from "../base/errors.ts";
import { repairSegment } from "../log/segment-copies.ts";
import type { SegmentHeaderFound } from "../log/segment-format.ts";
import type { ResolvedOptions } from "../options.ts";
import { isFileIOError } from "../platform/file-io.ts";
import type { FileIO, FileIOError } from "../platform/file-io.ts";
import { doing, ioErrorOf } from "../platform/io-errors.ts";
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

const NOTHING: ScrubCounts = { repaired: 0, notRepaired: 0 };

export interface SegmentToMend {
  readonly files: FileIO;
  readonly directory: string;
  readonly name: string;
  /** Batches from here on may be under way. @defaultValue none is */
  readonly before?: number;
  /** What an open has found its header to be, and relies on. @defaultValue the newer of both */
  readonly header?: SegmentHeaderFound | undefined;
}

/**
 * Gives each copy of a segment file what only the other one holds. Durable, but for the name of a copy that
 * was missing. Nobody may use the file for another segment meanwhile. A SeawallError says that nothing was
 * done: there is a place that no copy can be read at.
 */
export async function mendSegment({
  files,
  directory,
  name,
  before = Infinity,
  header,
}: SegmentToMend): Promise<ScrubCounts | SeawallError> {
  const mend = async (): Promise<ScrubCounts | FileIOError> => {
    const file = await files.open(`${directory}/${name}`, "write");
    try {
      const copies = mirrored(file);
      return copies === undefined ? NOTHING : await repairSegment(copies, before, header);
    } finally {
      await file.close();
    }
  };
  const mended = await doing("repairing the log", mend());
  return isFileIOError(mended) ? ioErrorOf(mended, "repairing the log") : mended;
}
