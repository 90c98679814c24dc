import { FileIOError } from "../../engine/platform/file-io.ts";
import type { VirtualFile } from "./virtual-file.ts";

export type VirtualNode = VirtualFile | VirtualDirectory;

/** A directory: the names that programs see and the names that a crash cannot take. */
export class VirtualDirectory {
  readonly kind = "directory";
  readonly id: number;
  visible: Map<string, VirtualNode> = new Map<string, VirtualNode>();
  durable: Map<string, VirtualNode> = new Map<string, VirtualNode>();

  constructor(id: number) {
    this.id = id;
  }
}

/** A directory, and a name that may be in it. */
export interface Place {
  readonly directory: VirtualDirectory;
  readonly name: string;
}

/** The names on a path, without empty ones and `.`. */
export function namesOf(path: string): readonly string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

/** Which of two states of a disk: what programs see, or what a crash that loses all else leaves. */
export type Side = "visible" | "durable";

/** What is at the path; undefined when nothing is. */
export function nodeAt(
  root: VirtualDirectory,
  path: string,
  side: Side = "visible",
): VirtualNode | undefined {
  return descend(root, namesOf(path), side);
}

function descend(
  root: VirtualDirectory,
  names: readonly string[],
  side: Side,
): VirtualNode | undefined {
  let node: VirtualNode = root;
  for (const name of names) {
    if (node.kind !== "directory") {
      return undefined;
    }
    const next: VirtualNode | undefined = node[side].get(name);
    if (next === undefined) {
      return undefined;
    }
    node = next;
  }
  return node;
}

/**
 * The directory that holds, or could hold, the last name of the path.
 *
 * @throws FileIOError `ENOENT` or `ENOTDIR` when a part before it is missing or a file.
 */
export function placeOf(root: VirtualDirectory, path: string, operation: string): Place {
  const names = namesOf(path);
  const name = names.at(-1);
  if (name === undefined) {
    throw new FileIOError("EINVAL", { operation, path });
  }
  const node = descend(root, names.slice(0, -1), "visible");
  return { directory: asDirectory(node, { operation, path }), name };
}

/** @throws FileIOError `ENOENT` when nothing is there, `ENOTDIR` when a file is. */
export function directoryAt(
  root: VirtualDirectory,
  path: string,
  operation: string,
): VirtualDirectory {
  return asDirectory(nodeAt(root, path), { operation, path });
}

function asDirectory(
  node: VirtualNode | undefined,
  blame: { readonly operation: string; readonly path: string },
): VirtualDirectory {
  if (node === undefined) {
    throw new FileIOError("ENOENT", blame);
  }
  if (node.kind === "file") {
    throw new FileIOError("ENOTDIR", blame);
  }
  return node;
}

/** Every node below a directory with its path, names in ascending order. */
export function* walk(
  directory: VirtualDirectory,
  side: Side,
  prefix = "",
): Generator<[path: string, node: VirtualNode]> {
  for (const name of [...directory[side].keys()].toSorted()) {
    const node = directory[side].get(name);
    if (node === undefined) {
      continue;
    }
    const path = `${prefix}/${name}`;
    yield [path, node];
    if (node.kind === "directory") {
      yield* walk(node, side, path);
    }
  }
}
