import { FileIOError } from "../../engine/platform/file-io.ts";
import {
  directoryAt,
  nodeAt,
  placeOf,
  type Side,
  VirtualDirectory,
  type VirtualNode,
  walk,
} from "./directory-tree.ts";
import { type NameOperation, partsOf, storeName } from "./name-operation.ts";
import { VirtualFile } from "./virtual-file.ts";

/** What a rename or unlink did to the file that lost its name. */
export interface NameLost {
  /** The file that has no visible name any more. */
  readonly orphan: VirtualFile | undefined;
}

/** The names on a disk: a tree of directories, and the changes to it that are not durable. */
export class Namespace {
  readonly root: VirtualDirectory = new VirtualDirectory(0);
  /** In the order in which they took effect. */
  pending: NameOperation[] = [];
  readonly #unitBytes: number;
  #nextId = 1;

  constructor(unitBytes: number) {
    this.#unitBytes = unitBytes;
  }

  at(path: string, side: Side = "visible"): VirtualNode | undefined {
    return nodeAt(this.root, path, side);
  }

  /** @throws FileIOError `EISDIR` when a directory is there. */
  fileAt(path: string, operation: string): VirtualFile | undefined {
    const node = this.at(path);
    if (node?.kind === "directory") {
      throw new FileIOError("EISDIR", { operation, path });
    }
    return node;
  }

  directoryAt(path: string, operation: string): VirtualDirectory {
    return directoryAt(this.root, path, operation);
  }

  createFile(path: string, operation: string, sequence: number): VirtualFile {
    const { directory, name } = placeOf(this.root, path, operation);
    const node = new VirtualFile(this.#id(), path, this.#unitBytes);
    node.links = 1;
    directory.visible.set(name, node);
    this.pending.push({ kind: "link", sequence, directory, name, node });
    return node;
  }

  makeDirectory(path: string, sequence: number): void {
    const { directory, name } = placeOf(this.root, path, "makeDirectory");
    const node = new VirtualDirectory(this.#id());
    directory.visible.set(name, node);
    this.pending.push({ kind: "link", sequence, directory, name, node });
  }

  rename(from: string, to: string, sequence: number): NameLost {
    const blame = { operation: "rename", path: from };
    const source = placeOf(this.root, from, "rename");
    const target = placeOf(this.root, to, "rename");
    const node = source.directory.visible.get(source.name);
    if (node === undefined) {
      throw new FileIOError("ENOENT", blame);
    }
    if (source.directory !== target.directory) {
      throw new FileIOError("EINVAL", blame);
    }
    const replaced = target.directory.visible.get(target.name);
    if (node.kind === "directory" || replaced?.kind === "directory") {
      throw new FileIOError("EISDIR", blame);
    }
    if (replaced === node) {
      return { orphan: undefined };
    }
    const { directory, name } = target;
    directory.visible.delete(source.name);
    directory.visible.set(name, node);
    node.path = to;
    const replaces = replaced !== undefined;
    const oldName = source.name;
    this.pending.push({ kind: "rename", sequence, directory, name, node, oldName, replaces });
    return { orphan: unlinked(replaced) };
  }

  unlink(path: string, sequence: number): NameLost {
    const { directory, name } = placeOf(this.root, path, "unlink");
    const node = directory.visible.get(name);
    if (node === undefined) {
      throw new FileIOError("ENOENT", { operation: "unlink", path });
    }
    if (node.kind === "directory") {
      throw new FileIOError("EISDIR", { operation: "unlink", path });
    }
    directory.visible.delete(name);
    this.pending.push({ kind: "unlink", sequence, directory, name, node });
    return { orphan: unlinked(node) };
  }

  /** @throws FileIOError `ENOENT`, `ENOTDIR`, `ENOTEMPTY`. */
  removeDirectory(path: string, sequence: number): void {
    const node = this.directoryAt(path, "removeDirectory");
    if (node.visible.size > 0) {
      throw new FileIOError("ENOTEMPTY", { operation: "removeDirectory", path });
    }
    const { directory, name } = placeOf(this.root, path, "removeDirectory");
    directory.visible.delete(name);
    this.pending.push({ kind: "unlink", sequence, directory, name, node });
  }

  /** Makes the operations that are chosen durable, in order, and returns them. */
  commit(chosen: (operation: NameOperation) => boolean): readonly NameOperation[] {
    if (this.pending.length === 0) {
      return this.pending;
    }
    const committed: NameOperation[] = [];
    const left: NameOperation[] = [];
    for (const operation of this.pending) {
      if (chosen(operation)) {
        storeName(operation, partsOf(operation));
        committed.push(operation);
      } else {
        left.push(operation);
      }
    }
    this.pending = left;
    return committed;
  }

  /**
   * The operations that gave a file and the directories above it their names, and all earlier ones
   * on the same names, so that none of those can undo them later.
   */
  namesOf(file: VirtualFile, through: number): ReadonlySet<NameOperation> {
    const chosen = new Set<NameOperation>();
    const nodes = new Set<VirtualNode>([file]);
    const names = new Set<string>();
    for (const operation of this.pending.toReversed()) {
      const { directory, name, oldName } = operation;
      const keys = [name, oldName ?? name].map((one) => `${directory.id}/${one}`);
      const wanted = nodes.has(operation.node) || keys.some((key) => names.has(key));
      if (wanted && operation.sequence <= through) {
        chosen.add(operation);
        nodes.add(directory);
        names.add(keys[0] ?? "").add(keys[1] ?? "");
      }
    }
    return chosen;
  }

  /** After a crash: these parts of the pending operations survive, and programs see what is durable. */
  settle(parts: readonly number[]): void {
    for (const [index, operation] of this.pending.entries()) {
      storeName(operation, parts[index] ?? 0);
    }
    const touched = new Set(this.pending.map(({ directory }) => directory));
    this.pending = [];
    for (const directory of touched) {
      directory.visible = new Map(directory.durable);
    }
    const named = [...walk(this.root, "durable")];
    for (const [, node] of named) {
      if (node.kind === "file") {
        node.links = 0;
      }
    }
    for (const [path, node] of named) {
      if (node.kind === "file") {
        node.links += 1;
        node.path = path;
      }
    }
  }

  /** Every file with a name, once, in the order of names. */
  files(side: Side): Set<VirtualFile> {
    const files = new Set<VirtualFile>();
    for (const [, node] of walk(this.root, side)) {
      if (node.kind === "file") {
        files.add(node);
      }
    }
    return files;
  }

  /** A copy in which every file was replaced by its copy. */
  clone(copyOf: (file: VirtualFile) => VirtualFile): Namespace {
    const copy = new Namespace(this.#unitBytes);
    copy.#nextId = this.#nextId;
    const directories = new Map<VirtualDirectory, VirtualDirectory>([[this.root, copy.root]]);
    const nodeOf = (node: VirtualNode): VirtualNode => {
      if (node.kind === "file") {
        return copyOf(node);
      }
      const known = directories.get(node);
      if (known !== undefined) {
        return known;
      }
      const directory = new VirtualDirectory(node.id);
      directories.set(node, directory);
      copyEntries(node, directory, nodeOf);
      return directory;
    };
    copyEntries(this.root, copy.root, nodeOf);
    for (const operation of this.pending) {
      const node = nodeOf(operation.node);
      const directory = nodeOf(operation.directory);
      if (directory.kind === "directory") {
        copy.pending.push({ ...operation, node, directory });
      }
    }
    return copy;
  }

  #id(): number {
    const id = this.#nextId;
    this.#nextId += 1;
    return id;
  }
}

function unlinked(node: VirtualNode | undefined): VirtualFile | undefined {
  if (node?.kind !== "file") {
    return undefined;
  }
  node.links -= 1;
  return node.links === 0 ? node : undefined;
}

function copyEntries(
  from: VirtualDirectory,
  to: VirtualDirectory,
  nodeOf: (node: VirtualNode) => VirtualNode,
): void {
  for (const [name, node] of from.visible) {
    to.visible.set(name, nodeOf(node));
  }
  for (const [name, node] of from.durable) {
    to.durable.set(name, nodeOf(node));
  }
}
