import type { KeyRange } from "../base/sorted-map.ts";
import type { StoredKey } from "../data/key-codec.ts";

/** What a transaction's outcome depends on: keys it looked up and ranges it walked, found or empty. */
export class ReadSet {
  readonly keys: Set<StoredKey> = new Set<StoredKey>();
  readonly ranges: KeyRange[] = [];

  addKey(key: StoredKey): void {
    this.keys.add(key);
  }

  addRange(range: KeyRange): void {
    this.ranges.push(range);
  }
}
