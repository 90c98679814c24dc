import { invalidType, invalidValue } from "./fs-errors.ts";
import type { FsData, FsEncoding } from "./types.ts";

interface NodeBuffer extends Uint8Array {
  toString(encoding?: string): string;
}

/**
 * Node's own, which its file system hands out: without its type, which the simulator does not know. Code made
 * for `node:fs/promises` calls the methods that a plain Uint8Array lacks.
 */
declare const Buffer: {
  alloc(bytes: number): NodeBuffer;
  from(text: string, encoding: string): NodeBuffer;
  from(memory: ArrayBufferLike, offset: number, bytes: number): NodeBuffer;
};

const ENCODINGS: ReadonlySet<string> = new Set<FsEncoding>([
  "utf8",
  "utf-8",
  "latin1",
  "binary",
  "ascii",
  "hex",
  "base64",
]);

/** Zeroed. */
export function newBuffer(bytes: number): Uint8Array {
  return Buffer.alloc(bytes);
}

export function bytesOf(data: FsData, encoding: FsEncoding = "utf8", name = "data"): Uint8Array {
  if (typeof data === "string") {
    return Buffer.from(data, encoding);
  }
  if (!ArrayBuffer.isView(data)) {
    throw invalidType(name, "of type string or an instance of Buffer or TypedArray", data);
  }
  return data;
}

export function textOf(bytes: Uint8Array, encoding: FsEncoding): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
}

/** The encoding that options name; undefined for bytes. @throws TypeError for one that there is not. */
export function encodingOf(
  options: FsEncoding | { readonly encoding?: FsEncoding | null } | null | undefined,
): FsEncoding | undefined {
  const encoding = typeof options === "object" ? options?.encoding : options;
  if (encoding === undefined || encoding === null) {
    return undefined;
  }
  if (!ENCODINGS.has(encoding)) {
    throw invalidValue("encoding", encoding);
  }
  return encoding;
}
