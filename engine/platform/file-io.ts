/**
 * The disk, as the engine sees it: the smallest honest POSIX. Every method says what survives a power
 * cut after it resolves, and what does not. Nothing here promises an order between two operations
 * unless one resolved before the other was called.
 *
 * Paths are absolute or relative to wherever the adapter starts, with `/` between names.
 */
export interface FileIO {
  /**
   * Opens a file. With `create`, makes it when it is missing. After a power cut a created file may be
   * gone, even when its contents were synced: only `syncDirectory` on its parent keeps the name.
   *
   * @throws FileIOError `ENOENT` when missing and not `create`; `EISDIR`; `ENOSPC`; `EIO`.
   */
  open(path: string, mode: OpenMode): Promise<FileHandle>;

  /** What is at the path, or undefined when nothing is. Changes nothing. */
  stat(path: string): Promise<FileStat | undefined>;

  /** Names of the entries of a directory, in ascending byte order. @throws FileIOError `ENOENT`. */
  readDirectory(path: string): Promise<string[]>;

  /** Makes one directory; nothing happens when it is there. Durable after `syncDirectory` on its parent. */
  makeDirectory(path: string): Promise<void>;

  /**
   * Gives a file a new name in the same directory, replacing what had that name. Readers see the old
   * or the new file, never neither. After a power cut either name, both, or on the weakest file systems
   * none may be there, until `syncDirectory` resolves. Does not make the file's contents durable.
   */
  rename(from: string, to: string): Promise<void>;

  /**
   * Removes a name. After a power cut the file may be back, with its last durable contents, until
   * `syncDirectory` on its parent resolves. @throws FileIOError `ENOENT`.
   */
  unlink(path: string): Promise<void>;

  /**
   * Makes every creation, rename and unlink in this directory that resolved before this call durable.
   * Says nothing about the contents of the files.
   */
  syncDirectory(path: string): Promise<void>;

  /**
   * Takes an exclusive lock on the file at the path, making the file when it is missing. The lock ends
   * with `release` or with the process, however it dies. Nothing about it survives a power cut.
   *
   * @throws FileIOError `ELOCKED` when another opener, in this process or another, holds it.
   */
  lock(path: string): Promise<FileLock>;
}

/** How a file is opened. `create` implies reading and writing. */
export type OpenMode = "read" | "write" | "create";

export interface FileStat {
  readonly kind: "file" | "directory";
  readonly bytes: number;
}

/** An open file. After `close` every call rejects with `EBADF`. */
export interface FileHandle {
  /**
   * Reads into `target` from a position. Resolves to the number of bytes read, which may be fewer than
   * asked for: callers loop. 0 means the position is at or behind the end of the file.
   *
   * @throws FileIOError `EIO` for a sector that cannot be read: never to be taken for the end.
   */
  read(target: Uint8Array, position: number): Promise<number>;

  /**
   * Writes `source` at a position, growing the file when needed. Resolves to the number of bytes
   * written, which may be fewer than given: callers loop, and an error may show only at the next call.
   * Visible to every reader at once, durable only after `datasync` or `sync`: until then a power cut
   * may keep any part of it, sector by sector, in any order. The caller must not change `source`
   * until this resolves.
   *
   * @throws FileIOError `ENOSPC`, `EIO`.
   */
  write(source: Uint8Array, position: number): Promise<number>;

  /** Sets the length. New bytes read as zeros. After a power cut the old length may be back until `sync`. */
  truncate(bytes: number): Promise<void>;

  /**
   * Makes sure that the file has at least this many bytes, really allocated and written with zeros, so
   * that later overwrites change no metadata. Existing bytes stay. Durable after `sync`.
   *
   * @throws FileIOError `ENOSPC`; the file may then be longer than before.
   */
  preallocate(bytes: number): Promise<void>;

  /** Current length in bytes. */
  size(): Promise<number>;

  /**
   * Makes the contents, and the size needed to read them, durable for every write that resolved before
   * this call. Not the file's name. After it rejects nothing is known: the writes may or may not be
   * durable, and a second call that succeeds proves nothing (the system may have dropped them).
   */
  datasync(): Promise<void>;

  /** As `datasync`, and all other metadata of the file. */
  sync(): Promise<void>;

  /** Ends the use of the handle. Makes nothing durable. */
  close(): Promise<void>;
}

/** A lock taken with `FileIO.lock`. */
export interface FileLock {
  release(): Promise<void>;
}

/** The failures a disk can report, named after their errno. */
export type FileIOErrorCode =
  | "ENOENT"
  | "EEXIST"
  | "EISDIR"
  | "ENOTDIR"
  | "ENOTEMPTY"
  | "EACCES"
  | "EINVAL"
  | "EBADF"
  | "EIO"
  | "ENOSPC"
  | "EROFS"
  | "ELOCKED"
  | "EUNKNOWN";

export interface FileIOErrorDetails {
  readonly operation: string;
  readonly path: string;
  readonly cause?: unknown;
}

/** What an adapter throws. The engine turns it into a SeawallError where a caller can see it. */
export class FileIOError extends Error {
  override readonly name = "FileIOError";
  readonly code: FileIOErrorCode;
  readonly operation: string;
  readonly path: string;

  constructor(code: FileIOErrorCode, details: FileIOErrorDetails) {
    super(
      `${code}: ${details.operation} ${details.path}`,
      details.cause === undefined ? {} : { cause: details.cause },
    );
    this.code = code;
    this.operation = details.operation;
    this.path = details.path;
  }
}

/** True for a FileIOError, with that code when one is given. */
export function isFileIOError(error: unknown, code?: FileIOErrorCode): error is FileIOError {
  return error instanceof FileIOError && (code === undefined || error.code === code);
}
