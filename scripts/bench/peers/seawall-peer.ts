import { NOT_CACHED, open, type SyncPolicyName } from "../../../engine/platform/node/index.ts";
import type { OpenStore } from "../store.ts";

/** A million keys of 116 bytes fit. The peers map or cache what the system lets them. */
const CACHE_BYTES = 256 * 1024 * 1024;

/** `relaxed` is the policy for workloads that do not ask for durability. */
export function seawallWith(relaxed: SyncPolicyName): OpenStore {
  return async (directory, { durable, logBytes }) => {
    const db = await open(directory, {
      syncPolicy: durable ? "sync" : relaxed,
      cacheBytes: CACHE_BYTES,
      ...(logBytes === 0 ? {} : { checkpointBytes: logBytes * 8 }),
    });
    return {
      put: (key, value) => db.put(key, value),
      putBatch: (puts) =>
        db.batch(puts.map(({ key, value }) => ({ type: "put" as const, key, value }))),
      get: (key) => db.get(key),
      getSyncMisses: true,
      getSync: (key) => {
        const value = db.getSync(key);
        return value === NOT_CACHED ? undefined : value;
      },
      scan: async (gte, limit) => {
        let entries = 0;
        for await (const { value } of db.scan({ gte, limit })) {
          entries += value === undefined ? 0 : 1;
        }
        return entries;
      },
      settle: () => undefined,
      close: () => db.close(),
    };
  };
}
