import { expect, test } from "vitest";
import { staleBlocks } from "../../properties/support/stale-blocks.ts";
import { VirtualStore } from "../../properties/support/virtual-store.ts";
import { FREE_STYLE } from "../../sim/disk/crash-images.ts";
import { SILENT_LOGGER } from "../base/logger.ts";
import { SegmentPool } from "./segment-pool.ts";
import type { FreeSegment } from "./segment-pool.ts";

async function poolOn(
  store: VirtualStore,
  names: readonly string[] = [],
  free: readonly FreeSegment[] = [],
): Promise<SegmentPool> {
  const { files } = store.options().platform;
  await store.run(() => files.makeDirectory("/store"));
  for (const { name, capacityBytes } of free) {
    await store.run(async () => {
      const file = await files.open(`/store/${name}`, "create");
      await file.preallocate(capacityBytes);
      await file.close();
    });
  }
  return new SegmentPool({
    files,
    directory: "/store",
    segmentBytes: 2048,
    names,
    free,
    logger: SILENT_LOGGER,
  });
}

test("a slot is made once asked for, durable with its name, and taken once", async () => {
  const store = new VirtualStore();
  const pool = await poolOn(store);
  await store.run(() => store.options().platform.files.syncDirectory("/"));
  expect(pool.ready(100)).toBeUndefined();
  await store.run(() => pool.prepare(100));
  expect(pool.ready(2048)?.name).toBe("wal-00000001.log");
  expect(pool.ready(2049)).toBeUndefined();
  expect(store.disk.durableBytes("/store/wal-00000001.log")).toEqual(new Uint8Array(2048));
  expect(pool.take(100)?.capacityBytes).toBe(2048);
  expect(pool.take(100)).toBeUndefined();
});

test("a file has its name only once nothing shows of what was in its blocks before", async () => {
  const removed = new VirtualStore();
  const { files } = removed.options().platform;
  await removed.run(async () => {
    await files.makeDirectory("/store");
    const file = await files.open("/store/old.log", "create");
    await file.write(new Uint8Array(8192).fill(7), 0);
    await file.sync();
    await files.syncDirectory("/store");
    await files.syncDirectory("/");
    await file.close();
    await files.unlink("/store/old.log");
    await files.syncDirectory("/store");
  });
  const shown = new Set<number>();
  let isFinished = false;
  for (let steps = 1; !isFinished; steps += 1) {
    for (let seed = 0; seed < 60; seed += 1) {
      const store = removed.fork();
      const pool = await poolOn(store);
      isFinished = await store.runSteps(steps, () => pool.prepare(0));
      store.scheduler.clear();
      store.disk.crash("power", staleBlocks(`${steps}/${seed}`), FREE_STYLE);
      store.disk.content("/store/wal-00000001.log")?.forEach((byte) => shown.add(byte));
    }
  }
  expect(shown).toEqual(new Set([0]));
});

test("a new file never takes the name of one that is there", async () => {
  const store = new VirtualStore();
  const pool = await poolOn(store, ["wal-00000003.log", "wal-00000007.log", "LOCK"]);
  await store.run(() => pool.prepare(0));
  expect(pool.take(0)?.name).toBe("wal-00000008.log");
});

test("a file whose contents no longer count is used before a new one is made", async () => {
  const store = new VirtualStore();
  const free = [
    { name: "wal-00000001.log", capacityBytes: 1024 },
    { name: "wal-00000002.log", capacityBytes: 4096 },
  ];
  const pool = await poolOn(store, [], free);
  await store.run(() => pool.prepare(3000));
  expect(pool.take(3000)).toMatchObject({ name: "wal-00000002.log", capacityBytes: 4096 });
  pool.recycle({ name: "wal-00000002.log", capacityBytes: 4096 });
  await store.run(() => pool.prepare(0));
  expect(pool.take(0)?.name).toBe("wal-00000002.log");
});

test("a slot that is too small is given back for a larger one", async () => {
  const store = new VirtualStore();
  const pool = await poolOn(store);
  await store.run(() => pool.prepare(0));
  await store.run(() => pool.prepare(5000));
  expect(pool.take(5000)?.name).toBe("wal-00000002.log");
  await store.run(() => pool.prepare(0));
  expect(pool.take(0)?.name).toBe("wal-00000001.log");
});

test("callers who wait for a slot at the same time cause one to be made", async () => {
  const store = new VirtualStore();
  const pool = await poolOn(store);
  await store.run(() => Promise.all([pool.prepare(0), pool.prepare(100), pool.prepare(50)]));
  expect(store.segmentPaths()).toEqual(["/store/wal-00000001.log"]);
});

test("a full disk rejects with NO_SPACE and gives back what it had taken", async () => {
  const store = new VirtualStore({ profile: "ext4-ordered" });
  const pool = await poolOn(store);
  store.disk.capacityBytes = 4096;
  await expect(store.run(() => pool.prepare(10_000))).rejects.toMatchObject({ code: "NO_SPACE" });
  expect(store.disk.usedBytes).toBe(0);
  expect(store.segmentPaths()).toEqual([]);
  store.disk.capacityBytes = 40_000;
  await store.run(() => pool.prepare(10_000));
  expect(pool.ready(10_000)).toBeDefined();
});

test("who asks once there is room again is not told what an earlier caller met", async () => {
  const store = new VirtualStore();
  const pool = await poolOn(store);
  let late: Promise<void> | undefined;
  store.fault(({ kind }) => {
    if (kind !== "preallocate" || late !== undefined) {
      return undefined;
    }
    late = pool.prepare(0);
    return { kind: "error", code: "ENOSPC" };
  });
  await expect(store.run(() => pool.prepare(0))).rejects.toMatchObject({ code: "NO_SPACE" });
  await store.settle();
  await late;
  expect(pool.ready(0)).toBeDefined();
});

test("getting ready ahead never fails anyone", async () => {
  const store = new VirtualStore();
  const pool = await poolOn(store);
  store.fault(({ kind }) => (kind === "sync" ? { kind: "error", code: "EIO" } : undefined));
  pool.prepareAhead();
  await store.settle();
  expect(pool.ready(0)).toBeUndefined();
  store.fault(undefined);
  pool.prepareAhead();
  await store.settle();
  expect(pool.ready(0)).toBeDefined();
  await store.run(() => pool.close());
});
