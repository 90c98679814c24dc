import { expect, test } from "vitest";
import type { Database } from "../engine/database.ts";
import { codeOf } from "./support/outcomes.ts";
import { VirtualStore } from "./support/virtual-store.ts";

const NO_SPACE: unknown = expect.objectContaining({ code: "NO_SPACE" });

/** Puts until a put is refused; returns how many were not. */
async function putUntilFull(store: VirtualStore, db: Database): Promise<number> {
  for (let count = 0; ; count += 1) {
    const key = `k${String(count).padStart(4, "0")}`;
    const code = await codeOf(() => store.run(() => db.put(key, "v".repeat(300))));
    if (code === "NO_SPACE") {
      return count;
    }
    expect(code).toBe("done");
  }
}

interface Full {
  readonly store: VirtualStore;
  readonly db: Database;
  readonly count: number;
}

/** A store that has used up its disk. */
async function fullStore(): Promise<Full> {
  const store = new VirtualStore({ profile: "ext4-ordered" });
  const db = await store.open({ pageBytes: 4096 });
  await store.settle();
  store.disk.capacityBytes = store.disk.usedBytes + 60_000;
  const count = await putUntilFull(store, db);
  expect(count).toBeGreaterThan(10);
  return { store, db, count };
}

test("a commit without room is refused, nothing of it is there, and reads go on", async () => {
  const { store, db, count } = await fullStore();
  const entries = await store.entries(db);
  expect(entries).toHaveLength(count);
  expect(await store.run(() => db.get("k0000"))).toBe("v".repeat(300));
  expect(db.stats().lastCommitNumber).toBe(count);
});

test("the refusal is a plain one: later commits go on with the next number", async () => {
  const { store, db, count } = await fullStore();
  const tx = db.begin();
  // More than what is left of the log and of the pages, whichever of them was full.
  await store.run(() => tx.put("k0000", "v".repeat(6000)));
  await expect(store.run(() => tx.commit())).rejects.toEqual(NO_SPACE);
  expect(tx.commitNumber).toBeUndefined();
  await expect(store.run(() => tx.commit())).rejects.toMatchObject({ code: "TRANSACTION" });
  store.disk.capacityBytes += 100_000;
  const receipt = await store.run(() => db.put("again", 1));
  expect(receipt.commitNumber).toBe(count + 1);
  expect(await store.entries(db, { gte: "again", lt: "k" })).toEqual([["again", 1]]);
});

test("a disk that was full and has room again holds every commit that was acknowledged", async () => {
  const { store, db, count } = await fullStore();
  store.disk.capacityBytes += 60_000;
  await putUntilFull(store, db);
  store.disk.capacityBytes += 60_000;
  await store.run(() => db.put("last", 1));
  const before = await store.entries(db);
  expect(before.length).toBeGreaterThan(count);
  store.crash();
  expect(await store.entries(await store.open())).toEqual(before);
});

test("a full store can be closed, and opened again as often as one likes without more room", async () => {
  const { store, db, count } = await fullStore();
  await store.run(() => db.close());
  for (let round = 0; round < 5; round += 1) {
    const reopened = await store.open();
    expect(await store.entries(reopened)).toHaveLength(count);
    if (round % 2 === 0) {
      await store.run(() => reopened.close());
    } else {
      store.crash();
    }
  }
});

test("a full log has room to say that it is durable: its end is not copied by the next open", async () => {
  const store = new VirtualStore({ profile: "ext4-ordered" });
  const options = {
    pageBytes: 4096,
    segmentBytes: 32_768,
    syncPolicy: "os",
  } as const;
  const db = await store.open(options);
  await store.run(() => db.put("key", -1));
  await store.settle();
  store.disk.capacityBytes = store.disk.usedBytes;
  let count = 0;
  while ((await codeOf(() => store.run(() => db.put("key", count)))) === "done") {
    count += 1;
  }
  expect(count).toBeGreaterThan(50);
  await store.run(() => db.close());
  for (let round = 0; round < 5; round += 1) {
    const reopened = await store.open(options);
    expect(await store.entries(reopened)).toEqual([["key", count - 1]]);
    expect(reopened.recovery.rewrittenBytes).toBeLessThanOrEqual(512);
    await store.run(() => reopened.close());
  }
});

test("a crash while the disk is full loses nothing that was acknowledged", async () => {
  const { store, count } = await fullStore();
  store.crash();
  store.disk.capacityBytes += 10_000;
  expect(await store.entries(await store.open())).toHaveLength(count);
});

test("making a store without room is refused, and works once there is room", async () => {
  const store = new VirtualStore({ profile: "ext4-ordered" });
  store.disk.capacityBytes = 1000;
  await expect(store.open()).rejects.toEqual(NO_SPACE);
  store.disk.capacityBytes = 100_000;
  const db = await store.open();
  expect(db.recovery.created).toBe(true);
});

test("half-written files of a crash on a full disk do not keep the room for ever", async () => {
  const { store, db } = await fullStore();
  store.fault(({ kind }) => (kind === "unlink" ? { kind: "error", code: "EIO" } : undefined));
  await putUntilFull(store, db);
  store.fault(undefined);
  store.crash("process");
  store.disk.capacityBytes = store.disk.usedBytes + 40_000;
  const reopened = await store.open();
  await store.settle();
  const odd = store.disk.files().filter(({ path, bytes }) => path.endsWith(".log") && bytes < 4096);
  expect(odd).toEqual([]);
  expect(await store.run(() => reopened.put("more", 1))).toBeDefined();
});
