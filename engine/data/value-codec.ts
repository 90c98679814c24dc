import { Packr } from "msgpackr";
import { byteStringOf } from "../base/byte-reader.ts";
import { Slab } from "../base/slab.ts";
import { SeawallError } from "../base/errors.ts";
import { stringOfUtf8, utf8ByteString } from "../base/utf8.ts";
import { nameOfType } from "./key-codec.ts";
import { notPlain } from "./plain-data.ts";

/**
 * A value inside the engine: one byte that says its form, then the form's bytes. Never changed once
 * made, so that it may be shared between the write set, the log buffer, pages and versions.
 *
 *   first byte  rest
 *            1  the bytes of a Uint8Array
 *            2  the UTF-8 bytes of a string
 *            3  MessagePack of anything else
 */
export type StoredValue = Uint8Array;

const BYTES = 1;
const TEXT = 2;
const MSGPACK = 3;

/** Longest value, in stored bytes: one record must fit one log batch, whose length is 32 bits. */
export const VALUE_BYTES_MAX: number = 256 * 1024 * 1024;

// Records (shared structure tables) would tie a value to the encoder that wrote it. `moreTypes` is off:
// only what plain MessagePack carries. Bytes inside a structure are copied out, or a caller who changes
// what was read would change what is stored.
const packr = new Packr({ useRecords: false, variableMapSize: true, copyBuffers: true });

const kept = new Slab();
const handedOut = new Slab();

/**
 * The stored form, independent of the caller's object: later changes to that object change nothing.
 *
 * @throws SeawallError `INVALID_ARGUMENT` for undefined, a function or a symbol, and for a value that is
 * too long. `SERIALIZATION` when MessagePack cannot carry it, or would give it back as something else.
 */
export function encodeValue(value: unknown): StoredValue {
  const stored = storedForm(value);
  if (stored.length > VALUE_BYTES_MAX) {
    throw new SeawallError(
      "INVALID_ARGUMENT",
      `value has ${stored.length} bytes, the most is ${VALUE_BYTES_MAX}: split it over several keys`,
    );
  }
  return stored;
}

function storedForm(value: unknown): StoredValue {
  if (typeof value === "string") {
    return encodeText(value);
  }
  if (value instanceof Uint8Array) {
    return tagged(BYTES, value);
  }
  if (value === undefined || typeof value === "function" || typeof value === "symbol") {
    throw new SeawallError(
      "INVALID_ARGUMENT",
      `a value cannot be ${nameOfType(value)}: use a string, bytes, or data that MessagePack carries`,
    );
  }
  const obstacle = notPlain(value);
  if (obstacle !== undefined) {
    throw new SeawallError(
      "SERIALIZATION",
      `a value cannot contain ${obstacle}: store plain objects, arrays, text, numbers, bytes or dates`,
    );
  }
  try {
    return tagged(MSGPACK, packr.pack(value));
  } catch (error) {
    throw new SeawallError("SERIALIZATION", "the value cannot be encoded as MessagePack", {
      cause: error,
    });
  }
}

function encodeText(text: string): StoredValue {
  const utf8 = utf8ByteString(text);
  if (utf8 === undefined) {
    throw new SeawallError(
      "INVALID_ARGUMENT",
      "value has a lone surrogate: it has no UTF-8 form; store it as bytes",
    );
  }
  const stored = kept.take(utf8.length + 1);
  stored[0] = TEXT;
  for (let i = 0; i < utf8.length; i += 1) {
    stored[i + 1] = utf8.charCodeAt(i);
  }
  return stored;
}

function tagged(tag: number, bytes: Uint8Array): StoredValue {
  const stored = kept.take(bytes.length + 1);
  stored[0] = tag;
  stored.set(bytes, 1);
  return stored;
}

/**
 * The value as it was given. The result is the caller's own: changing it changes nothing stored.
 *
 * @throws SeawallError `SERIALIZATION` for a form this version does not know.
 */
export function decodeValue(stored: StoredValue): unknown {
  switch (stored[0]) {
    case BYTES:
      return handedOut.copy(stored, 1);
    case TEXT:
      return textOf(byteStringOf(stored.subarray(1)));
    case MSGPACK:
      return unpack(stored);
    default:
      throw new SeawallError("SERIALIZATION", `unknown form of value: ${String(stored[0])}`);
  }
}

function textOf(utf8: string): string {
  const text = stringOfUtf8(utf8);
  if (text === undefined) {
    throw new SeawallError("SERIALIZATION", "a text value is not UTF-8");
  }
  return text;
}

function unpack(stored: StoredValue): unknown {
  try {
    const value: unknown = packr.unpack(stored.subarray(1));
    return value;
  } catch (error) {
    throw new SeawallError("SERIALIZATION", "a MessagePack value cannot be decoded", {
      cause: error,
    });
  }
}
