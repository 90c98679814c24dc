import { defined } from "../../engine/base/assert.ts";
import type { ScanStep } from "./client-program.ts";

/** Half-open range of ranks. */
export interface RankRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The keys of a run in the store's order. Programs name keys by index; everything that compares states
 * names them by rank, so that a state is an array and a range is two numbers.
 */
export class Keyspace {
  readonly size: number;
  private readonly keyByRank: (string | Uint8Array)[] = [];
  private readonly nameByRank: string[] = [];
  private readonly rankByIndex: number[] = [];
  private readonly rankByName = new Map<string, number>();

  constructor(keys: readonly string[], form: "text" | "bytes") {
    this.size = keys.length;
    const order = keys.map((name, index) => ({ name, index, points: Array.from(name) }));
    order.sort((a, b) => comparePoints(a.points, b.points));
    for (const [rank, { name, index }] of order.entries()) {
      this.keyByRank.push(form === "text" ? name : bytesOf(name));
      this.nameByRank.push(name);
      this.rankByIndex[index] = rank;
      this.rankByName.set(name, rank);
    }
  }

  rankOf(index: number): number {
    return defined(this.rankByIndex[index], `key ${index} of the scenario`);
  }

  /** What the store is given. */
  key(rank: number): string | Uint8Array {
    return defined(this.keyByRank[rank], `key of rank ${rank}`);
  }

  /** The rank of a key that the store returned; undefined for one that is not in the key space. */
  rankOfKey(key: unknown): number | undefined {
    return this.rankByName.get(key instanceof Uint8Array ? nameOf(key) : String(key));
  }

  describe(rank: number): string {
    return JSON.stringify(this.nameByRank[rank] ?? `rank ${rank}`);
  }

  /** Which ranks a scan covers. */
  range(scan: ScanStep): RankRange {
    let from = 0;
    let to = this.size;
    if (scan.gte !== undefined) {
      from = Math.max(from, this.rankOf(scan.gte));
    }
    if (scan.gt !== undefined) {
      from = Math.max(from, this.rankOf(scan.gt) + 1);
    }
    if (scan.lte !== undefined) {
      to = Math.min(to, this.rankOf(scan.lte) + 1);
    }
    if (scan.lt !== undefined) {
      to = Math.min(to, this.rankOf(scan.lt));
    }
    return { from, to };
  }
}

/**
 * The order of UTF-8 bytes is the order of code points; the order of JavaScript strings is not, because
 * a surrogate pair starts with a smaller unit than the last characters of the basic plane.
 */
function comparePoints(a: readonly string[], b: readonly string[]): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = (a[index]?.codePointAt(0) ?? 0) - (b[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return a.length - b.length;
}

function bytesOf(name: string): Uint8Array {
  return Uint8Array.from(name, (character) => character.codePointAt(0) ?? 0);
}

function nameOf(key: Uint8Array): string {
  let name = "";
  for (const byte of key) {
    name += String.fromCodePoint(byte);
  }
  return name;
}
