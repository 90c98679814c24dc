import { open, type SyncPolicyName } from "../../../engine/platform/node/index.ts";
import type { OpenStore } from "../store.ts";

/** `relaxed` is the policy for workloads that do not ask for durability. */
export function seawallWith(relaxed: SyncPolicyName): OpenStore {
  return async (directory, { durable }) => {
    const db = await open(directory, { syncPolicy: durable ? "sync" : relaxed });
    return {
      put: (key, value) => db.put(key, value),
      putBatch: (puts) =>
        db.batch(puts.map(({ key, value }) => ({ type: "put" as const, key, value }))),
      get: (key) => db.get(key),
      getSync: undefined,
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
