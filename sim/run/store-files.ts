import type { FileGroup } from "../scenario/scenario.ts";

/** What a file of a store is for; undefined for a directory, or a file that holds nothing. */
export function fileGroupOf(path: string): FileGroup | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
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
