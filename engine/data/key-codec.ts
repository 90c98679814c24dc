import { byteStringOf, bytesOfByteString } from "../base/byte-reader.ts";
import { SeawallError } from "../base/errors.ts";
import { stringOfUtf8, utf8ByteString } from "../base/utf8.ts";

/** A key as a caller gives it. A string means its UTF-8 bytes. */
export type Key = string | Uint8Array;

/** What scans return keys as. */
export type KeyEncoding = "utf8" | "bytes";

/**
 * A key inside the engine: one code unit per byte, so that `<` on keys is memcmp on their bytes. Several
 * times faster than comparing byte arrays, and usable as a Map key.
 */
export type StoredKey = string;

/** Three keys and their page must fit the smallest page. */
export const KEY_BYTES_MAX = 1024;

/**
 * @throws SeawallError `INVALID_ARGUMENT` for anything but a string or bytes, for more than
 * `KEY_BYTES_MAX` bytes, for a string with a lone surrogate, and for bytes that are not UTF-8 in a
 * store opened with `keyEncoding: "utf8"` (a scan could not return them).
 */
export function encodeKey(key: Key, encoding: KeyEncoding): StoredKey {
  const stored = storedForm(key, encoding);
  if (stored.length > KEY_BYTES_MAX) {
    throw new SeawallError(
      "INVALID_ARGUMENT",
      `key has ${stored.length} bytes, the most is ${KEY_BYTES_MAX}: store the long part in the value`,
    );
  }
  return stored;
}

function storedForm(key: Key, encoding: KeyEncoding): StoredKey {
  if (typeof key === "string") {
    const stored = utf8ByteString(key);
    if (stored === undefined) {
      throw new SeawallError("INVALID_ARGUMENT", "key has a lone surrogate: it has no UTF-8 form");
    }
    return stored;
  }
  if (!((key as unknown) instanceof Uint8Array)) {
    throw new SeawallError(
      "INVALID_ARGUMENT",
      `key must be a string or a Uint8Array, not ${nameOfType(key)}`,
    );
  }
  const stored = byteStringOf(key);
  if (encoding === "utf8" && stringOfUtf8(stored) === undefined) {
    throw new SeawallError(
      "INVALID_ARGUMENT",
      'key bytes are not UTF-8: open the store with keyEncoding: "bytes" for arbitrary keys',
    );
  }
  return stored;
}

/** @throws SeawallError `SERIALIZATION` when the store holds a key that is not UTF-8 and `encoding` is. */
export function decodeKey(stored: StoredKey, encoding: KeyEncoding): Key {
  if (encoding === "bytes") {
    return bytesOfByteString(stored);
  }
  const text = stringOfUtf8(stored);
  if (text === undefined) {
    throw new SeawallError(
      "SERIALIZATION",
      'the store holds a key that is not UTF-8: open it with keyEncoding: "bytes"',
    );
  }
  return text;
}

/** For messages. */
export function nameOfType(value: unknown): string {
  if (value === null) {
    return "null";
  }
  if (typeof value !== "object") {
    return typeof value;
  }
  const { constructor: type } = value as { readonly constructor?: unknown };
  return typeof type === "function" ? type.name : "object";
}
