import { lowerBound } from "../base/sorted-map.ts";
import type { StoredKey } from "../data/key-codec.ts";

/**
 * Makes a sorted list of keys quick to search: what all of them begin with, and of each the six bytes
 * behind that, as a number. Comparing numbers touches no key, and keys are all over the memory.
 */
export interface KeyIndex {
  readonly prefix: string;
  readonly heads: readonly number[];
}

/** A node's keys, with an index once they have been searched often enough since they last changed. */
export interface SearchableKeys {
  readonly keys: StoredKey[];
  index?: KeyIndex | undefined;
  searches?: number;
}

/** An index costs as much as some searches. */
const SEARCHES_BEFORE_INDEX = 12;
const KEYS_MIN = 8;

/** Whether so many keys, which were searched that often since they changed, should have an index. */
export function deservesIndex(keys: number, searches: number): boolean {
  return searches > SEARCHES_BEFORE_INDEX && keys >= KEYS_MIN;
}

const HEAD_BYTES = 6;

/** Position of the first key that is not below `key`. */
export function searchKeys(node: SearchableKeys, key: StoredKey): number {
  const { index, keys } = node;
  if (index !== undefined) {
    return searchIndex(index, keys, key);
  }
  const searches = (node.searches ?? 0) + 1;
  node.searches = searches;
  if (deservesIndex(keys.length, searches)) {
    node.index = indexOf(keys);
  }
  return lowerBound(keys, key);
}

/** The keys change: what was known of them is not true any more. */
export function forgetIndex(node: SearchableKeys): void {
  node.index = undefined;
  node.searches = 0;
}

function searchIndex(index: KeyIndex, keys: readonly StoredKey[], key: StoredKey): number {
  let low = firstCandidate(index, key);
  while (low < keys.length && (keys[low] ?? "") < key) {
    low += 1;
  }
  return low;
}

/** All keys before this position are below `key`; those from there on that are, too, begin as it does. */
export function firstCandidate({ prefix, heads }: KeyIndex, key: StoredKey): number {
  if (!key.startsWith(prefix)) {
    return key < prefix ? 0 : heads.length;
  }
  const head = headOf(key, prefix.length);
  let low = 0;
  let high = heads.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((heads[middle] ?? 0) < head) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Of keys in order. */
export function indexOf(keys: readonly StoredKey[]): KeyIndex {
  const first = keys[0] ?? "";
  const last = keys.at(-1) ?? "";
  // Keys are in order: what the first and the last begin with, all do.
  let common = 0;
  while (common < first.length && first.charCodeAt(common) === last.charCodeAt(common)) {
    common += 1;
  }
  return { prefix: first.slice(0, common), heads: keys.map((key) => headOf(key, common)) };
}

/** As a number that grows with the bytes. A key that ends early has zeros there. */
function headOf(key: StoredKey, start: number): number {
  let head = 0;
  for (let i = start; i < start + HEAD_BYTES; i += 1) {
    head = head * 256 + (i < key.length ? key.charCodeAt(i) : 0);
  }
  return head;
}
