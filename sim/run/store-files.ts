/** What the files of a store are for. A fault may be meant for one of them. */
export type FileGroup = "log" | "pages" | "double-write" | "control";

export const FILE_GROUPS: readonly FileGroup[] = ["log", "pages", "double-write", "control"];

/** Undefined for a directory, or a file that holds nothing. */
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
  return name === "control.db" ? "control" : undefined;
}
