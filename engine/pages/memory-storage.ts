import { SortedMap } from "../base/sorted-map.ts";
import type { MapEntry, RangeRead } from "../base/sorted-map.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { StoredValue } from "../data/value-codec.ts";
import type { StorageManager } from "./storage-manager.ts";

/** Keeps everything in memory; recovery rebuilds it from the log. */
export class MemoryStorage implements StorageManager {
  readonly #entries = new SortedMap<StoredValue>();

  get size(): number {
    return this.#entries.size;
  }

  get(key: StoredKey): StoredValue | undefined {
    return this.#entries.get(key);
  }

  apply(key: StoredKey, value: StoredValue | undefined): void {
    if (value === undefined) {
      this.#entries.delete(key);
    } else {
      this.#entries.set(key, value);
    }
  }

  read(range: RangeRead): MapEntry<StoredValue>[] {
    return this.#entries.read(range);
  }
}
