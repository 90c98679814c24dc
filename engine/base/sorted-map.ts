import { assert, defined } from "./assert.ts";

/** Entries of one stretch of the key space, in key order. */
interface Leaf<V> {
  keys: string[];
  values: V[];
}

/** Where a range read begins and ends. Undefined: at the end of the key space. */
export interface KeyRange {
  readonly low?: Bound | undefined;
  readonly high?: Bound | undefined;
}

export interface Bound {
  readonly key: string;
  readonly inclusive: boolean;
}

export interface RangeRead extends KeyRange {
  readonly reverse: boolean;
  readonly limit: number;
}

export type MapEntry<V> = readonly [key: string, value: V];

const LEAF_KEYS_MAX = 64;

/** A map ordered by key (byte strings, so memcmp order), for ranges. */
export class SortedMap<V> {
  readonly #leaves: Leaf<V>[] = [{ keys: [], values: [] }];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    const leaf = this.#leafFor(key);
    const index = lowerBound(leaf.keys, key);
    return leaf.keys[index] === key ? leaf.values[index] : undefined;
  }

  set(key: string, value: V): void {
    const leafIndex = this.#leafIndexFor(key);
    const leaf = this.#leaf(leafIndex);
    const index = lowerBound(leaf.keys, key);
    if (leaf.keys[index] === key) {
      leaf.values[index] = value;
      return;
    }
    leaf.keys.splice(index, 0, key);
    leaf.values.splice(index, 0, value);
    this.#size += 1;
    if (leaf.keys.length > LEAF_KEYS_MAX) {
      this.#split(leafIndex);
    }
  }

  delete(key: string): boolean {
    const leafIndex = this.#leafIndexFor(key);
    const leaf = this.#leaf(leafIndex);
    const index = lowerBound(leaf.keys, key);
    if (leaf.keys[index] !== key) {
      return false;
    }
    leaf.keys.splice(index, 1);
    leaf.values.splice(index, 1);
    this.#size -= 1;
    if (leaf.keys.length === 0 && this.#leaves.length > 1) {
      this.#leaves.splice(leafIndex, 1);
    }
    return true;
  }

  /** The entries of the range, in key order. */
  read(range: KeyRange): MapEntry<V>[] {
    const found: MapEntry<V>[] = [];
    let leafIndex = range.low === undefined ? 0 : this.#leafIndexFor(range.low.key);
    let index = range.low === undefined ? 0 : firstAtOrAfter(this.#leaf(leafIndex).keys, range.low);
    for (; leafIndex < this.#leaves.length; leafIndex += 1, index = 0) {
      const leaf = this.#leaf(leafIndex);
      for (; index < leaf.keys.length; index += 1) {
        const key = defined(leaf.keys[index], "key");
        if (isAbove(key, range.high)) {
          return found;
        }
        found.push([key, valueAt(leaf, index)]);
      }
    }
    return found;
  }

  #leaf(index: number): Leaf<V> {
    return defined(this.#leaves[index], "leaf");
  }

  #leafFor(key: string): Leaf<V> {
    return this.#leaf(this.#leafIndexFor(key));
  }

  /** The last leaf whose first key is not above the key. */
  #leafIndexFor(key: string): number {
    let low = 0;
    let high = this.#leaves.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      const first = this.#leaf(middle).keys[0];
      if (first !== undefined && first <= key) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  #split(leafIndex: number): void {
    const leaf = this.#leaf(leafIndex);
    const half = leaf.keys.length >>> 1;
    const upper = { keys: leaf.keys.splice(half), values: leaf.values.splice(half) };
    this.#leaves.splice(leafIndex + 1, 0, upper);
  }
}

function valueAt<V>(leaf: Leaf<V>, index: number): V {
  const value = leaf.values[index];
  assert(value !== undefined, "a sorted map holds no undefined values");
  return value;
}

/** Index of the first key that is not below `key`. */
export function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const middleKey = keys[middle];
    if (middleKey !== undefined && middleKey < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Index of the first key inside a low bound. */
export function firstAtOrAfter(keys: readonly string[], bound: Bound): number {
  const index = lowerBound(keys, bound.key);
  return keys[index] === bound.key && !bound.inclusive ? index + 1 : index;
}

export function isAbove(key: string, high: Bound | undefined): boolean {
  return high !== undefined && (high.inclusive ? key > high.key : key >= high.key);
}

export function isBelow(key: string, low: Bound | undefined): boolean {
  return low !== undefined && (low.inclusive ? key < low.key : key <= low.key);
}
