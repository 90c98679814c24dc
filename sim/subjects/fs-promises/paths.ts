import type { FileStat } from "../../../engine/platform/file-io.ts";
import type { SynchronousDisk } from "../subject.ts";
import { calling, type FailedCall, FsError, invalidType, invalidValue } from "./fs-errors.ts";

/**
 * The path as the disk knows it, from its root, `.` and `..` resolved by their letters: there are no links.
 *
 * @throws TypeError for what is no path; FsError `ENOENT` for an empty one.
 */
export function onDisk(path: string, call: FailedCall): string {
  if (typeof (path as unknown) !== "string") {
    throw invalidType("path", "of type string", path);
  }
  if (path.includes("\0")) {
    throw invalidValue("path", path);
  }
  if (path === "") {
    throw new FsError("ENOENT", call);
  }
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") {
      names.pop();
    } else if (name !== "" && name !== ".") {
      names.push(name);
    }
  }
  return `/${names.join("/")}`;
}

/** What is there; undefined when nothing is. @throws FsError `ENOTDIR` where a file is on the way. */
export function lookUp(
  disk: SynchronousDisk,
  path: string,
  call: FailedCall,
): FileStat | undefined {
  return calling(call, () => {
    const found = disk.stat(path);
    if (found === undefined && isBelowFile(disk, path)) {
      throw new FsError("ENOTDIR", call);
    }
    return found;
  });
}

/** As `lookUp`. @throws FsError `ENOENT` when nothing is there. */
export function find(disk: SynchronousDisk, path: string, call: FailedCall): FileStat {
  const found = lookUp(disk, path, call);
  if (found === undefined) {
    throw new FsError("ENOENT", call);
  }
  return found;
}

export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

function isBelowFile(disk: SynchronousDisk, path: string): boolean {
  for (let parent = parentOf(path); parent !== "/"; parent = parentOf(parent)) {
    const found = disk.stat(parent);
    if (found !== undefined) {
      return found.kind === "file";
    }
  }
  return false;
}
