/** What the files of a store are for. */
export type FileGroup = "log" | "pages" | "double-write" | "control" | "page-lsns";

export const FILE_GROUPS: readonly FileGroup[] = [
  "log",
  "pages",
  "double-write",
  "control",
  "page-lsns",
];
