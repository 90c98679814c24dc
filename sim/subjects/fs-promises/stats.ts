import type { FileStat } from "../../../engine/platform/file-io.ts";
import type { FsDirent, FsStats } from "./types.ts";

/** Without times, owners and permissions: the virtual disk has none. */
export function statsOf({ kind, bytes }: FileStat): FsStats {
  return { size: bytes, ...kindOf(kind) };
}

export function direntOf(name: string, { kind }: FileStat): FsDirent {
  return { name, ...kindOf(kind) };
}

function kindOf(kind: FileStat["kind"]): Omit<FsStats, "size"> {
  return {
    isFile: () => kind === "file",
    isDirectory: () => kind === "directory",
    isSymbolicLink: () => false,
  };
}
