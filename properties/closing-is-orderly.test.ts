import { expect, test } from "vitest";
import { Database } from "../engine/database.ts";
import type { Fault } from "../sim/disk/disk-faults.ts";
import { codeOf } from "./support/outcomes.ts";
import { goOn, VirtualStore } from "./support/virtual-store.ts";

test("two closes at once, over open transactions, are one close", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  await store.run(async () => {
    await db.put("a", 1);
    const [first, second] = [db.begin(), db.begin()];
    await first.put("b", 1);
    await second.put("c", 1);
    await Promise.all([db.close(), db.close(), db.close()]);
  });
  expect(store.eventNames().filter((event) => event === "close")).toHaveLength(1);
  expect(await store.entries(await store.open())).toEqual([["a", 1]]);
});

test("a second close resolves when the store is really closed", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  const again = await store.run(async () => {
    await db.put("a", 1);
    void db.close();
    await db.close();
    return await Database.open(store.options());
  });
  expect(again.recovery.cleanShutdown).toBe(true);
});

test("from the moment of close nothing new begins", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  db.begin();
  await store.run(async () => {
    const closing = db.close();
    expect(() => db.begin()).toThrow(expect.objectContaining({ code: "CLOSED" }));
    await expect(db.put("late", 1)).rejects.toMatchObject({ code: "CLOSED" });
    await closing;
  });
});

test("commits under way when the store closes are acknowledged or refused, and the log agrees", async () => {
  for (const syncPolicy of ["sync", "batch", "async", "os"] as const) {
    const store = new VirtualStore({ seed: syncPolicy });
    const db = await store.open({ syncPolicy, segmentBytes: 2048 });
    await store.run(() => db.put("before", 1, { sync: true }));
    await store.settle();
    const outcomes = await store.run(async () => {
      const puts = Array.from({ length: 12 }, (_, number) =>
        codeOf(() => db.put(`k${String(number).padStart(2, "0")}`, "v".repeat(number * 50))),
      );
      // Some are in the log then, and others wait for room there.
      await goOn();
      await db.close();
      return await Promise.all(puts);
    });
    const acknowledged = outcomes.filter((outcome) => outcome === "done").length;
    expect(new Set([...outcomes, "done", "CLOSED"]).size).toBe(2);
    expect(acknowledged).toBeGreaterThan(0);
    expect(acknowledged).toBeLessThan(12);
    store.crash();
    expect(await store.entries(await store.open())).toHaveLength(1 + acknowledged);
  }
});

test("close makes every commit durable, whatever the policy", async () => {
  const store = new VirtualStore();
  const db = await store.open({ syncPolicy: "os" });
  await store.run(async () => {
    await db.put("a", 1);
    await db.close();
  });
  store.crash();
  const reopened = await store.open();
  expect(await store.entries(reopened)).toEqual([["a", 1]]);
  expect(reopened.recovery.cleanShutdown).toBe(true);
});

test("a disk that cannot even close a file does not keep the store locked", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  await store.run(() => db.put("a", 1));
  store.failingCloses = true;
  await expect(store.run(() => db.close())).rejects.toMatchObject({ code: "IO" });
  store.failingCloses = false;
  expect(await store.entries(await store.open())).toEqual([["a", 1]]);
});

test("an open that fails, wherever it fails, lets go of everything", async () => {
  const original = new VirtualStore();
  const db = await original.open();
  await original.run(() => db.put("a", 1));
  original.crash();
  const outcomes: [kind: string, code: string, openFiles: number][] = [];
  for (const failing of [
    "stat",
    "read-directory",
    "lock",
    "open",
    "read",
    "preallocate",
    "write",
    "datasync",
    "sync",
    "sync-directory",
  ] as const) {
    const store = original.fork();
    store.fault(({ kind }) => (kind === failing ? { kind: "error", code: "EIO" } : undefined));
    const code = await codeOf(() => store.open());
    store.fault(undefined);
    outcomes.push([failing, code, store.openFiles()]);
    expect(await store.entries(await store.open())).toEqual([["a", 1]]);
  }
  const failed = outcomes.map(([kind]) => [kind, "IO", 0]);
  expect(outcomes).toEqual(failed);
});

test("a store made in a directory whose name was not synced yet is not lost with it", async () => {
  const store = new VirtualStore();
  store.fault(({ kind }) =>
    kind === "sync-directory" ? { kind: "error", code: "EIO" } : undefined,
  );
  await expect(store.open()).rejects.toMatchObject({ code: "IO" });
  store.fault(undefined);
  const db = await store.open();
  await store.run(() => db.put("a", 1));
  store.crash();
  expect(await store.entries(await store.open())).toEqual([["a", 1]]);
});

test("a rotation beside a sync that ends meanwhile harms nobody", async () => {
  const store = new VirtualStore();
  const db = await store.open({ syncPolicy: "os", segmentBytes: 1536 });
  await store.settle();
  store.disk.faults = {
    beforeOperation: () => undefined,
    // The header of a new segment takes longer than the sync of the one before.
    delayUs: ({ kind, position }) => (kind === "write" && position === 0 ? 5000 : 0),
  };
  await store.run(async () => {
    await db.put("a", "x".repeat(100));
    const synced = db.sync();
    await new Promise<void>((resolve) => {
      store.clock.setTimer(0.02, resolve);
    });
    await Promise.all(["b", "c", "d"].map((key) => db.put(key, "x".repeat(300))));
    await synced;
    await db.close();
  });
  expect(store.eventNames()).not.toContain("poison");
  expect(await store.entries(await store.open())).toHaveLength(4);
});

test("a store that stops while commits wait in a segment that was not begun closes every file", async () => {
  const store = new VirtualStore();
  const db = await store.open({ segmentBytes: 2048, syncPolicy: "os" });
  await store.run(() => db.put("before", 1));
  await store.settle();
  store.disk.faults = {
    beforeOperation: ({ kind }) => (kind === "write" ? { kind: "error", code: "EIO" } : undefined),
    delayUs: ({ kind }) => (kind === "write" ? 500 : 0),
  };
  await store.run(async () => {
    // The second does not fit the segment any more.
    const puts = [
      codeOf(() => db.put("a", "x".repeat(200))),
      codeOf(() => db.put("b", "x".repeat(700))),
    ];
    expect(await Promise.all(puts)).toEqual(["OUTCOME_UNKNOWN", "OUTCOME_UNKNOWN"]);
  });
  store.disk.faults = undefined;
  await store.settle();
  await store.run(() => db.close());
  expect(store.openFiles()).toBe(0);
});

test("a write that is under way when a stopped store closes does not land in the next opening's log", async () => {
  const store = new VirtualStore();
  const options = { syncPolicy: "os", segmentBytes: 2048, batchBytesMax: 512 } as const;
  const db = await store.open(options);
  await store.settle();
  let slow = false;
  store.disk.faults = {
    beforeOperation: ({ kind }) =>
      kind === "datasync" && slow ? { kind: "failed-sync", storedPattern: 0 } : undefined,
    delayUs: ({ kind }) => (kind === "write" && slow ? 60_000 : 0),
  };
  await store.run(async () => {
    await db.put("p", "x".repeat(900));
    await db.put("a", "x".repeat(200));
    const synced = codeOf(() => db.sync());
    slow = true;
    const late = codeOf(() => db.put("b", "y".repeat(300)));
    expect([await synced, await late]).toEqual(["OUTCOME_UNKNOWN", "OUTCOME_UNKNOWN"]);
    await db.close();
  });
  store.disk.faults = undefined;
  // The next opening fills the files that its own segment replaced; only then would the old write land.
  const next = await store.open({ ...options, syncPolicy: "sync" });
  const keys = Array.from({ length: 12 }, (_, number) => `n${10 + number}`);
  await store.run(async () => {
    for (const key of keys) {
      await next.put(key, "z".repeat(400));
    }
  });
  await store.pass(200);
  store.crash("process");
  const found = await store.entries(await store.open(options), { gte: "n", lt: "o" });
  expect(found.map(([key]) => key)).toEqual(keys);
});

test.each(["/store", "/store/", "/store//"])(
  "a store made at %s is not lost with its directory's name",
  async (directory) => {
    const store = new VirtualStore();
    const db = await store.open({ directory });
    await store.run(() => db.put("a", 1));
    store.crash();
    expect(await store.entries(await store.open({ directory }))).toEqual([["a", 1]]);
  },
);

test("a transaction that close rolls back under its work does not resolve as if it had committed", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  const code = await store.run(
    async () =>
      await codeOf(() =>
        db.transaction(async (tx) => {
          await tx.put("a", 1);
          await db.close();
        }),
      ),
  );
  expect(code).toBe("CLOSED");
  expect(await store.entries(await store.open())).toEqual([]);
});

test("a store that has stopped because of its pages closes with a log that holds every acknowledged commit", async () => {
  const store = new VirtualStore();
  const options = { syncPolicy: "os", segmentBytes: 65_536 } as const;
  const db = await store.open(options);
  store.fault(({ kind, path }): Fault | undefined =>
    kind === "datasync" && path.endsWith("pages.db")
      ? { kind: "failed-sync", storedPattern: 0 }
      : undefined,
  );
  const acknowledged: string[] = [];
  await store.run(async () => {
    await db.put("first", 1);
    const failing = codeOf(() => db.checkpoint());
    // Behind everything that the pages of the checkpoint have made durable.
    for (let number = 0; number < 40; number += 1) {
      const key = `k${String(number).padStart(2, "0")}`;
      if ((await codeOf(() => db.put(key, number))) === "done") {
        acknowledged.push(key);
      }
    }
    expect(await failing).not.toBe("done");
    await db.close();
  });
  expect(acknowledged.length).toBeGreaterThan(0);
  store.fault(undefined);
  store.crash("power", { kind: "none" });
  const keys = (await store.entries(await store.open(options))).map(([key]) => key);
  expect(keys).toEqual(["first", ...acknowledged].toSorted());
});
