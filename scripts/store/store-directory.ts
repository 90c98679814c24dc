import { UsageError } from "../cli/exit-status.ts";
import { SILENT_LOGGER } from "../../engine/base/logger.ts";
import { segmentNumberOf } from "../../engine/log/segment-format.ts";
import type { FileIO, FileLock } from "../../engine/platform/file-io.ts";
import { firstName, MirroredFiles } from "../../engine/platform/mirrored-files.ts";
import { doing } from "../../engine/platform/io-errors.ts";
import { ControlFile } from "../../engine/recovery/control-file.ts";
import { LOCK_FILE } from "../../engine/recovery/store-directory.ts";

/** Names of everything in a store's directory. @throws UsageError when it is no store's. */
export async function namesInStore(files: FileIO, directory: string): Promise<readonly string[]> {
  const stat = await files.stat(directory);
  if (stat?.kind !== "directory") {
    const what = stat === undefined ? "There is nothing at" : "There is a file at";
    throw new UsageError(`${what} ${directory}.`, "Give the directory of a store.");
  }
  const names = await files.readDirectory(directory);
  if (!names.some((name) => segmentNumberOf(firstName(name)) !== undefined)) {
    throw new UsageError(
      `There is no store in ${directory}: it has no log file (wal-00000001.log or a later one).`,
      "Give the directory that the store was opened with.",
    );
  }
  return names;
}

/** The store's files as one each, where it keeps two copies of them. */
export async function filesOfStore(files: FileIO, directory: string): Promise<FileIO> {
  const mirror = new MirroredFiles(files, SILENT_LOGGER);
  const { newest } = await ControlFile.read(mirror, directory);
  return newest?.copies === 2 ? mirror : files;
}

/** Without a slash at its end: paths of files are made by adding one. */
export function withoutSlash(directory: string): string {
  return directory.replace(/(?<=.)\/+$/, "");
}

/**
 * Locks a store that is to be looked at, so that nobody changes it meanwhile. A store without a lock file is
 * nobody's, and gets none: looking changes nothing.
 *
 * @throws SeawallError `LOCKED` when the store is open; `IO`.
 */
export async function lockToLook(files: FileIO, directory: string): Promise<FileLock> {
  const path = `${directory}/${LOCK_FILE}`;
  const there = await doing("looking for the lock", files.stat(path));
  return there === undefined
    ? { release: async () => {} }
    : await doing("locking the store", files.lock(path));
}
