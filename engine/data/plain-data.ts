import { utf8ByteString } from "../base/utf8.ts";
import { nameOfType } from "./key-codec.ts";

/** Deeper structures are refused: encoder and decoder recurse. */
export const NESTING_MAX = 500;

/**
 * What of a value MessagePack would not give back as it was given; undefined when it gives back
 * everything. The encoder itself accepts more: it would turn a Map into an object, a class instance into
 * its fields and a lone surrogate into another character, and so the worst would happen: a value that
 * comes back as another one, without an error.
 */
export function notPlain(value: unknown, depth = 0): string | undefined {
  switch (typeof value) {
    case "string":
      return utf8ByteString(value) === undefined ? "a string with a lone surrogate" : undefined;
    case "bigint":
      return BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value
        ? undefined
        : "an integer beyond 64 bits";
    case "function":
    case "symbol":
      return `a ${typeof value}`;
    case "object":
      return value === null ? undefined : notPlainObject(value, depth);
    default:
      return undefined;
  }
}

function notPlainObject(value: object, depth: number): string | undefined {
  if (depth >= NESTING_MAX) {
    return `more than ${NESTING_MAX} levels, or itself`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value)) {
    return firstNotPlain(value, depth);
  }
  if (prototype === Object.prototype || prototype === null) {
    return notPlainRecord(value, depth);
  }
  return value instanceof Uint8Array || isDate(value)
    ? undefined
    : `an object of class ${nameOfType(value)}`;
}

/** By its brand: engine code has no clock but its port, and so cannot name the class. */
function isDate(value: object): boolean {
  return Object.prototype.toString.call(value) === "[object Date]";
}

function notPlainRecord(value: object, depth: number): string | undefined {
  if (Object.getOwnPropertySymbols(value).length > 0) {
    return "a property whose name is a symbol";
  }
  const names = Object.keys(value);
  for (const name of names) {
    if (name === "__proto__") {
      return "a property named __proto__";
    }
    if (utf8ByteString(name) === undefined) {
      return "a property whose name has a lone surrogate";
    }
  }
  return firstNotPlain(Object.values(value), depth);
}

function firstNotPlain(values: readonly unknown[], depth: number): string | undefined {
  for (const value of values) {
    const found = notPlain(value, depth + 1);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}
