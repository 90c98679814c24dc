import { SeawallError } from "../base/errors.ts";
import { isFileIOError } from "./file-io.ts";
import type { FileIOError } from "./file-io.ts";

/** What a failure of the disk means to a caller. Anything that is not one is returned as it is. */
export function seawallErrorOf(error: unknown, doing: string): unknown {
  return isFileIOError(error) ? ioErrorOf(error, doing) : error;
}

export function ioErrorOf(error: FileIOError, doing: string): SeawallError {
  const place = { file: error.path };
  switch (error.code) {
    case "ENOSPC":
      return new SeawallError("NO_SPACE", `no space left on the disk while ${doing}`, {
        cause: error,
        place,
      });
    case "ELOCKED":
      return new SeawallError(
        "LOCKED",
        "the store is open already, here or in another process: close it there first",
        { cause: error, place },
      );
    default:
      return new SeawallError("IO", `${error.code} while ${doing}`, { cause: error, place });
  }
}

/** Runs a step of work on the disk; its failures become SeawallErrors. */
export async function doing<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw seawallErrorOf(error, what);
  }
}
