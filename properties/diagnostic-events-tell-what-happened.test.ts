import { expect, test } from "vitest";
import type { Logger } from "../engine/base/logger.ts";
import { VirtualStore } from "./support/virtual-store.ts";

const detailsOf = (store: VirtualStore, event: string): Readonly<Record<string, unknown>>[] =>
  store.events.filter((logged) => logged.event === event).map(({ details }) => details);

test("a quiet life is told from open to close, and nothing of it is a warning", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  await store.run(async () => {
    await db.put("a", 1);
    await db.close();
  });
  expect(store.eventNames()).toEqual(
    expect.arrayContaining(["segment.create", "open", "log.sync", "close"]) as unknown,
  );
  expect(store.events.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
  expect(detailsOf(store, "open")).toEqual([{ event: "open", ...db.recovery }]);
  expect(detailsOf(store, "close")).toEqual([{ event: "close", failed: false }]);
});

test("a rotation tells its file and where the log goes on", async () => {
  const store = new VirtualStore();
  const db = await store.open({ segmentBytes: 1024 });
  await store.run(() => db.put("a", "x".repeat(300)));
  await store.run(() => db.put("b", "x".repeat(300)));
  expect(detailsOf(store, "log.rotate")).toEqual([
    { event: "log.rotate", file: "wal-00000006.log", number: 2, baseLsn: 5120 },
  ]);
});

test("a sync tells how far the log is durable, and how many bytes it covered", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  await store.run(() => db.put("a", 1));
  expect(detailsOf(store, "log.sync").at(-1)).toEqual({
    event: "log.sync",
    lsn: db.stats().durableLsn,
    bytes: 512,
  });
});

test("recovery tells what it read, and what it trimmed", async () => {
  const store = new VirtualStore();
  const db = await store.open({ syncPolicy: "os" });
  await store.run(async () => {
    await db.put("checkpointed", 0);
    await db.checkpoint();
    await db.put("a", 1, { sync: true });
    // Nothing but what follows is in danger then.
    store.writeBack();
    await db.put("b", 2);
    await db.put("c", 3);
  });
  await store.settle();
  store.crash("power", { kind: "only", scope: "operation", index: 1 });
  await store.open();
  expect(detailsOf(store, "open").at(-1)).toMatchObject({
    startLsn: 5120,
    endLsn: 5632,
    batchesRead: 1,
    recordsRead: 3,
    recordsRedone: 1,
    lastCommitNumber: 2,
  });
  expect(store.events.find(({ event }) => event === "recovery.trim")).toMatchObject({
    level: "warn",
    details: { file: "wal-00000001.log", offset: 2048, because: "zeros", batchesTrimmed: 1 },
  });
});

test("a store that stops says so once, as an error, with the cause", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  store.fault(({ kind }) =>
    kind === "datasync" ? { kind: "failed-sync", storedPattern: 0 } : undefined,
  );
  await expect(store.run(() => db.put("a", 1))).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
  await store.run(() => db.close());
  expect(store.events.filter(({ level }) => level === "error")).toMatchObject([
    { event: "poison", details: { cause: { code: "EIO" }, error: { code: "OUTCOME_UNKNOWN" } } },
  ]);
  expect(detailsOf(store, "close")).toEqual([{ event: "close", failed: true }]);
});

test("a logger that throws harms nobody", async () => {
  const state = { broken: false };
  const log = (): void => {
    if (state.broken) {
      throw new Error("the log server is down");
    }
  };
  const logger: Logger = { debug: log, info: log, warn: log, error: log };
  const store = new VirtualStore();
  const db = await store.open({ logger, segmentBytes: 1024 });
  state.broken = true;
  await store.run(async () => {
    for (const key of ["a", "b", "c"]) {
      await db.put(key, "x".repeat(300));
    }
  });
  store.fault(({ kind }) =>
    kind === "datasync" ? { kind: "failed-sync", storedPattern: 0 } : undefined,
  );
  await expect(store.run(() => db.put("d", 1))).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
  store.fault(undefined);
  await store.run(() => db.close());
  expect(await store.entries(await store.open({ logger }))).toHaveLength(4);
});

test("without a logger nothing is said and everything works", async () => {
  const store = new VirtualStore();
  const { logger: _unused, ...options } = store.options();
  const db = await store.run(async () => {
    const { Database } = await import("../engine/database.ts");
    return await Database.open(options);
  });
  await store.run(() => db.put("a", 1));
  await store.run(() => db.close());
  expect(store.events).toEqual([]);
});
