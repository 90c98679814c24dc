import { describe, expect, test } from "vitest";
import { putUint32 } from "../engine/base/bytes.ts";
import { crc32 } from "../engine/base/checksum.ts";
import { FORMAT_VERSION } from "../engine/log/segment-format.ts";
import type { Database } from "../engine/database.ts";
import { reasonOf, untyped } from "./support/outcomes.ts";
import { VirtualStore } from "./support/virtual-store.ts";

const code = (expected: string): unknown => expect.objectContaining({ code: expected });

async function storeWithOneEntry(): Promise<{ store: VirtualStore; db: Database }> {
  const store = new VirtualStore();
  const db = await store.open();
  await store.run(() => db.put("kept", 1));
  return { store, db };
}

/** After all that, the store works, holds what it held, and keeps nothing open. */
async function expectUnharmed(store: VirtualStore, db: Database): Promise<void> {
  await store.run(() => db.put("later", 2));
  const entries = [
    ["kept", 1],
    ["later", 2],
  ];
  expect(await store.entries(db)).toEqual(entries);
  expect(db.stats()).toMatchObject({ openTransactions: 0, snapshots: 0, lastCommitNumber: 2 });
  store.crash();
  expect(await store.entries(await store.open())).toEqual(entries);
}

const LONG = "k".repeat(1025);

test("bad keys and values are refused with INVALID_ARGUMENT, one by one", async () => {
  const { store, db } = await storeWithOneEntry();
  for (const key of [LONG, 5, null, undefined, ["a"], "\ud800", Uint8Array.of(0xff), {}]) {
    for (const attempt of [
      untyped(db, "get", key),
      untyped(db, "put", key, 1),
      untyped(db, "delete", key),
      untyped(db, "scan", { gte: key ?? 5 }),
      untyped(db, "batch", [{ type: "put", key, value: 1 }]),
    ]) {
      expect(await store.run(() => reasonOf(attempt))).toEqual(code("INVALID_ARGUMENT"));
    }
  }
  for (const value of [undefined, (): void => {}, Symbol("s"), "\udc00"]) {
    expect(await store.run(() => reasonOf(untyped(db, "put", "k", value)))).toEqual(
      code("INVALID_ARGUMENT"),
    );
  }
  await expectUnharmed(store, db);
});

test.each([
  ["a scan of null", "scan", [null]],
  ["a scan with a limit below zero", "scan", [{ limit: -1 }]],
  ["a scan with two lower bounds", "scan", [{ gt: "a", gte: "a" }]],
  ["a batch of nothing", "batch", [null]],
  ["a batch of null", "batch", [[null]]],
  ["a batch of an unknown operation", "batch", [[{ type: "increment", key: "kept" }]]],
  ["options of null", "put", ["kept", 2, null]],
  ["an isolation level that does not exist", "begin", [{ isolation: "chaos" }]],
  ["no options at all", "begin", [null]],
  ["a transaction without work", "transaction", [5]],
  ["no number of attempts", "transaction", [async () => {}, { attemptsMax: Number.NaN }]],
  ["attempts below one", "transaction", [async () => {}, { attemptsMax: 0 }]],
])("%s is refused", async (_, method, args) => {
  const { store, db } = await storeWithOneEntry();
  expect(await store.run(() => reasonOf(untyped(db, method, ...args)))).toEqual(
    code("INVALID_ARGUMENT"),
  );
  await expectUnharmed(store, db);
});

test("a refused write does not end its transaction", async () => {
  const { store, db } = await storeWithOneEntry();
  await store.run(async () => {
    const tx = db.begin();
    expect(await reasonOf(untyped(tx, "put", LONG, 1))).toEqual(code("INVALID_ARGUMENT"));
    expect(await reasonOf(untyped(tx, "put", "k", undefined))).toEqual(code("INVALID_ARGUMENT"));
    expect(await reasonOf(untyped(tx, "put", "k", 2n ** 70n))).toEqual(code("SERIALIZATION"));
    await tx.put("later", 2);
    await tx.commit();
  });
  expect(await store.run(() => db.get("later"))).toBe(2);
});

test("using a transaction after its end is refused, and the message says what it was", async () => {
  const { store, db } = await storeWithOneEntry();
  const [committed, rolledBack] = [db.begin(), db.begin()];
  await store.run(async () => {
    await committed.commit();
    await rolledBack.rollback();
    for (const [tx, state] of [
      [committed, "committed"],
      [rolledBack, "rolled back"],
    ] as const) {
      for (const attempt of [
        () => tx.get("kept"),
        () => tx.put("kept", 2),
        () => tx.delete("kept"),
        () => tx.scan(),
        () => tx.commit(),
        () => tx.rollback(),
      ]) {
        const error = await reasonOf(attempt);
        expect(error).toEqual(code("TRANSACTION"));
        expect(String(error)).toContain(state);
      }
    }
  });
  await expectUnharmed(store, db);
});

test("a scan that outlives its transaction is refused at its next step", async () => {
  const { store, db } = await storeWithOneEntry();
  const tx = db.begin();
  const scan = tx.scan();
  await store.run(async () => {
    await tx.commit();
    expect(await reasonOf(() => scan.next())).toEqual(code("TRANSACTION"));
  });
});

test("using the store after close is refused with CLOSED", async () => {
  const { store, db } = await storeWithOneEntry();
  const tx = db.begin();
  const scan = db.scan();
  await store.run(async () => {
    await db.close();
    for (const attempt of [
      () => db.get("kept"),
      () => db.put("kept", 2),
      () => db.delete("kept"),
      () => db.batch([]),
      () => db.scan(),
      () => db.begin(),
      () => db.transaction(async () => {}),
      () => db.sync(),
      () => tx.get("kept"),
      () => tx.commit(),
      () => scan.next(),
    ]) {
      expect(await reasonOf(attempt)).toEqual(code("CLOSED"));
    }
    await db.close();
  });
  expect(await store.entries(await store.open())).toEqual([["kept", 1]]);
});

describe("opening", () => {
  test("a second time, here or anywhere, is refused with LOCKED while the store is open", async () => {
    const { store, db } = await storeWithOneEntry();
    await expect(store.open()).rejects.toMatchObject({ code: "LOCKED" });
    await store.run(() => db.close());
    expect(await store.entries(await store.open())).toEqual([["kept", 1]]);
  });

  test.each([
    ["an unknown policy", { syncPolicy: "fsync" }],
    ["an impossible segment size", { segmentBytes: 100 }],
    ["an impossible sector size", { sectorBytes: 700 }],
    ["an unknown isolation level", { isolation: "chaos" }],
    ["no directory", { directory: "" }],
    ["no platform", { platform: undefined }],
  ])("with %s is refused before anything is touched", async (_, options) => {
    const { store, db } = await storeWithOneEntry();
    await store.run(() => db.close());
    const before = store.disk.digest("visible");
    const attempt = untyped(store, "open", options);
    expect(await reasonOf(attempt)).toEqual(code("INVALID_ARGUMENT"));
    expect(store.disk.digest("visible")).toBe(before);
  });

  test("without createIfMissing a missing store is refused, and none is made", async () => {
    const store = new VirtualStore();
    const options = { createIfMissing: false };
    await expect(store.open(options)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(store.disk.stat("/store")).toBeUndefined();
    const db = await store.open();
    await store.run(() => db.close());
    expect((await store.open(options)).recovery.created).toBe(false);
  });

  test("a path that is a file is refused, and the file stays", async () => {
    const store = new VirtualStore();
    putFile(store, "/store", Uint8Array.of(1, 2, 3));
    await expect(store.open()).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      place: { file: "/store" },
    });
    expect(store.disk.content("/store")).toEqual(Uint8Array.of(1, 2, 3));
  });

  test("a directory of other things is refused, and they stay", async () => {
    const store = new VirtualStore();
    store.disk.makeDirectory("/store");
    putFile(store, "/store/thesis.txt", Uint8Array.of(1));
    await expect(store.open()).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      place: { found: "thesis.txt" },
    });
    expect(store.disk.files().map(({ path }) => path)).toEqual(["/store/thesis.txt"]);
  });

  test("a foreign file with the name of a segment is not taken over", async () => {
    const store = new VirtualStore();
    const foreign = Uint8Array.from({ length: 8192 }, (_, index) => (index * 7 + 3) & 0xff);
    store.disk.makeDirectory("/store");
    putFile(store, "/store/wal-00000001.log", foreign);
    await expect(store.open()).rejects.toMatchObject({ code: expect.any(String) as unknown });
    expect(store.disk.content("/store/wal-00000001.log")).toEqual(foreign);
  });

  test("a store of a newer format is refused with RECOVERY, and nothing is changed", async () => {
    const { store, db } = await storeWithOneEntry();
    await store.run(() => db.close());
    const file = store.disk.open("/store/wal-00000001.log", "write");
    const header = (store.disk.content("/store/wal-00000001.log") ?? new Uint8Array(0)).slice(
      0,
      96,
    );
    putUint32(header, 12, FORMAT_VERSION + 1);
    putUint32(header, 8, crc32(header.subarray(12)));
    store.disk.write(file, header, 0);
    const before = store.disk.digest("visible");
    await expect(store.open()).rejects.toMatchObject({
      code: "RECOVERY",
      place: { file: "wal-00000001.log", expected: "format 3", found: "format 4" },
    });
    expect(store.disk.digest("visible")).toBe(before);
  });
});

function putFile(store: VirtualStore, path: string, content: Uint8Array): void {
  store.disk.write(store.disk.open(path, "create"), content, 0);
}
