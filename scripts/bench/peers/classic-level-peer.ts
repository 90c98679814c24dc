import { ClassicLevel } from "classic-level";
import type { OpenStore } from "../store.ts";

/** LevelDB. Its own way to read much is `nextv`: many entries for each hop through the thread pool. */
const SCAN_CHUNK = 1000;

export const openClassicLevel: OpenStore = async (directory, { durable, logBytes }) => {
  const db = new ClassicLevel<string, Buffer>(directory, {
    keyEncoding: "utf8",
    valueEncoding: "buffer",
    // The log is turned into a table when it is as large as the write buffer: twice the size keeps all of it.
    ...(logBytes === 0 ? {} : { writeBufferSize: logBytes * 2 }),
  });
  await db.open();
  const options = { sync: durable };
  return {
    put: (key, value) => db.put(key, value, options),
    putBatch: (puts) =>
      db.batch(
        puts.map(({ key, value }) => ({ type: "put" as const, key, value })),
        options,
      ),
    get: (key) => db.get(key),
    getSync: (key) => db.getSync(key),
    scan: async (gte, limit) => {
      const iterator = db.iterator({ gte, limit });
      let entries = 0;
      let found = await iterator.nextv(Math.min(SCAN_CHUNK, limit));
      while (found.length > 0) {
        entries += found.length;
        found = entries < limit ? await iterator.nextv(SCAN_CHUNK) : [];
      }
      await iterator.close();
      return entries;
    },
    settle: () => db.compactRange("", "~"),
    close: () => db.close(),
  };
};
