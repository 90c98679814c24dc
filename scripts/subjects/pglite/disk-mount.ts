import { FileIOError, type FileIOErrorCode } from "../../../engine/platform/file-io.ts";
import type { VirtualFile } from "../../../sim/disk/virtual-file.ts";
import type { SynchronousDisk } from "../../../sim/subjects/subject.ts";
import type {
  EmscriptenAttributes,
  EmscriptenFileSystem,
  EmscriptenNode,
  EmscriptenStream,
} from "./emscripten.ts";

/** As Emscripten numbers them, which is not how Linux does. */
const ERRNO: Readonly<Record<FileIOErrorCode, number>> = {
  EACCES: 2,
  EBADF: 8,
  EEXIST: 20,
  EINVAL: 28,
  EIO: 29,
  EISDIR: 31,
  ELOCKED: 10,
  ENOENT: 44,
  ENOSPC: 51,
  ENOTDIR: 54,
  ENOTEMPTY: 55,
  EROFS: 69,
  EUNKNOWN: 29,
};

const DIRECTORY_MODE = 0o040_700;
const FILE_MODE = 0o100_600;
const TYPE_MASK = 0o170_000;
const DIRECTORY_TYPE = 0o040_000;
const BLOCK_BYTES = 4096;
const ATTRIBUTE_BLOCK_BYTES = 512;

/** Modes and times are not kept on the disk: nothing there depends on them. */
const NO_TIME = new Date(0);

/**
 * A file system for programs that Emscripten compiled, which is a virtual disk: each of their calls is one
 * call to the disk, and an fsync of a file or of a directory is the disk's.
 */
export class DiskMount {
  readonly #disk: SynchronousDisk;
  readonly #fs: EmscriptenFileSystem;
  readonly #onCall: () => void;
  readonly #nodeOperations: object;
  readonly #streamOperations: object;

  /** `onCall` is told of every call, and may end the program by throwing. */
  constructor(disk: SynchronousDisk, fs: EmscriptenFileSystem, onCall: () => void) {
    this.#disk = disk;
    this.#fs = fs;
    this.#onCall = onCall;
    this.#nodeOperations = this.#makeNodeOperations();
    this.#streamOperations = this.#makeStreamOperations();
  }

  /** What Emscripten calls when the file system takes its place in the tree. */
  mount(): EmscriptenNode {
    return this.#node(null, "/", DIRECTORY_MODE);
  }

  #makeNodeOperations(): object {
    return {
      getattr: (node: EmscriptenNode) => attributesOf(node),
      setattr: (node: EmscriptenNode, changed: EmscriptenAttributes) => {
        this.#try(() => {
          this.#change(node, changed);
        });
      },
      lookup: (parent: EmscriptenNode, name: string) => this.#try(() => this.#lookup(parent, name)),
      mknod: (parent: EmscriptenNode, name: string, mode: number) =>
        this.#try(() => this.#make(parent, name, mode)),
      rename: (node: EmscriptenNode, parent: EmscriptenNode, name: string) => {
        this.#try(() => {
          this.#disk.rename(pathOf(node), childOf(parent, name));
        });
        Object.assign(node, { name });
      },
      unlink: (parent: EmscriptenNode, name: string) => {
        this.#try(() => {
          this.#disk.unlink(childOf(parent, name));
        });
      },
      rmdir: (parent: EmscriptenNode, name: string) => {
        this.#try(() => {
          this.#disk.removeDirectory(childOf(parent, name));
        });
      },
      readdir: (node: EmscriptenNode) =>
        this.#try(() => [".", "..", ...this.#disk.readDirectory(pathOf(node))]),
    };
  }

  #makeStreamOperations(): object {
    return {
      read: (...[stream, memory, offset, length, position]: Transfer) => {
        const target = bytesAt(memory, offset, length);
        return this.#try(() => this.#disk.read(fileOf(stream), target, position));
      },
      write: (...[stream, memory, offset, length, position]: Transfer) => {
        const source = bytesAt(memory, offset, length);
        return this.#try(() => this.#disk.write(fileOf(stream), source, position));
      },
      llseek: (stream: EmscriptenStream, offset: number, whence: number) =>
        this.#seek(stream, offset, whence),
      fsync: (stream: EmscriptenStream) => {
        this.#try(() => {
          this.#sync(stream.node);
        });
        return 0;
      },
    };
  }

  #lookup(parent: EmscriptenNode, name: string): EmscriptenNode {
    const path = childOf(parent, name);
    const found = this.#disk.stat(path);
    if (found === undefined) {
      throw new FileIOError("ENOENT", { operation: "lookup", path });
    }
    if (found.kind === "directory") {
      return this.#node(parent, name, DIRECTORY_MODE);
    }
    return this.#fileNode(parent, name, this.#disk.open(path, "write"));
  }

  #make(parent: EmscriptenNode, name: string, mode: number): EmscriptenNode {
    const path = childOf(parent, name);
    if ((mode & TYPE_MASK) === DIRECTORY_TYPE) {
      this.#disk.makeDirectory(path);
      return this.#node(parent, name, DIRECTORY_MODE);
    }
    return this.#fileNode(parent, name, this.#disk.open(path, "create"));
  }

  #fileNode(parent: EmscriptenNode, name: string, file: VirtualFile): EmscriptenNode {
    return Object.assign(this.#node(parent, name, FILE_MODE), { file });
  }

  #node(parent: EmscriptenNode | null, name: string, mode: number): EmscriptenNode {
    const operations = { node_ops: this.#nodeOperations, stream_ops: this.#streamOperations };
    return Object.assign(this.#fs.createNode(parent, name, mode, 0), operations);
  }

  #change({ file }: EmscriptenNode, { size }: EmscriptenAttributes): void {
    if (file !== undefined && size !== undefined && size !== file.bytes) {
      this.#disk.truncate(file, size);
    }
  }

  #sync(node: EmscriptenNode): void {
    if (node.file === undefined) {
      this.#disk.syncDirectory(pathOf(node));
    } else {
      this.#disk.sync(node.file, "sync");
    }
  }

  #seek({ node, position }: EmscriptenStream, offset: number, whence: number): number {
    const from = [0, position, node.file?.bytes ?? 0][whence] ?? 0;
    if (from + offset < 0) {
      throw new this.#fs.ErrnoError(ERRNO.EINVAL);
    }
    return from + offset;
  }

  /** Every failure that a program can be told is one that Emscripten knows. */
  #try<T>(work: () => T): T {
    this.#onCall();
    try {
      return work();
    } catch (error) {
      if (error instanceof FileIOError) {
        throw new this.#fs.ErrnoError(ERRNO[error.code]);
      }
      throw error;
    }
  }
}

type Transfer = readonly [
  stream: EmscriptenStream,
  memory: Int8Array | Uint8Array,
  offset: number,
  length: number,
  position: number,
];

function bytesAt(
  { buffer, byteOffset }: Int8Array | Uint8Array,
  at: number,
  length: number,
): Uint8Array {
  return new Uint8Array(buffer, byteOffset + at, length);
}

function fileOf({ node }: EmscriptenStream): VirtualFile {
  if (node.file === undefined) {
    throw new FileIOError("EISDIR", { operation: "transfer", path: pathOf(node) });
  }
  return node.file;
}

function attributesOf({ id, mode, file }: EmscriptenNode): object {
  const size = file?.bytes ?? BLOCK_BYTES;
  return {
    dev: 1,
    ino: id,
    mode,
    nlink: 1,
    uid: 0,
    gid: 0,
    rdev: 0,
    size,
    atime: NO_TIME,
    mtime: NO_TIME,
    ctime: NO_TIME,
    blksize: BLOCK_BYTES,
    blocks: Math.ceil(size / ATTRIBUTE_BLOCK_BYTES),
  };
}

function pathOf(node: EmscriptenNode): string {
  const names: string[] = [];
  for (let at = node; at !== at.parent; at = at.parent) {
    names.push(at.name);
  }
  return `/${names.toReversed().join("/")}`;
}

function childOf(parent: EmscriptenNode, name: string): string {
  const path = pathOf(parent);
  return path === "/" ? `/${name}` : `${path}/${name}`;
}
