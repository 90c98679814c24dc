import { describe, expect, test } from "vitest";
import { Database } from "../engine/database.ts";
import { asyncPolicy, batchPolicy, osPolicy, syncPolicy } from "../engine/log/sync-policies.ts";
import type { SyncPolicy, SyncPolicyState } from "../engine/log/sync-policy.ts";
import { PrngChoices } from "../sim/core/choices.ts";
import { untyped } from "./support/outcomes.ts";
import { goOn, VirtualStore } from "./support/virtual-store.ts";

/** Syncs every third commit, and acknowledges there. */
function everyThird(): SyncPolicy {
  return {
    name: "every third",
    acknowledgeAt: "synced",
    promise: {
      process: { kind: "nothing" },
      os: { kind: "nothing" },
      power: { kind: "nothing" },
    },
    decide: ({ unsynced, buffered, writeInFlight, syncInFlight }) => {
      const due = unsynced.commits >= 3 && !writeInFlight && !syncInFlight;
      return { write: due && buffered.commits > 0, sync: due && buffered.commits === 0 };
    },
  };
}

test("a caller's own policy says when to write and to sync", async () => {
  const store = new VirtualStore();
  const db = await store.open({ syncPolicy: everyThird() });
  const acknowledged: number[] = [];
  const put = (number: number): void => {
    void db.put(`k${number}`, number).then(() => acknowledged.push(number));
  };
  put(1);
  put(2);
  await store.settle();
  expect([acknowledged, db.stats().unsyncedCommits]).toEqual([[], 2]);
  put(3);
  await store.settle();
  expect([acknowledged, db.stats().unsyncedCommits]).toEqual([[1, 2, 3], 0]);
  store.crash();
  expect(await store.entries(await store.open())).toHaveLength(3);
});

test("db.sync and commit({ sync: true }) do not wait for the policy", async () => {
  const store = new VirtualStore();
  const db = await store.open({ syncPolicy: everyThird() });
  await store.run(async () => {
    await db.put("a", 0, { sync: true });
    const first = db.put("a", 1);
    await goOn();
    expect(db.stats().lastCommitNumber).toBe(2);
    await db.sync();
    await first;
    await db.put("b", 2, { sync: true });
  });
  store.crash();
  expect(await store.entries(await store.open())).toHaveLength(2);
});

test("a policy sees what waits where", async () => {
  const seen: SyncPolicyState[] = [];
  const policy: SyncPolicy = {
    ...syncPolicy(),
    decide: (state) => {
      seen.push(state);
      return syncPolicy().decide(state);
    },
  };
  const store = new VirtualStore();
  const db = await store.open({ syncPolicy: policy });
  await store.run(() => db.put("a", 0));
  await store.settle();
  seen.length = 0;
  await store.run(() => db.put("a", 1));
  await store.settle();
  const [first] = seen;
  expect(first).toMatchObject({
    buffered: { commits: 1, oldestMs: first?.nowMs },
    unsynced: { commits: 1 },
    syncableBytes: 0,
    writeInFlight: false,
    syncInFlight: false,
  });
  expect(seen.some(({ writeInFlight }) => writeInFlight)).toBe(false);
  expect(seen.at(-1)).toMatchObject({ unsynced: { commits: 0 }, syncableBytes: 0 });
});

/** Opens with a policy that the types would not let through. */
async function openWith(store: VirtualStore, syncPolicy: unknown): Promise<Database> {
  const db: unknown = await untyped(store, "open", { syncPolicy })();
  if (db instanceof Database) {
    return db;
  }
  throw new Error("that was no store");
}

describe.each<[string, () => unknown]>([
  [
    "throws",
    () => {
      throw new Error("a bug of the policy");
    },
  ],
  ["decides nothing", () => undefined],
  ["decides nonsense", () => ({ write: "yes", sync: 7, wakeAtMs: Number.NaN })],
])("a policy that %s", (_, nonsense) => {
  test("stops the store with a typed error, and nothing is lost", async () => {
    const state = { broken: false };
    const good = osPolicy();
    const policy = {
      ...good,
      decide: (given: SyncPolicyState) => (state.broken ? nonsense() : good.decide(given)),
    };
    const store = new VirtualStore();
    const db = await openWith(store, policy);
    await store.run(() => db.put("before", 1));
    state.broken = true;
    await expect(store.run(() => db.put("during", 1))).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
    });
    await expect(store.run(() => db.get("before"))).rejects.toMatchObject({ code: "CLOSED" });
    await store.settle();
    await store.run(() => db.close());
    expect(await store.entries(await store.open())).toContainEqual(["before", 1]);
  });
});

const POLICIES: readonly SyncPolicy[] = [
  syncPolicy(),
  batchPolicy(),
  batchPolicy({ commits: 2, bytes: 300, delayMs: 0 }),
  batchPolicy({ commits: 1000, delayMs: 1.7 }),
  asyncPolicy(),
  asyncPolicy({ intervalMs: 1, bytes: 700 }),
  asyncPolicy({ intervalMs: 0, bytes: 1 }),
  osPolicy(),
];

/** Clients that commit at their own pace, now and then with a sync between. */
async function clients(store: VirtualStore, db: Database, seed: string): Promise<number> {
  const choices = new PrngChoices(seed);
  let commits = 0;
  const client = async (id: number): Promise<void> => {
    for (let number = 0; number < 12; number += 1) {
      const sync = choices.below(8) === 0;
      await db.put(`${id} ${number}`, "v".repeat(choices.below(400)), { sync });
      commits += 1;
      if (choices.below(6) === 0) {
        await db.sync();
      }
      if (choices.below(3) === 0) {
        await new Promise<void>((resolve) => {
          store.clock.setTimer(choices.below(5000) / 1000, resolve);
        });
      }
    }
  };
  await Promise.all([client(1), client(2), client(3)]);
  return commits;
}

describe.each(POLICIES.map((policy, index) => [`${policy.name} (${index})`, policy] as const))(
  "under %s",
  (_, syncPolicy) => {
    test.each(["a", "b", "c", "d"])("no commit waits for ever: seed %s", async (seed) => {
      const store = new VirtualStore({ seed });
      const db = await store.open({ syncPolicy, segmentBytes: 1536, batchBytesMax: 600 });
      expect(await store.run(() => clients(store, db, seed))).toBe(36);
      await store.run(() => db.close());
      store.crash();
      expect(await store.entries(await store.open())).toHaveLength(36);
    });
  },
);

test("under os, files and counts do not pile up with the commits that nobody syncs", async () => {
  const store = new VirtualStore();
  const db = await store.open({ syncPolicy: "os", segmentBytes: 1024 });
  await store.run(async () => {
    for (let number = 0; number < 60; number += 1) {
      await db.put("k", "v".repeat(300));
    }
  });
  await store.settle();
  expect(store.openFiles()).toBeLessThan(20);
});
