import { firstName, isMirrorName, mirrorName } from "../../engine/platform/mirrored-files.ts";
import type { FileGroup } from "../scenario/file-group.ts";

/** The other copy of a file, in a store that keeps two of each. */
export function siblingOf(path: string): string {
  return isMirrorName(path) ? firstName(path) : mirrorName(path);
}

/** What a file of a store is for; undefined for a directory, or a file that holds nothing. */
export function fileGroupOf(path: string): FileGroup | undefined {
  const name = firstName(path.slice(path.lastIndexOf("/") + 1));
  if (name.startsWith("wal-")) {
    return "log";
  }
  if (name.endsWith(".dwb")) {
    return "double-write";
  }
  if (name === "pages.db") {
    return "pages";
  }
  if (name === "pages.lsn") {
    return "page-lsns";
  }
  return name === "control.db" ? "control" : undefined;
}
