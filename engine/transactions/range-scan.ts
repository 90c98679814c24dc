import { SeawallError } from "../base/errors.ts";
import type { Bound, RangeRead } from "../base/sorted-map.ts";
import { encodeKey, nameOfType } from "../data/key-codec.ts";
import type { Key, KeyEncoding } from "../data/key-codec.ts";

/** Which keys to scan. Without bounds: all. At most one of `gt`/`gte`, and one of `lt`/`lte`. */
export interface ScanOptions {
  readonly gt?: Key;
  readonly gte?: Key;
  readonly lt?: Key;
  readonly lte?: Key;
  /** From the highest key down. @defaultValue false */
  readonly reverse?: boolean;
  /** At most this many entries. @defaultValue no limit */
  readonly limit?: number;
}

/** A key and its value, as the caller's own objects. */
export interface Entry {
  readonly key: Key;
  readonly value: unknown;
}

/** @throws SeawallError `INVALID_ARGUMENT` for bounds or a limit that make no sense. */
export function resolveScan(options: ScanOptions, encoding: KeyEncoding): RangeRead {
  if (typeof (options as unknown) !== "object" || (options as unknown) === null) {
    throw new SeawallError(
      "INVALID_ARGUMENT",
      `the options of a scan must be an object, not ${nameOfType(options)}`,
    );
  }
  const { reverse = false, limit = Number.POSITIVE_INFINITY } = options;
  const isCount = limit === Number.POSITIVE_INFINITY || Number.isSafeInteger(limit);
  if (!isCount || limit < 0) {
    const given = typeof (limit as unknown) === "number" ? limit : nameOfType(limit);
    throw new SeawallError("INVALID_ARGUMENT", `limit must be a whole number, not ${given}`);
  }
  if (typeof (reverse as unknown) !== "boolean") {
    throw new SeawallError(
      "INVALID_ARGUMENT",
      `reverse must be true or false, not ${nameOfType(reverse)}`,
    );
  }
  return {
    low: bound(["gt", options.gt], ["gte", options.gte], encoding),
    high: bound(["lt", options.lt], ["lte", options.lte], encoding),
    reverse,
    limit,
  };
}

type NamedBound = readonly [name: string, key: Key | undefined];

function bound(open: NamedBound, closed: NamedBound, encoding: KeyEncoding): Bound | undefined {
  if (open[1] !== undefined && closed[1] !== undefined) {
    throw new SeawallError("INVALID_ARGUMENT", `give ${open[0]} or ${closed[0]}, not both`);
  }
  if (open[1] !== undefined) {
    return { key: encodeKey(open[1], encoding), inclusive: false };
  }
  return closed[1] === undefined
    ? undefined
    : { key: encodeKey(closed[1], encoding), inclusive: true };
}
