import { defined } from "../base/assert.ts";
import { firstAtOrAfter, isAbove } from "../base/sorted-map.ts";
import type { KeyRange, MapEntry } from "../base/sorted-map.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { StoredValue } from "../data/value-codec.ts";

/** What a transaction will do to a key: `value` undefined removes it. */
export interface PendingWrite {
  readonly key: StoredKey;
  readonly value: StoredValue | undefined;
}

/** What a write takes beside its key and value, roughly. */
const ENTRY_BYTES = 100;

/** The writes of one transaction, seen by nobody else until it commits. The last write to a key counts. */
export class WriteSet {
  readonly #writes = new Map<StoredKey, PendingWrite>();
  /** In key order; undefined when a key was added since it was made. */
  #sorted: StoredKey[] | undefined = [];

  #bytes = 0;

  get size(): number {
    return this.#writes.size;
  }

  /** About what it takes in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: StoredKey): PendingWrite | undefined {
    return this.#writes.get(key);
  }

  set(key: StoredKey, value: StoredValue | undefined): void {
    const old = this.#writes.get(key);
    if (old === undefined) {
      this.#insert(key);
      this.#bytes += ENTRY_BYTES + key.length;
    }
    this.#bytes += (value?.length ?? 0) - (old?.value?.length ?? 0);
    this.#writes.set(key, { key, value });
  }

  /** Takes a write out, unless the key was written again since. */
  remove(write: PendingWrite): void {
    const { key } = write;
    if (this.#writes.get(key) === write) {
      this.#writes.delete(key);
      this.#bytes -= ENTRY_BYTES + key.length + (write.value?.length ?? 0);
      if (this.#sorted?.[0] === key) {
        this.#sorted.shift();
      } else {
        this.#sorted = undefined;
      }
    }
  }

  keys(): IterableIterator<StoredKey> {
    return this.#writes.keys();
  }

  /** All writes, in key order. */
  inOrder(): PendingWrite[] {
    return this.#keys().map((key) => this.#at(key));
  }

  /** Some of the writes, those with the lowest keys first. */
  first(count: number): PendingWrite[] {
    return this.#keys()
      .slice(0, count)
      .map((key) => this.#at(key));
  }

  /** The writes inside a range, in ascending key order. */
  range(range: KeyRange): MapEntry<PendingWrite>[] {
    const keys = this.#keys();
    const found: MapEntry<PendingWrite>[] = [];
    const start = range.low === undefined ? 0 : firstAtOrAfter(keys, range.low);
    for (const key of keys.slice(start)) {
      if (isAbove(key, range.high)) {
        break;
      }
      found.push([key, this.#at(key)]);
    }
    return found;
  }

  #at(key: StoredKey): PendingWrite {
    return defined(this.#writes.get(key), "write");
  }

  #insert(key: StoredKey): void {
    const sorted = this.#sorted;
    const last = sorted?.at(-1);
    if (sorted !== undefined && (last === undefined || last < key)) {
      sorted.push(key);
    } else {
      this.#sorted = undefined;
    }
  }

  #keys(): StoredKey[] {
    // By code unit, which for byte strings is memcmp order.
    this.#sorted ??= [...this.#writes.keys()].toSorted();
    return this.#sorted;
  }
}
