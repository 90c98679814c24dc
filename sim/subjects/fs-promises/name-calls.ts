import type { SynchronousDisk } from "../subject.ts";
import { calling, FsError, isDirectoryError, unsupported } from "./fs-errors.ts";
import { find, lookUp, onDisk, parentOf } from "./paths.ts";
import { direntOf, statsOf } from "./stats.ts";
import type { FsDirent, FsPromises, FsStats, MkdirOptions, RmOptions } from "./types.ts";

type NameCalls = Pick<
  FsPromises,
  "rename" | "unlink" | "rm" | "mkdir" | "rmdir" | "readdir" | "stat" | "lstat" | "access"
>;

/** The calls that are about names. Each takes effect at once, and lasts once its directory is synced. */
export function nameCalls(disk: SynchronousDisk): NameCalls {
  function mkdir(
    path: string,
    options: MakeOptions & { recursive: true },
  ): Promise<string | undefined>;
  function mkdir(path: string, options?: MakeOptions): Promise<unknown>;
  async function mkdir(path: string, options: MakeOptions = {}): Promise<string | undefined> {
    return options.recursive === true ? makeDirectories(disk, path) : makeDirectory(disk, path);
  }
  function readdir(path: string): Promise<string[]>;
  function readdir(path: string, options: { readonly withFileTypes: true }): Promise<FsDirent[]>;
  async function readdir(path: string, options?: ListOptions): Promise<string[] | FsDirent[]> {
    return list(disk, path, options);
  }
  return {
    mkdir,
    readdir,
    rename: async (from, to) => rename(disk, from, to),
    unlink: async (path) => unlink(disk, path),
    rm: async (path, options = {}) => remove(disk, path, options),
    rmdir: async (path) => removeDirectory(disk, path),
    stat: async (path) => stat(disk, path, "stat"),
    lstat: async (path) => stat(disk, path, "lstat"),
    access: async (path) => {
      const call = { syscall: "access", path };
      find(disk, onDisk(path, call), call);
    },
  };
}

type MakeOptions = Pick<MkdirOptions, "recursive">;

interface ListOptions {
  readonly withFileTypes?: boolean;
  readonly recursive?: boolean;
}

function rename(disk: SynchronousDisk, path: string, dest: string): void {
  const call = { syscall: "rename", path, dest };
  const from = onDisk(path, call);
  const to = onDisk(dest, call);
  const source = find(disk, from, call);
  const replaced = lookUp(disk, to, call);
  find(disk, parentOf(to), call);
  if (source.kind === "directory") {
    if (replaced?.kind === "file") {
      throw new FsError("ENOTDIR", call);
    }
    throw unsupported("rename a directory");
  }
  if (replaced?.kind === "directory") {
    throw new FsError("EISDIR", call);
  }
  if (parentOf(from) !== parentOf(to)) {
    throw unsupported(`move a file to another directory: ${path} -> ${dest}`);
  }
  calling(call, () => disk.rename(from, to));
}

function unlink(disk: SynchronousDisk, path: string): void {
  const call = { syscall: "unlink", path };
  const name = onDisk(path, call);
  find(disk, name, call);
  calling(call, () => disk.unlink(name));
}

function remove(disk: SynchronousDisk, path: string, { recursive, force }: RmOptions): void {
  const call = { syscall: "lstat", path };
  const name = onDisk(path, call);
  const found = lookUp(disk, name, call);
  if (found === undefined) {
    if (force === true) {
      return;
    }
    throw new FsError("ENOENT", call);
  }
  if (found.kind === "directory" && recursive !== true) {
    throw isDirectoryError(path);
  }
  calling({ syscall: "rm", path }, () => removeTree(disk, name));
}

function removeTree(disk: SynchronousDisk, path: string): void {
  if (disk.stat(path)?.kind !== "directory") {
    disk.unlink(path);
    return;
  }
  for (const name of disk.readDirectory(path)) {
    removeTree(disk, `${path}/${name}`);
  }
  disk.removeDirectory(path);
}

function makeDirectory(disk: SynchronousDisk, path: string): undefined {
  const call = { syscall: "mkdir", path };
  const name = onDisk(path, call);
  if (lookUp(disk, name, call) !== undefined) {
    throw new FsError("EEXIST", call);
  }
  calling(call, () => disk.makeDirectory(name));
}

/** The first directory that it had to make; undefined when all were there. */
function makeDirectories(disk: SynchronousDisk, path: string): string | undefined {
  const call = { syscall: "mkdir", path };
  const name = onDisk(path, call);
  const missing: string[] = [];
  let found = lookUp(disk, name, call);
  for (let at = name; found === undefined; found = lookUp(disk, at, call)) {
    missing.unshift(at);
    at = parentOf(at);
  }
  if (found.kind === "file") {
    throw new FsError("EEXIST", call);
  }
  calling(call, () => {
    for (const directory of missing) {
      disk.makeDirectory(directory);
    }
  });
  return missing[0];
}

function removeDirectory(disk: SynchronousDisk, path: string): void {
  const call = { syscall: "rmdir", path };
  const name = onDisk(path, call);
  find(disk, name, call);
  calling(call, () => disk.removeDirectory(name));
}

function list(
  disk: SynchronousDisk,
  path: string,
  options: ListOptions = {},
): string[] | FsDirent[] {
  if (options.recursive === true) {
    throw unsupported("list directories recursively");
  }
  const call = { syscall: "scandir", path };
  const directory = onDisk(path, call);
  find(disk, directory, call);
  const names = calling(call, () => disk.readDirectory(directory));
  return options.withFileTypes === true
    ? names.map((name) => direntOf(name, find(disk, `${directory}/${name}`, call)))
    : names;
}

function stat(disk: SynchronousDisk, path: string, syscall: string): FsStats {
  const call = { syscall, path };
  return statsOf(find(disk, onDisk(path, call), call));
}
