import { describe, expect, test } from "vitest";
import { Database } from "../engine/database.ts";
import type { Fault } from "../sim/disk/disk-faults.ts";
import { codeOf, reasonOf } from "./support/outcomes.ts";
import { goOn, VirtualStore } from "./support/virtual-store.ts";

const code = (expected: string): unknown => expect.objectContaining({ code: expected });

function failSyncs(store: VirtualStore, storedPattern = 0): void {
  store.fault(({ kind }): Fault | undefined =>
    kind === "datasync" ? { kind: "failed-sync", storedPattern } : undefined,
  );
}

test("everyone who waited for the sync learns that the outcome is unknown", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  // From here on there is room: commits need not wait for the disk to be in the log.
  await store.run(() => db.put("first", 1));
  failSyncs(store);
  const reasons = await store.run(async () => {
    const tx = db.begin();
    await tx.put("c", 3);
    const commits = [
      reasonOf(() => db.put("a", 1)),
      reasonOf(() => db.put("b", 2)),
      reasonOf(() => tx.commit()),
    ];
    await goOn();
    expect(db.stats().lastCommitNumber).toBe(4);
    return await Promise.all([...commits, reasonOf(() => db.sync())]);
  });
  expect(reasons).toEqual(Array.from({ length: 4 }, () => code("OUTCOME_UNKNOWN")));
});

test("afterwards nothing is served, synced, begun or committed", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  const tx = db.begin();
  const scan = db.scan();
  failSyncs(store);
  await store.run(async () => {
    await tx.put("k", "v");
    await reasonOf(() => db.put("a", 1));
  });
  store.fault(undefined);
  const reasons = await store.run(
    async () =>
      await Promise.all([
        reasonOf(() => db.get("a")),
        reasonOf(() => db.put("a", 2)),
        reasonOf(() => db.sync()),
        reasonOf(() => tx.get("k")),
        reasonOf(() => tx.commit()),
        reasonOf(() => scan.next()),
        reasonOf(() => db.transaction(async () => {})),
        reasonOf(() => Promise.resolve().then(() => db.begin())),
      ]),
  );
  expect(reasons).toEqual(Array.from({ length: 8 }, () => code("CLOSED")));
  expect(reasons[0]).toMatchObject({ cause: code("OUTCOME_UNKNOWN") });
  expect(store.events.filter(({ event }) => event === "poison")).toHaveLength(1);
  await store.run(() => db.close());
});

test("a sync that works again proves nothing: the store stays stopped, and tries no other", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  failSyncs(store);
  await store.run(() => reasonOf(() => db.put("a", 1)));
  const logSyncs: string[] = [];
  store.fault(({ kind, path }) => {
    if (kind === "datasync") {
      logSyncs.push(path);
    }
    return undefined;
  });
  expect(await store.run(() => reasonOf(() => db.put("b", 1)))).toEqual(code("CLOSED"));
  await store.run(() => db.close());
  await store.settle();
  expect(logSyncs).toEqual([]);
});

describe.each([
  ["of which nothing was stored", 0],
  ["of which a part was stored", 0b0101],
  ["of which all was stored", 0xff_ff_ff_ff],
])("after a failed sync %s", (_, pattern) => {
  test("a reopen tells what survived, and a power cut does not change it", async () => {
    const store = new VirtualStore();
    const db = await store.open();
    await store.run(() => db.put("before", 1));
    failSyncs(store, pattern);
    await store.run(() => reasonOf(() => db.put("unknown", 2)));
    store.fault(undefined);
    await store.run(() => db.close());

    const reopened = await store.open();
    const told = await store.entries(reopened);
    expect(told).toContainEqual(["before", 1]);
    expect(reopened.recovery.lastCommitNumber).toBe(told.length);
    await store.run(() => reopened.put("after", 3));
    store.crash();
    expect(await store.entries(await store.open())).toEqual([["after", 3], ...told]);
  });
});

test("the accepted tail is written anew, because the system may only seem to have it", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  failSyncs(store);
  await store.run(() => reasonOf(() => db.put("a", 1)));
  store.fault(undefined);
  await store.run(() => db.close());
  const reopened = await store.open();
  expect(await store.entries(reopened)).toEqual([["a", 1]]);
  expect(reopened.recovery.rewrittenBytes).toBe(512);
  store.crash();
  expect(await store.entries(await store.open())).toEqual([["a", 1]]);
});

test("a failed write stops the store like a failed sync", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  await store.settle();
  store.fault(({ kind }) => (kind === "write" ? { kind: "error", code: "EIO" } : undefined));
  expect(await store.run(() => reasonOf(() => db.put("a", 1)))).toEqual(code("OUTCOME_UNKNOWN"));
  expect(await store.run(() => reasonOf(() => db.get("a")))).toEqual(code("CLOSED"));
});

test("after the failure not one more write is called, however much was waiting", async () => {
  const store = new VirtualStore();
  const db = await store.open({ syncPolicy: "os", batchBytesMax: 300, segmentBytes: 32_768 });
  const state = { failed: false };
  const writesAfterwards: string[] = [];
  store.disk.faults = {
    beforeOperation: ({ kind }) => {
      state.failed ||= kind === "datasync";
      return kind === "datasync" ? { kind: "failed-sync", storedPattern: 0 } : undefined;
    },
    // Consulted when a call is made. Writes are slower than the sync, so that batches wait when it fails.
    delayUs: ({ kind, path, position }) => {
      if (kind === "write" && state.failed) {
        writesAfterwards.push(`${path} at ${position}`);
      }
      return kind === "write" ? 300 : 0;
    },
  };
  await store.run(async () => {
    await db.put("written", 1);
    const synced = reasonOf(() => db.sync());
    const keys = ["a", "b", "c", "d", "e"];
    const written = reasonOf(() =>
      db.batch(keys.map((key) => ({ type: "put", key, value: "x".repeat(300) }))),
    );
    expect(await synced).toEqual(code("OUTCOME_UNKNOWN"));
    expect(await written).toEqual(code("OUTCOME_UNKNOWN"));
  });
  await store.settle();
  expect(writesAfterwards).toEqual([]);
});

test("closing a stopped store lets go of it, and another open may begin at once", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  failSyncs(store);
  await store.run(() => reasonOf(() => db.put("a", 1)));
  store.fault(undefined);
  const again = await store.run(async () => {
    await db.close();
    return await Database.open(store.options());
  });
  expect(again.recovery.cleanShutdown).toBe(false);
});

test("a failed sync inside close says so, and the store is closed all the same", async () => {
  const store = new VirtualStore();
  const db = await store.open({ syncPolicy: "os" });
  await store.run(() => db.put("a", 1));
  failSyncs(store);
  expect(await store.run(() => reasonOf(() => db.close()))).toEqual(code("OUTCOME_UNKNOWN"));
  store.fault(undefined);
  expect(await store.entries(await store.open())).toEqual([["a", 1]]);
});

/** A store with one commit, whose last open failed because its `failing`-th sync did. */
async function afterFailedOpen(failing: number): Promise<VirtualStore | undefined> {
  const store = new VirtualStore();
  const db = await store.open();
  await store.run(() => db.put("a", 1));
  await store.settle();
  store.crash("process");
  let syncs = 0;
  store.fault(({ kind }): Fault | undefined => {
    syncs += kind === "datasync" || kind === "sync" ? 1 : 0;
    const fails = syncs === failing && (kind === "datasync" || kind === "sync");
    return fails ? { kind: "failed-sync", storedPattern: 0 } : undefined;
  });
  const failed = (await reasonOf(() => store.open())) !== undefined;
  store.fault(undefined);
  return failed ? store : undefined;
}

test("an open after an open whose sync failed may die at any of its steps: the store stays the same", async () => {
  const found = new Set<string>();
  let failing = 0;
  for (;;) {
    failing += 1;
    const original = await afterFailedOpen(failing);
    if (original === undefined) {
      break;
    }
    let finished = false;
    for (let steps = 1; !finished; steps += 2) {
      const store = original.fork();
      finished = await store.runSteps(steps, () => Database.open(store.options()));
      store.crash();
      const code = await codeOf(async () => {
        found.add(JSON.stringify(await store.entries(await store.open())));
      });
      found.add(code);
    }
  }
  expect([...found]).toEqual(['[["a",1]]', "done"]);
  expect(failing).toBeGreaterThan(3);
});
