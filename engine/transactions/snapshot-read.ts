import { unreachable } from "../base/assert.ts";
import { isAbove, isBelow } from "../base/sorted-map.ts";
import type { Bound, KeyRange, MapEntry, RangeRead } from "../base/sorted-map.ts";
import type { CommitNumber } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { StoredValue } from "../data/value-codec.ts";
import type { MissingPage } from "../pages/page-lease.ts";
import type { StorageManager } from "../pages/storage-manager.ts";
import type { SpilledVersions } from "../versions/spilled-versions.ts";
import type { VersionFound, VersionStore } from "../versions/version-store.ts";
import type { WriteSet } from "./write-set.ts";

/** A point in commit order, with a transaction's own writes on top. */
export interface View {
  readonly storage: StorageManager;
  readonly versions: VersionStore;
  /** Before-images of other transactions' changes that were too large for memory, oldest commit first. */
  readonly spilled: readonly SpilledVersions[];
  readonly snapshot: CommitNumber;
  readonly writes: WriteSet | undefined;
  /** What the reader's own transaction has changed in the pages already. */
  readonly own: SpilledVersions | undefined;
}

/** What a key holds in a view; `value` undefined means that it is not there. */
export interface KeyFound {
  readonly kind: "found";
  readonly value: StoredValue | undefined;
  /** Written by the reader's own transaction: what others do to the key does not matter. */
  readonly isOwn: boolean;
}

const ABSENT: KeyFound = { kind: "found", value: undefined, isOwn: false };

export function readKey(view: View, key: StoredKey): KeyFound | MissingPage {
  const own = view.writes?.get(key);
  if (own !== undefined) {
    return { kind: "found", value: own.value, isOwn: true };
  }
  const spilled = view.own?.get(key);
  if (spilled !== undefined) {
    const found = "kind" in spilled ? spilled : readStored(view.storage, key);
    return found.kind === "found" ? { ...found, isOwn: true } : found;
  }
  const older = olderVersion(view, key);
  if (older === undefined) {
    return readStored(view.storage, key);
  }
  return "value" in older ? { kind: "found", value: older.value, isOwn: false } : older;
}

function readStored(storage: StorageManager, key: StoredKey): KeyFound | MissingPage {
  const stored = storage.get(key);
  switch (stored.kind) {
    case "value":
      return { kind: "found", value: stored.value, isOwn: false };
    case "absent":
      return ABSENT;
    case "missing":
      return stored;
    default:
      return unreachable(stored);
  }
}

/** The oldest version that the snapshot does not see replaced; undefined when it sees the newest value. */
function olderVersion(
  { versions, spilled, snapshot }: View,
  key: StoredKey,
): VersionFound | MissingPage | undefined {
  const inMemory = versions.asOf(key, snapshot);
  for (const spill of spilled) {
    const isOlder = inMemory === undefined || spill.replacedBy < inMemory.replacedBy;
    const found = isOlder && spill.replacedBy > snapshot ? spill.get(key) : undefined;
    if (found !== undefined) {
      return found;
    }
  }
  return inMemory;
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
  if (found.kind === "missing" && found.entries.length === 0) {
    return found;
  }
  const isCut = found.kind === "missing" || found.entries.length >= range.limit;
  const end = isCut ? found.entries.at(-1)?.[0] : undefined;
  const spilled = readSpilled(view, range, coveredBy(range, end));
  if (spilled.kind === "missing") {
    return spilled;
  }
  const last = spilled.last ?? end;
  const covered = coveredBy(range, last);
  const stored =
    spilled.last === undefined
      ? found.entries
      : found.entries.filter(([key]) => !isBelow(key, covered.low) && !isAbove(key, covered.high));
  const overlay = overlayOf(view, covered, spilled.versions);
  const entries = overlay.length === 0 ? stored : merge(stored, overlay, range.reverse);
  const rest = last === undefined ? undefined : restOf(range, last);
  return { kind: "chunk", entries, covered, rest };
}

/** Spilled versions of a stretch. `last` is set where there are more: the stretch has to end there. */
interface SpilledStretch {
  readonly kind: "spilled";
  readonly versions: ReadonlyMap<StoredKey, VersionFound | "newest">;
  readonly last: StoredKey | undefined;
}

const NOTHING_SPILLED: SpilledStretch = { kind: "spilled", versions: new Map(), last: undefined };

function readSpilled(
  view: View,
  range: RangeRead,
  covered: KeyRange,
): SpilledStretch | MissingPage {
  const { spilled, own, snapshot } = view;
  if (spilled.length === 0 && own === undefined) {
    return NOTHING_SPILLED;
  }
  const versions = new Map<StoredKey, VersionFound | "newest">();
  let { low, high } = covered;
  let last: StoredKey | undefined;
  const newestFirst = spilled.filter(({ replacedBy }) => replacedBy > snapshot).toReversed();
  for (const source of own === undefined ? newestFirst : [...newestFirst, own]) {
    const { entries, isCut, missing } = source.read({ ...range, low, high });
    const end = entries.at(-1)?.[0];
    if (missing !== undefined && end === undefined) {
      return missing;
    }
    for (const [key, value] of entries) {
      versions.set(key, source === own ? "newest" : { replacedBy: source.replacedBy, value });
    }
    if (isCut && end !== undefined) {
      last = end;
      ({ low, high } = coveredBy({ ...range, low, high }, end));
    }
  }
  return { kind: "spilled", versions, last };
}

/** Own writes over older versions, in ascending key order, one entry a key. */
function overlayOf(
  view: View,
  covered: KeyRange,
  spilled: SpilledStretch["versions"],
): MapEntry<StoredValue | undefined>[] {
  const older = view.versions.rangeAsOf(covered, view.snapshot);
  const own = view.writes === undefined ? [] : view.writes.range(covered);
  if (own.length === 0 && spilled.size === 0) {
    return older.map(([key, found]) => [key, found.value]);
  }
  const overlay = new Map<StoredKey, StoredValue | undefined>();
  for (const [key, version] of spilled) {
    if (version !== "newest" && !isBelow(key, covered.low) && !isAbove(key, covered.high)) {
      overlay.set(key, version.value);
    }
  }
  for (const [key, version] of older) {
    const other = spilled.get(key);
    if (isOlder(version, other)) {
      overlay.set(key, version.value);
    }
  }
  for (const [key, write] of own) {
    overlay.set(key, write.value);
  }
  return [...overlay].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function isOlder(version: VersionFound, other: VersionFound | "newest" | undefined): boolean {
  return other === undefined || (other !== "newest" && version.replacedBy < other.replacedBy);
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
