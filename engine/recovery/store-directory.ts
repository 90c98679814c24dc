import { SeawallError } from "../base/errors.ts";
import { isUnfinishedName, segmentNumberOf } from "../log/segment-format.ts";
import { DOUBLE_WRITE_NAMES } from "../pages/double-write.ts";
import { PAGE_FILE_NAME } from "../pages/page-file.ts";
import { SETTLED_PAGES_NAME } from "../pages/settled-pages.ts";
import { CONTROL_FILE_NAME, UNFINISHED_CONTROL_NAME } from "./control-file.ts";
import type { FileIO, FileLock } from "../platform/file-io.ts";
import { doing } from "../platform/io-errors.ts";

/**
 * Held while the store is open, so that nobody else writes to it. Its name also marks the directory as a
 * store's: it is durable before the first segment file is made.
 */
export const LOCK_FILE = "LOCK";

const STORE_FILES: ReadonlySet<string> = new Set([
  CONTROL_FILE_NAME,
  UNFINISHED_CONTROL_NAME,
  PAGE_FILE_NAME,
  SETTLED_PAGES_NAME,
  ...DOUBLE_WRITE_NAMES,
]);

/** A store's directory, locked. */
export interface EnteredDirectory {
  readonly lock: FileLock;
  /** It was marked as a store's before. A segment file without a mark beside it is somebody else's. */
  readonly wasMarked: boolean;
}

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
): Promise<EnteredDirectory> {
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
  }
  if (!isStore) {
    // The directory's own name: without it a power cut loses the whole store. Also when it was there
    // already: an open that made it may have failed before this.
    await doing("making the store's directory", files.syncDirectory(parentOf(directory)));
  }
  const lock = await doing("locking the store", files.lock(`${directory}/${LOCK_FILE}`));
  if (!isStore) {
    await releasingOnFailure(lock, doing("marking the store", files.syncDirectory(directory)));
  }
  return { lock, wasMarked: names.includes(LOCK_FILE) };
}

async function releasingOnFailure(lock: FileLock, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    await lock.release();
    throw error;
  }
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
  const isOurs = (name: string): boolean =>
    name === LOCK_FILE ||
    isUnfinishedName(name) ||
    // Made before the first log file, by an open that died; only behind the mark they are ours.
    (names.includes(LOCK_FILE) && STORE_FILES.has(name));
  const strangers = names.filter((name) => !isOurs(name));
  if (strangers.length > 0) {
    throw new SeawallError(
      "INVALID_ARGUMENT",
      "the directory holds other files and no store: name an empty or a new directory",
      { place: { ...place, found: strangers.slice(0, 3).join(", ") } },
    );
  }
}

function parentOf(directory: string): string {
  const trimmed = directory.replace(/\/+$/, "");
  const slash = trimmed.lastIndexOf("/");
  if (slash < 0) {
    return trimmed === "" ? "/" : ".";
  }
  return slash === 0 ? "/" : trimmed.slice(0, slash);
}
