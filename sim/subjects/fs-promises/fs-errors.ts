import { isFileIOError } from "../../../engine/platform/file-io.ts";

/** As Linux numbers them, and as libuv words them. */
const ERRNO: Readonly<Record<string, readonly [errno: number, words: string]>> = {
  ENOENT: [-2, "no such file or directory"],
  EIO: [-5, "i/o error"],
  EBADF: [-9, "bad file descriptor"],
  EACCES: [-13, "permission denied"],
  EEXIST: [-17, "file already exists"],
  ENOTDIR: [-20, "not a directory"],
  EISDIR: [-21, "illegal operation on a directory"],
  EINVAL: [-22, "invalid argument"],
  ENOSPC: [-28, "no space left on device"],
  EROFS: [-30, "read-only file system"],
  ENOSYS: [-38, "function not implemented"],
  ENOTEMPTY: [-39, "directory not empty"],
};

/** The call that failed, as the system names it, and the names it was given. */
export interface FailedCall {
  readonly syscall: string;
  readonly path?: string;
  readonly dest?: string;
}

/** What Node.js rejects with when the system refuses a call. */
export class FsError extends Error {
  readonly errno: number;
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
  readonly dest?: string;

  constructor(code: string, { syscall, path, dest }: FailedCall, cause?: unknown) {
    const [errno, words] = ERRNO[code] ?? [-4094, "unknown error"];
    const from = path === undefined ? "" : ` '${path}'`;
    const to = dest === undefined ? "" : ` -> '${dest}'`;
    super(`${code}: ${words}, ${syscall}${from}${to}`, cause === undefined ? {} : { cause });
    this.errno = errno;
    this.code = code;
    this.syscall = syscall;
    if (path !== undefined) {
      this.path = path;
    }
    if (dest !== undefined) {
      this.dest = dest;
    }
  }
}

/** Runs a call to the disk; its failures become what Node.js rejects with. */
export function calling<T>(call: FailedCall, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isFileIOError(error)) {
      throw new FsError(error.code, call, error);
    }
    throw error;
  }
}

/** Of a handle that was closed: Node.js itself says so, and asks no system. */
export function closedError(syscall: string): Error {
  return Object.assign(new Error("file closed"), { code: "EBADF", syscall });
}

/** `rm` of a directory that was not asked to be recursive. */
export function isDirectoryError(path: string): Error {
  const error = new Error(`Path is a directory: rm returned EISDIR (is a directory) ${path}`);
  error.name = "SystemError";
  return Object.assign(error, { code: "ERR_FS_EISDIR", errno: 21, syscall: "rm", path });
}

/** What the real module can do, and the virtual disk cannot: never to be taken for a fault of the disk. */
export function unsupported(what: string): Error {
  const error = new Error(`ENOSYS: the virtual disk cannot ${what}`);
  return Object.assign(error, { code: "ENOSYS", errno: -38 });
}

export function invalidType(name: string, expected: string, value: unknown): TypeError {
  const error = new TypeError(
    `The "${name}" argument must be ${expected}. Received ${value === null ? "null" : `type ${typeof value}`}`,
  );
  return Object.assign(error, { code: "ERR_INVALID_ARG_TYPE" });
}

export function invalidValue(name: string, value: string): TypeError {
  const error = new TypeError(`The argument '${name}' is invalid. Received '${value}'`);
  return Object.assign(error, { code: "ERR_INVALID_ARG_VALUE" });
}

export function outOfRange(name: string, range: string, value: number): RangeError {
  const error = new RangeError(
    `The value of "${name}" is out of range. It must be ${range}. Received ${value}`,
  );
  return Object.assign(error, { code: "ERR_OUT_OF_RANGE" });
}
