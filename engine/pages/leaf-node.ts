import { defined } from "../base/assert.ts";
import { getUint16, putUint16 } from "../base/bytes.ts";
import type { Bound } from "../base/sorted-map.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { LeafValue, OverflowReference } from "../log/page-change.ts";
import { deservesIndex, firstCandidate, indexOf } from "./key-index.ts";
import type { KeyIndex } from "./key-index.ts";
import {
  cellBytes,
  cellKey,
  cellValue,
  cellValueBytes,
  commonBytes,
  isCellBelow,
  isCellInline,
  isInline,
  leafEntryBytes,
  orderOf,
  viewOf,
  writeCell,
} from "./leaf-cell.ts";

/** Of a leaf or branch: the number of entries. */
export const NODE_OVERHEAD_BYTES = 2;
/** A leaf that grew gets this much room at least: few leaves stay small. */
const GROWTH_BYTES_MIN = 2048;

/**
 * The entries of a leaf, each as one cell of bytes, as on the disk (node-codec.ts). In memory cells lie in
 * any order, behind an array of their offsets in key order: a leaf takes little more memory than its page,
 * whatever the number of its entries, and neither loading nor changing it makes an object for each.
 *
 * Bytes of a cell never change once written, also when its entry is replaced or removed: what was read of
 * a leaf stays as it was read, for as long as anybody keeps it.
 */
export class LeafNode {
  readonly kind = "leaf";
  #cells: Uint8Array;
  /** Where the next cell goes. */
  #end: number;
  #offsets: number[];
  #bytes: number;
  #changes = 0;
  /** Once it was searched often enough since its keys changed. */
  #index: KeyIndex | undefined;
  #searches = 0;

  private constructor(cells: Uint8Array, end: number, offsets: number[], bytes: number) {
    this.#cells = cells;
    this.#end = end;
    this.#offsets = offsets;
    this.#bytes = bytes;
  }

  static empty(): LeafNode {
    return new LeafNode(new Uint8Array(0), 0, [], NODE_OVERHEAD_BYTES);
  }

  /** The leaf in a body, which it takes over; or what is wrong with that. */
  static decode(body: Uint8Array): LeafNode | string {
    const offsets: number[] = [];
    const count = getUint16(body, 0);
    let at = NODE_OVERHEAD_BYTES;
    for (let i = 0; i < count; i += 1) {
      offsets.push(at);
      at += cellBytes(body, at);
      if (at > body.length) {
        return `entry ${i} of the leaf ends outside it`;
      }
    }
    if (at > body.length) {
      return "a leaf that is too short";
    }
    return orderProblem(body, offsets) ?? new LeafNode(body, at, offsets, at);
  }

  get count(): number {
    return this.#offsets.length;
  }

  /** What the encoded body takes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How often it was changed: while this stays the same, so does every index. */
  get changes(): number {
    return this.#changes;
  }

  keyAt(index: number): StoredKey {
    return cellKey(this.#cells, this.#offset(index));
  }

  /** Shares memory with the leaf: whoever keeps it for long takes a copy. */
  valueAt(index: number): LeafValue {
    return cellValue(this.#cells, this.#offset(index));
  }

  entryBytesAt(index: number): number {
    return cellBytes(this.#cells, this.#offset(index));
  }

  /** Length of the value, wherever it lies. */
  valueBytesAt(index: number): number {
    return cellValueBytes(this.#cells, this.#offset(index));
  }

  isInlineAt(index: number): boolean {
    return isCellInline(this.#cells, this.#offset(index));
  }

  keys(): StoredKey[] {
    return Array.from({ length: this.count }, (_, i) => this.keyAt(i));
  }

  /** Values that are not in the leaf itself. */
  references(): OverflowReference[] {
    const found: OverflowReference[] = [];
    for (let i = 0; i < this.count; i += 1) {
      const value = this.valueAt(i);
      if (!isInline(value)) {
        found.push(value);
      }
    }
    return found;
  }

  get(key: StoredKey): LeafValue | undefined {
    const index = this.find(key);
    return index < 0 ? undefined : this.valueAt(index);
  }

  /** The index of a key; of one that is not there `~index` of the first above it. */
  find(key: StoredKey): number {
    if (this.#index !== undefined) {
      return this.#findFrom(firstCandidate(this.#index, key), key);
    }
    this.#searches += 1;
    if (deservesIndex(this.#offsets.length, this.#searches)) {
      this.#index = indexOf(this.keys());
    }
    return this.#findBetween(key);
  }

  /** No key before `start` is it, and few from there on are below it. */
  #findFrom(start: number, key: StoredKey): number {
    const cells = this.#cells;
    for (let at = start; at < this.#offsets.length; at += 1) {
      const offset = this.#offsets[at] ?? 0;
      const order = orderOf(cells, offset, key, commonBytes(cells, offset, key, 0));
      if (order >= 0) {
        return order === 0 ? at : ~at;
      }
    }
    return ~this.#offsets.length;
  }

  /** Binary search. What is known to be common with the keys on both sides is not compared again. */
  #findBetween(key: StoredKey): number {
    const cells = this.#cells;
    const offsets = this.#offsets;
    let low = 0;
    let high = offsets.length;
    let commonBelow = 0;
    let commonAbove = 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const offset = offsets[middle] ?? 0;
      const common = commonBytes(cells, offset, key, Math.min(commonBelow, commonAbove));
      const order = orderOf(cells, offset, key, common);
      if (order === 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
        commonBelow = common;
      } else {
        high = middle;
        commonAbove = common;
      }
    }
    return ~low;
  }

  /** Index of the first entry of a range that begins there. */
  firstIn(low: Bound | undefined): number {
    const index = low === undefined ? 0 : this.find(low.key);
    return index < 0 ? ~index : low?.inclusive === false ? index + 1 : index;
  }

  /** Index of the last entry of a range that ends there; -1 when there is none. */
  lastIn(high: Bound | undefined): number {
    if (high === undefined) {
      return this.count - 1;
    }
    const index = this.find(high.key);
    return index < 0 ? ~index - 1 : high.inclusive ? index : index - 1;
  }

  /** Gives a key a value, or removes it. The leaf may be too large for its page afterwards. */
  set(key: StoredKey, value: LeafValue | undefined): void {
    this.setAt(this.find(key), key, value);
  }

  /** As `set`, with what `find` says of the key. */
  setAt(found: number, key: StoredKey, value: LeafValue | undefined): void {
    this.#changes += 1;
    if (found >= 0) {
      this.#bytes -= this.entryBytesAt(found);
    }
    if (value === undefined) {
      if (found >= 0) {
        this.#forgetIndex();
        this.#offsets.splice(found, 1);
      }
      return;
    }
    const offset = this.#append(key, value);
    this.#bytes += this.#end - offset;
    if (found >= 0) {
      this.#offsets[found] = offset;
    } else {
      this.#forgetIndex();
      this.#offsets.splice(~found, 0, offset);
    }
  }

  /** A leaf with some of the entries. */
  slice(from: number, to: number): LeafNode {
    const offsets = this.#offsets.slice(from, to);
    let bytes = 0;
    for (const offset of offsets) {
      bytes += cellBytes(this.#cells, offset);
    }
    const leaf = new LeafNode(this.#cells, this.#end, offsets, NODE_OVERHEAD_BYTES + bytes);
    leaf.#gather();
    return leaf;
  }

  /** A leaf with the entries of two, all of the first below all of the second. */
  static joined(low: LeafNode, high: LeafNode): LeafNode {
    const joined = low.copy();
    for (let i = 0; i < high.count; i += 1) {
      joined.setAt(~joined.count, high.keyAt(i), high.valueAt(i));
    }
    return joined;
  }

  /** A copy that can be changed without changing the original. */
  copy(): LeafNode {
    return this.slice(0, this.count);
  }

  /** Writes the body into `target`; returns where it ends. */
  encode(target: Uint8Array): number {
    putUint16(target, 0, this.count);
    return this.#copyCells(target, NODE_OVERHEAD_BYTES);
  }

  #forgetIndex(): void {
    this.#index = undefined;
    this.#searches = 0;
  }

  #offset(index: number): number {
    return defined(this.#offsets[index], "entry of a leaf");
  }

  #append(key: StoredKey, value: LeafValue): number {
    const bytes = leafEntryBytes(key, value);
    if (this.#end + bytes > this.#cells.length) {
      this.#gather(bytes);
    }
    const offset = this.#end;
    writeCell(this.#cells, offset, key, value);
    this.#end = offset + bytes;
    return offset;
  }

  /** Puts the cells that are in use in order in new memory, with some room for more. */
  #gather(room = 0): void {
    const used = this.#offsets.reduce((sum, offset) => sum + cellBytes(this.#cells, offset), 0);
    const cells = new Uint8Array(used + Math.max(room, used >>> 1, GROWTH_BYTES_MIN));
    this.#end = this.#copyCells(cells, 0);
    this.#cells = cells;
    let at = 0;
    for (let i = 0; i < this.#offsets.length; i += 1) {
      this.#offsets[i] = at;
      at += cellBytes(cells, at);
    }
  }

  /** In key order. Cells that lie in order already are copied together. Returns where they end. */
  #copyCells(target: Uint8Array, start: number): number {
    const cells = this.#cells;
    let at = start;
    let from = 0;
    let to = 0;
    for (const offset of this.#offsets) {
      if (offset !== to) {
        target.set(viewOf(cells, from, to), at);
        at += to - from;
        from = offset;
      }
      to = offset + cellBytes(cells, offset);
    }
    target.set(viewOf(cells, from, to), at);
    return at + to - from;
  }
}

/** Binary search would go astray in a leaf that is out of order, and find nothing wrong. */
function orderProblem(cells: Uint8Array, offsets: readonly number[]): string | undefined {
  for (let i = 1; i < offsets.length; i += 1) {
    if (!isCellBelow(cells, offsets[i - 1] ?? 0, offsets[i] ?? 0)) {
      return `key ${i} is not above the one before it`;
    }
  }
  return undefined;
}
