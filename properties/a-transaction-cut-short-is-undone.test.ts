import { expect, test } from "vitest";
import { Database } from "../engine/database.ts";
import type { Fault } from "../sim/disk/disk-faults.ts";
import { codeOf } from "./support/outcomes.ts";
import { VirtualStore } from "./support/virtual-store.ts";

// Every record a batch of its own, so that one transaction lies in several and a power cut can part them.
const OPTIONS = { segmentBytes: 65_536, batchBytesMax: 64, syncPolicy: "os" } as const;

const BEFORE = [
  ["changed", "before"],
  ["gone", "before"],
];

const VALUE = "x".repeat(100);

/**
 * A store that lost the last batches of a transaction which changed, made and removed keys. The first
 * `kept` of its five records are on the disk.
 */
async function cutShort(kept: number): Promise<VirtualStore> {
  const store = new VirtualStore();
  const db = await store.open(OPTIONS);
  await store.run(async () => {
    await db.batch([
      { type: "put", key: "changed", value: "before" },
      { type: "put", key: "gone", value: "before" },
    ]);
    await db.sync();
    // Nothing but what follows is in danger then.
    store.writeBack();
    await db.batch([
      { type: "put", key: "changed", value: VALUE },
      { type: "delete", key: "gone" },
      { type: "put", key: "made", value: VALUE },
    ]);
  });
  await store.settle();
  store.crash("power", { kind: "prefix", units: kept });
  return store;
}

test.each([0, 1, 2, 3, 4])(
  "with its first %d records on the disk it never happened",
  async (kept) => {
    const store = await cutShort(kept);
    const db = await store.open(OPTIONS);
    expect(await store.entries(db)).toEqual(BEFORE);
    expect(db.recovery).toMatchObject({
      lastCommitNumber: 1,
      transactionsUndone: kept === 0 ? 0 : 1,
      changesUndone: Math.max(0, kept - 1),
    });
  },
);

test("with all of its records on the disk it happened", async () => {
  const store = await cutShort(5);
  const db = await store.open(OPTIONS);
  expect(await store.entries(db)).toEqual([
    ["changed", VALUE],
    ["made", VALUE],
  ]);
  expect(db.recovery).toMatchObject({ lastCommitNumber: 2, transactionsUndone: 0 });
});

test("what was undone is in the log: the next recovery has nothing to undo", async () => {
  const store = await cutShort(4);
  await store.open(OPTIONS);
  store.crash();
  const db = await store.open(OPTIONS);
  expect(db.recovery).toMatchObject({ transactionsUndone: 0, changesUndone: 0 });
  expect(await store.entries(db)).toEqual(BEFORE);
});

test("a later commit is not undone with it", async () => {
  const store = await cutShort(4);
  const db = await store.open(OPTIONS);
  await store.run(() => db.put("changed", "later", { sync: true }));
  for (let life = 0; life < 3; life += 1) {
    store.crash();
    const reopened = await store.open(OPTIONS);
    expect(await store.entries(reopened)).toEqual([
      ["changed", "later"],
      ["gone", "before"],
    ]);
    expect(reopened.recovery.lastCommitNumber).toBe(2);
  }
});

test("its commit number and its place are taken by the next commit", async () => {
  const store = await cutShort(4);
  const db = await store.open(OPTIONS);
  expect(await store.run(() => db.put("k", 1))).toMatchObject({ commitNumber: 2 });
});

test("an undo that dies at any step, again and again, ends in the same state", async () => {
  const original = await cutShort(4);
  const found = new Set<string>();
  let finished = false;
  for (let steps = 1; !finished; steps += 1) {
    const store = original.fork();
    finished = await store.runSteps(steps, () => Database.open(store.options(OPTIONS)));
    for (const kind of ["none", "all"] as const) {
      const once = store.fork();
      once.crash("power", { kind });
      await once.runSteps(steps, () => Database.open(once.options(OPTIONS)));
      once.crash("power", { kind: "prefix", units: 1 });
      const db = await once.open(OPTIONS);
      const { lastCommitNumber } = db.recovery;
      found.add(JSON.stringify([lastCommitNumber, await once.entries(db)]));
    }
  }
  expect([...found]).toEqual([JSON.stringify([1, BEFORE])]);
});

test("an undo on a full disk is done, or refused with NO_SPACE and done once there is room", async () => {
  const store = await cutShort(4);
  store.fault(({ kind }): Fault | undefined =>
    kind === "preallocate" ? { kind: "error", code: "ENOSPC" } : undefined,
  );
  const small = { ...OPTIONS, segmentBytes: 1024 };
  const opened = await codeOf(async () => {
    const db = await store.open(small);
    await store.run(() => db.close());
  });
  expect(["done", "NO_SPACE"]).toContain(opened);
  store.fault(undefined);
  expect(await store.entries(await store.open(small))).toEqual(BEFORE);
});
