import { FileIOError, type FileIOErrorCode } from "../file-io.ts";

/** Codes that pass through, and the ones that mean the same to a store under another name. */
const CODES: ReadonlyMap<string, FileIOErrorCode> = new Map<string, FileIOErrorCode>([
  ["ENOENT", "ENOENT"],
  ["EEXIST", "EEXIST"],
  ["EISDIR", "EISDIR"],
  ["ENOTDIR", "ENOTDIR"],
  ["ENOTEMPTY", "ENOTEMPTY"],
  ["EACCES", "EACCES"],
  ["EPERM", "EACCES"],
  ["EINVAL", "EINVAL"],
  ["EBADF", "EBADF"],
  ["EIO", "EIO"],
  ["ENOSPC", "ENOSPC"],
  ["EDQUOT", "ENOSPC"],
  ["EROFS", "EROFS"],
]);

/** What Node.js reported, as the engine knows it; the original error is kept as the cause. */
export function toFileIOError(error: unknown, operation: string, path: string): FileIOError {
  if (error instanceof FileIOError) {
    return error;
  }
  return new FileIOError(CODES.get(errnoOf(error) ?? "") ?? "EUNKNOWN", {
    operation,
    path,
    cause: error,
  });
}

/** The errno name of an error made by Node.js, such as "ENOENT". */
export function errnoOf(error: unknown): string | undefined {
  if (error instanceof Error && "code" in error && typeof error.code === "string") {
    return error.code;
  }
  return undefined;
}
