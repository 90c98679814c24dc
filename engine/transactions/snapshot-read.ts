import { unreachable } from "../base/assert.ts";
import type { Bound, KeyRange, MapEntry, RangeRead } from "../base/sorted-map.ts";
import type { CommitNumber } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { StoredValue } from "../data/value-codec.ts";
import type { MissingPage } from "../pages/page-lease.ts";
import type { StorageManager } from "../pages/storage-manager.ts";
import type { VersionStore } from "../versions/version-store.ts";
import type { WriteSet } from "./write-set.ts";

/** A point in commit order, with a transaction's own writes on top. */
export interface View {
  readonly storage: StorageManager;
  readonly versions: VersionStore;
  readonly snapshot: CommitNumber;
  readonly writes: WriteSet | undefined;
}

/** What a key holds in a view; `value` undefined means that it is not there. */
export interface KeyFound {
  readonly kind: "found";
  readonly value: StoredValue | undefined;
}

const ABSENT: KeyFound = { kind: "found", value: undefined };

export function readKey(view: View, key: StoredKey): KeyFound | MissingPage {
  const own = view.writes?.get(key);
  if (own !== undefined) {
    return { kind: "found", value: own.value };
  }
  const older = view.versions.asOf(key, view.snapshot);
  if (older !== undefined) {
    return { kind: "found", value: older.value };
  }
  const stored = view.storage.get(key);
  switch (stored.kind) {
    case "value":
      return { kind: "found", value: stored.value };
    case "absent":
      return ABSENT;
    case "missing":
      return stored;
    default:
      return unreachable(stored);
  }
}

/** Some entries of a range, and what of the range they settle. */
export interface RangeChunk {
  readonly kind: "chunk";
  readonly entries: readonly MapEntry<StoredValue>[];
  /** What was looked at: from the beginning of the range to somewhere, or to its end. */
  readonly covered: KeyRange;
  /** What is left to look at; undefined when nothing is. */
  readonly rest: KeyRange | undefined;
}

/**
 * Reads the next stretch of a range: at most `limit` stored entries, overlaid with what the snapshot saw
 * instead, and with own writes. Synchronous, so that no commit comes between the three. Before a page that
 * is missing the stretch ends.
 */
export function readChunk(view: View, range: RangeRead): RangeChunk | MissingPage {
  const found = view.storage.read(range);
  const stored = found.entries;
  if (found.kind === "missing" && stored.length === 0) {
    return found;
  }
  const isWhole = found.kind === "entries" && stored.length < range.limit;
  const last = isWhole ? undefined : stored.at(-1)?.[0];
  const covered = coveredBy(range, last);
  const overlay = overlayOf(view, covered);
  const entries = overlay.length === 0 ? stored : merge(stored, overlay, range.reverse);
  const rest = last === undefined ? undefined : restOf(range, last);
  return { kind: "chunk", entries, covered, rest };
}

/** Own writes over older versions, in ascending key order, one entry a key. */
function overlayOf(view: View, covered: KeyRange): MapEntry<StoredValue | undefined>[] {
  const older = view.versions.rangeAsOf(covered, view.snapshot);
  const own = view.writes === undefined ? [] : view.writes.range(covered);
  if (own.length === 0) {
    return older.map(([key, found]) => [key, found.value]);
  }
  const ownKeys = new Set(own.map(([key]) => key));
  const kept = older.filter(([key]) => !ownKeys.has(key));
  return [...kept, ...own]
    .map(([key, found]): MapEntry<StoredValue | undefined> => [key, found.value])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function coveredBy(range: RangeRead, last: StoredKey | undefined): KeyRange {
  if (last === undefined) {
    return { low: range.low, high: range.high };
  }
  const end: Bound = { key: last, inclusive: true };
  return range.reverse ? { low: end, high: range.high } : { low: range.low, high: end };
}

function restOf(range: RangeRead, last: StoredKey): KeyRange {
  const begin: Bound = { key: last, inclusive: false };
  return range.reverse ? { low: range.low, high: begin } : { low: begin, high: range.high };
}

function merge(
  stored: readonly MapEntry<StoredValue>[],
  overlay: MapEntry<StoredValue | undefined>[],
  reverse: boolean,
): MapEntry<StoredValue>[] {
  const over = reverse ? overlay.toReversed() : overlay;
  const merged: MapEntry<StoredValue>[] = [];
  let next = 0;
  const take = (entry: MapEntry<StoredValue | undefined>): void => {
    if (entry[1] !== undefined) {
      merged.push([entry[0], entry[1]]);
    }
  };
  for (const entry of stored) {
    for (
      let o = over[next];
      o !== undefined && comesBefore(o[0], entry[0], reverse);
      o = over[next]
    ) {
      take(o);
      next += 1;
    }
    const same = over[next];
    if (same !== undefined && same[0] === entry[0]) {
      take(same);
      next += 1;
    } else {
      merged.push(entry);
    }
  }
  for (const entry of over.slice(next)) {
    take(entry);
  }
  return merged;
}

function comesBefore(a: StoredKey, b: StoredKey, reverse: boolean): boolean {
  return reverse ? a > b : a < b;
}
