import { FileIOError } from "./file-io.ts";
import type { FileHandle } from "./file-io.ts";

/**
 * Writes all of `source`, going on after short writes. A write of nothing is an error: without it a full
 * disk that answers 0 would loop for ever.
 */
export async function writeWhole(
  file: FileHandle,
  source: Uint8Array,
  position: number,
): Promise<void> {
  let done = 0;
  while (done < source.length) {
    const rest = done === 0 ? source : source.subarray(done);
    const written = await file.write(rest, position + done);
    if (written <= 0) {
      throw new FileIOError("EIO", { operation: "write of 0 bytes to", path: "an open file" });
    }
    done += written;
  }
}

/** Reads until `target` is full or the file ends. Returns the number of bytes read. */
export async function readWhole(
  file: FileHandle,
  target: Uint8Array,
  position: number,
): Promise<number> {
  let done = 0;
  while (done < target.length) {
    const rest = done === 0 ? target : target.subarray(done);
    const read = await file.read(rest, position + done);
    if (read <= 0) {
      return done;
    }
    done += read;
  }
  return done;
}
