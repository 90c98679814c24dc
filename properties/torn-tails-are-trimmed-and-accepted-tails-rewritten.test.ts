import { describe, expect, test } from "vitest";
import { Database } from "../engine/database.ts";
import type { CrashStyle } from "../sim/disk/crash-style.ts";
import { VirtualStore } from "./support/virtual-store.ts";

const OS = { syncPolicy: "os", segmentBytes: 8192 } as const;

/** A store with one durable commit, and three that the system has and the disk does not. */
async function withUnsyncedTail(): Promise<{ store: VirtualStore; db: Database }> {
  const store = new VirtualStore();
  const db = await store.open(OS);
  await store.run(async () => {
    await db.put("durable", 0, { sync: true });
    // Nothing but what follows is in danger then.
    store.writeBack();
    for (const number of [1, 2, 3]) {
      await db.put(`k${number}`, number);
    }
  });
  await store.settle();
  return { store, db };
}

const only = (index: number): CrashStyle => ({ kind: "only", scope: "operation", index });
const allBut = (index: number): CrashStyle => ({ kind: "all-but", scope: "operation", index });

describe("a power cut that keeps", () => {
  test.each<[string, CrashStyle, number, string, number]>([
    ["nothing", { kind: "none" }, 0, "end", 0],
    ["everything", { kind: "all" }, 3, "end", 0],
    ["the first un-synced write", only(0), 1, "end", 0],
    ["only the second", only(1), 0, "torn", 1],
    ["only the third", only(2), 0, "torn", 1],
    ["all but the first", allBut(0), 0, "torn", 2],
    ["all but the second", allBut(1), 1, "torn", 1],
  ])("%s leaves a prefix", async (...row) => {
    const [, style, kept, kind, batchesTrimmed] = row;
    const { store } = await withUnsyncedTail();
    store.crash("power", style);
    const db = await store.open(OS);
    const expected = [["durable", 0], ...[1, 2, 3].slice(0, kept).map((n) => [`k${n}`, n])];
    expect(await store.entries(db)).toEqual(expected);
    expect(db.recovery).toMatchObject({
      lastCommitNumber: 1 + kept,
      tail: { kind, batchesTrimmed },
    });
    expect(store.eventNames().includes("recovery.trim")).toBe(kind === "torn");
  });
});

test("what was trimmed never comes back, however the log goes on", async () => {
  const { store } = await withUnsyncedTail();
  store.crash("power", allBut(0));
  for (let life = 0; life < 4; life += 1) {
    const db = await store.open(OS);
    expect(db.recovery.lastCommitNumber).toBe(1 + life);
    // As long as the first lost commit was, so that what lay behind it would fit again.
    await store.run(() => db.put("k1", life, { sync: true }));
    store.crash();
  }
  const db = await store.open(OS);
  expect(await store.entries(db)).toEqual([
    ["durable", 0],
    ["k1", 3],
  ]);
});

test("what a reader saw after an unclean open survives the next power cut", async () => {
  const { store } = await withUnsyncedTail();
  store.crash("process");
  const db = await store.open(OS);
  expect(await store.entries(db)).toHaveLength(4);
  expect(db.recovery.rewrittenBytes).toBeGreaterThanOrEqual(3 * 512);
  store.crash();
  expect(await store.entries(await store.open(OS))).toHaveLength(4);
});

test("damage in the last batch of one sync cannot be told from a tear: it is trimmed", async () => {
  const store = new VirtualStore();
  const db = await store.open(OS);
  await store.run(async () => {
    await db.put("first", 1, { sync: true });
    await db.put("last", 2, { sync: true });
  });
  await store.settle();
  store.crash();
  store.disk.flipBit("/store/wal-00000001.log", 1536 + 70, 0);
  const reopened = await store.open(OS);
  expect(await store.entries(reopened)).toEqual([["first", 1]]);
  expect(reopened.recovery.tail).toMatchObject({ kind: "torn", offset: 1536 });
});

test("an open that dies at any of its steps leaves the same store", async () => {
  const { store: original } = await withUnsyncedTail();
  original.crash("power", allBut(1));
  const found = new Set<string>();
  let steps = 0;
  let finished = false;
  while (!finished) {
    steps += 1;
    const store = original.fork();
    finished = await store.runSteps(steps, () => Database.open(store.options(OS)));
    for (const style of [{ kind: "none" }, { kind: "all" }] as const) {
      const survivor = store.fork();
      survivor.crash("power", style);
      const db = await survivor.open(OS);
      found.add(JSON.stringify(await survivor.entries(db)));
    }
  }
  expect([...found]).toEqual(['[["durable",0],["k1",1]]']);
  expect(steps).toBeGreaterThan(20);
});
