import type { MapEntry, RangeRead } from "../base/sorted-map.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { StoredValue } from "../data/value-codec.ts";

/**
 * The newest state of every key, committed or being committed: what the log's records are applied to.
 * Knows nothing of transactions, snapshots or durability.
 */
export interface StorageManager {
  readonly size: number;

  get(key: StoredKey): StoredValue | undefined;

  /** Gives a key a value, or removes it. The value is shared, never changed. */
  apply(key: StoredKey, value: StoredValue | undefined): void;

  /** At most `limit` entries of a range, in key order from its low end, or from its high end. */
  read(range: RangeRead): MapEntry<StoredValue>[];
}
