import { open } from "lmdb";
import type { OpenStore } from "../store.ts";

export const openLmdb: OpenStore = async (directory, { durable }) => {
  const db = open<Buffer, string>(directory, {
    encoding: "binary",
    noSync: !durable,
    // With overlapping syncs a put resolves once it is visible, which is before it survives a power cut.
    overlappingSync: false,
  });
  return Promise.resolve({
    put: (key, value) => db.put(key, value),
    putBatch: (puts) =>
      db.transaction(() => {
        for (const { key, value } of puts) {
          void db.put(key, value);
        }
      }),
    get: (key) => db.getAsync(key),
    getSync: (key) => db.getBinary(key),
    scan: (start, limit) => {
      let entries = 0;
      for (const { value } of db.getRange({ start, limit })) {
        entries += value.length > 0 ? 1 : 0;
      }
      return entries;
    },
    settle: () => undefined,
    close: () => db.close(),
  });
};
