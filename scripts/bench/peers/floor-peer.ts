import fs from "node:fs";
import path from "node:path";
import { keyOf, Values } from "../records.ts";
import type { OpenStore, Store, StoreNeeds } from "../store.ts";
import { FloorFile, replayFloorFile } from "./floor-file.ts";
import { Gathering } from "./gathering.ts";

/**
 * No store: reads come from a plain Map, writes go to a preallocated file. What a real store needs beyond
 * this is its own work; what it cannot have is more than this.
 */
export const openFloor: OpenStore = async (directory, needs) => {
  const crashed = needs.logBytes > 0 && fs.existsSync(path.join(directory, "floor.log"));
  const map = crashed ? replayFloorFile(directory) : filled(needs.keys);
  const file = crashed || needs.readOnly ? undefined : new FloorFile(directory);
  return Promise.resolve(floorOver(map, file, needs));
};

function floorOver(
  map: Map<string, Buffer>,
  file: FloorFile | undefined,
  { durable }: StoreNeeds,
): Store {
  const keys = [...map.keys()];
  const gathering = new Gathering((puts) => file?.appendDurably(puts));
  return {
    put: async (key, value) => {
      if (durable) {
        return gathering.put({ key, value });
      }
      file?.appendOne(key, value);
      return undefined;
    },
    putBatch: (puts) => file?.append(puts),
    get: async (key) => Promise.resolve(map.get(key)),
    getSync: (key) => map.get(key),
    scan: (from, limit) => {
      let entries = 0;
      for (let at = lowerBound(keys, from); at < keys.length && entries < limit; at += 1) {
        entries += map.has(keys[at] ?? "") ? 1 : 0;
      }
      return entries;
    },
    settle: () => undefined,
    close: () => {
      file?.close();
      return undefined;
    },
  };
}

/** In key order, as `keyOf` makes them. */
function filled(keys: number): Map<string, Buffer> {
  const values = new Values("floor");
  const map = new Map<string, Buffer>();
  for (let index = 0; index < keys; index += 1) {
    // A copy each: shared values would fit the processor's cache as no store's values do.
    map.set(keyOf(index), Buffer.from(values.of(index)));
  }
  return map;
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? "") < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
