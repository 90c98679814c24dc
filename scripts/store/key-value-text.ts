import { inspect } from "node:util";
import { isSeawallError } from "../../engine/base/errors.ts";
import { stringOfUtf8 } from "../../engine/base/utf8.ts";
import type { StoredKey } from "../../engine/data/key-codec.ts";
import { decodeValue, type StoredValue } from "../../engine/data/value-codec.ts";

const SHOWN_MAX = 60;

/** A key in quotes when it is text that can be printed, else its bytes: x'00ff'. */
export function keyText(key: StoredKey): string {
  const text = stringOfUtf8(key);
  return text === undefined || /\p{C}/u.test(text)
    ? `x'${Buffer.from(key, "latin1").toString("hex")}'`
    : JSON.stringify(text);
}

/** The beginning of a value, in one line. */
export function valueText(stored: StoredValue): string {
  let value: unknown;
  try {
    value = decodeValue(stored);
  } catch (error) {
    if (isSeawallError(error)) {
      return `? ${error.message}`;
    }
    throw error;
  }
  const text =
    value instanceof Uint8Array
      ? `x'${Buffer.from(value.subarray(0, SHOWN_MAX)).toString("hex")}'`
      : typeof value === "string"
        ? JSON.stringify(value)
        : inspect(value, { breakLength: Infinity, compact: true, depth: 4 });
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text;
}
