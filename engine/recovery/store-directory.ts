import { SeawallError } from "../base/errors.ts";
import { segmentNumberOf } from "../log/segment-format.ts";
import type { FileIO, FileLock } from "../platform/file-io.ts";
import { doing } from "../platform/io-errors.ts";

/** Held while the store is open, so that nobody else writes to it. */
export const LOCK_FILE = "LOCK";

/**
 * Makes sure that the directory is a store, or empty and to become one, and locks it.
 *
 * @throws SeawallError `INVALID_ARGUMENT` when it is something else, or missing and not to be made;
 * `LOCKED` when the store is open already.
 */
export async function enterDirectory(
  files: FileIO,
  directory: string,
  createIfMissing: boolean,
): Promise<FileLock> {
  const stat = await doing("looking for the store", files.stat(directory));
  if (stat?.kind === "file") {
    throw new SeawallError("INVALID_ARGUMENT", "the store's path is a file, not a directory", {
      place: { file: directory },
    });
  }
  const names = stat === undefined ? [] : await doing("listing", files.readDirectory(directory));
  const isStore = names.some((name) => segmentNumberOf(name) !== undefined);
  if (!isStore) {
    refuseNoStore(directory, names, createIfMissing);
  }
  if (stat === undefined) {
    await doing("making the store's directory", files.makeDirectory(directory));
    // The directory's own name: without it a power cut loses the whole store.
    await doing("making the store's directory", files.syncDirectory(parentOf(directory)));
  }
  return await doing("locking the store", files.lock(`${directory}/${LOCK_FILE}`));
}

function refuseNoStore(
  directory: string,
  names: readonly string[],
  createIfMissing: boolean,
): void {
  const place = { file: directory };
  if (!createIfMissing) {
    throw new SeawallError(
      "INVALID_ARGUMENT",
      "there is no store here, and createIfMissing is false",
      { place },
    );
  }
  const strangers = names.filter((name) => name !== LOCK_FILE);
  if (strangers.length > 0) {
    throw new SeawallError(
      "INVALID_ARGUMENT",
      "the directory holds other files and no store: name an empty or a new directory",
      { place: { ...place, found: strangers.slice(0, 3).join(", ") } },
    );
  }
}

function parentOf(directory: string): string {
  const trimmed = directory.endsWith("/") ? directory.slice(0, -1) : directory;
  const slash = trimmed.lastIndexOf("/");
  if (slash < 0) {
    return ".";
  }
  return slash === 0 ? "/" : trimmed.slice(0, slash);
}
