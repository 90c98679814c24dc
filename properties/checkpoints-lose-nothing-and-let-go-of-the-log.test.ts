import { describe, expect, test } from "vitest";
import { Database } from "../engine/database.ts";
import type { OpenOptions } from "../engine/options.ts";
import { PrngChoices } from "../sim/core/choices.ts";
import { codeOf } from "./support/outcomes.ts";
import { VirtualStore } from "./support/virtual-store.ts";

const SMALL: Partial<OpenOptions> = { segmentBytes: 2048, pageBytes: 4096, checkpointBytes: 4096 };

const keyOf = (number: number): string => `k${String(number).padStart(5, "0")}`;

describe("after a close", () => {
  test("an open reads next to nothing, and redoes nothing", async () => {
    const store = new VirtualStore();
    let db = await store.open(SMALL);
    await store.run(async () => {
      for (let number = 0; number < 100; number += 1) {
        await db.put(keyOf(number), "v".repeat(number * 5));
      }
      await db.delete(keyOf(50));
    });
    const before = await store.entries(db);
    for (let life = 0; life < 3; life += 1) {
      await store.run(() => db.close());
      store.crash();
      db = await store.open(SMALL);
      expect(db.recovery).toMatchObject({
        cleanShutdown: true,
        recordsRedone: 0,
        transactionsRedone: 0,
        transactionsUndone: 0,
        pagesRestored: 0,
        lastCommitNumber: 101,
      });
      expect(db.recovery.recordsRead).toBeLessThanOrEqual(2);
      expect(await store.entries(db)).toEqual(before);
      expect(await store.run(() => db.verify())).toEqual([]);
    }
  });

  test("ids and commit numbers go on as if the log had been read", async () => {
    const store = new VirtualStore();
    const numbers: number[] = [];
    for (let life = 0; life < 3; life += 1) {
      const db = await store.open(SMALL);
      const { commitNumber } = await store.run(() => db.put("k", life));
      numbers.push(commitNumber);
      await store.run(() => db.close());
    }
    expect(numbers).toEqual([1, 2, 3]);
  });
});

describe("a checkpoint", () => {
  test("moves the place where recovery begins; later commits are redone", async () => {
    const store = new VirtualStore();
    const db = await store.open(SMALL);
    await store.run(async () => {
      for (let number = 0; number < 20; number += 1) {
        await db.put(keyOf(number), number);
      }
      await db.checkpoint();
    });
    const { startLsn, endLsn, dirtyPages } = db.stats();
    expect([startLsn, dirtyPages]).toEqual([endLsn, 0]);
    await store.run(async () => {
      await db.put(keyOf(3), "later");
      await db.put(keyOf(99), "later");
    });
    store.crash();
    const reopened = await store.open(SMALL);
    expect(reopened.recovery).toMatchObject({
      startLsn,
      recordsRead: 6,
      recordsRedone: 2,
      transactionsRedone: 2,
      lastCommitNumber: 22,
    });
    expect(await store.entries(reopened)).toHaveLength(21);
  });

  test("lets commits go on meanwhile, and takes nothing of them away", async () => {
    const store = new VirtualStore({ seed: "meanwhile" });
    const db = await store.open({ ...SMALL, syncPolicy: "os" });
    let commits = 0;
    await store.run(async () => {
      for (let round = 0; round < 30; round += 1) {
        const checkpoint = db.checkpoint();
        for (let number = 0; number < 5; number += 1) {
          await db.put(keyOf((round * 7 + number) % 60), `${round} ${number}`.padEnd(200));
          commits += 1;
        }
        await checkpoint;
      }
      await db.sync();
    });
    const before = await store.entries(db);
    expect(db.stats().checkpoints).toBeGreaterThan(20);
    store.crash();
    const reopened = await store.open(SMALL);
    expect(await store.entries(reopened)).toEqual(before);
    expect(reopened.recovery.lastCommitNumber).toBe(commits);
    expect(await store.run(() => reopened.verify())).toEqual([]);
  });

  test("happens by itself as the log grows, and bounds what recovery reads", async () => {
    const store = new VirtualStore();
    const db = await store.open({ ...SMALL, checkpointBytes: 8192 });
    await store.run(async () => {
      for (let number = 0; number < 300; number += 1) {
        await db.put(keyOf(number % 40), "v".repeat(200));
      }
    });
    await store.settle();
    const { checkpoints, startLsn, endLsn } = db.stats();
    expect(checkpoints).toBeGreaterThan(5);
    expect(endLsn - startLsn).toBeLessThan(4 * 8192);
    store.crash();
    const reopened = await store.open(SMALL);
    expect(reopened.recovery.transactionsRedone).toBeLessThan(64);
    expect(await store.entries(reopened)).toHaveLength(40);
  });

  test("that has nothing to do does nothing", async () => {
    const store = new VirtualStore();
    const db = await store.open(SMALL);
    await store.run(async () => {
      await db.put("a", 1);
      await db.checkpoint();
    });
    const { checkpoints, pagesWritten } = db.stats();
    await store.run(() => db.checkpoint());
    expect(db.stats()).toMatchObject({ checkpoints, pagesWritten });
  });

  test("of a closed store is refused", async () => {
    const store = new VirtualStore();
    const db = await store.open(SMALL);
    await store.run(() => db.close());
    await expect(db.checkpoint()).rejects.toMatchObject({ code: "CLOSED" });
  });
});

test("log files are used again behind checkpoints: their number stays the same", async () => {
  const store = new VirtualStore();
  const db = await store.open(SMALL);
  const files: number[] = [];
  const lsns: number[] = [];
  for (let round = 0; round < 40; round += 1) {
    await store.run(async () => {
      for (let number = 0; number < 10; number += 1) {
        await db.put(keyOf(number), `${round}`.padEnd(300));
      }
      await db.checkpoint();
    });
    await store.settle();
    files.push(store.segmentPaths().length);
    lsns.push(db.stats().endLsn);
  }
  expect((lsns.at(-1) ?? 0) / 2048).toBeGreaterThan(100);
  expect(Math.max(...files.slice(10))).toBe(files[9]);
  expect(files[9]).toBeLessThan(25);
  store.crash();
  const reopened = await store.open(SMALL);
  expect((await store.entries(reopened))[0]).toEqual([keyOf(0), "39".padEnd(300)]);
});

test("log files are used again over many lives, however these end", async () => {
  const store = new VirtualStore();
  const files: number[] = [];
  for (let life = 0; life < 45; life += 1) {
    const db = await store.open(SMALL);
    await store.run(async () => {
      for (let number = 0; number < 10; number += 1) {
        await db.put(keyOf(number), `${life}`.padEnd(300));
      }
      await (life % 3 === 0 ? db.close() : undefined);
    });
    store.crash(life % 3 === 1 ? "process" : "power");
    files.push(store.segmentPaths().length);
  }
  expect(Math.max(...files.slice(24))).toBeLessThanOrEqual(Math.max(...files.slice(0, 24)));
  expect(files.at(-1)).toBeLessThan(40);
});

/** What a model of the store holds, as `entries` gives it. */
function entriesOf(model: ReadonlyMap<string, string>): [string, string][] {
  return [...model].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

test("a store larger than its cache does what a map does, and stays whole", async () => {
  const options: Partial<OpenOptions> = {
    pageBytes: 4096,
    cacheBytes: 16 * 1024,
    checkpointBytes: 64 * 1024,
    segmentBytes: 16 * 1024,
    syncPolicy: "os",
  };
  const store = new VirtualStore();
  const choices = new PrngChoices("larger than its cache");
  const model = new Map<string, string>();
  let db = await store.open(options);
  for (let life = 0; life < 3; life += 1) {
    await store.run(async () => {
      for (let number = 0; number < 1500; number += 1) {
        const key = keyOf(choices.below(3000));
        if (choices.below(5) === 0) {
          await db.delete(key);
          model.delete(key);
        } else {
          const value = `${life} ${number}`.padEnd(choices.below(60) === 0 ? 5000 : 60);
          await db.put(key, value);
          model.set(key, value);
        }
      }
      for (let number = 0; number < 100; number += 1) {
        const key = keyOf(choices.below(3000));
        expect(await db.get(key)).toEqual(model.get(key));
      }
    });
    expect(db.stats().pages).toBeGreaterThan(30);
    expect(db.stats().evictions).toBeGreaterThan(100);
    expect(await store.entries(db)).toEqual(entriesOf(model));
    expect(await store.run(() => db.verify())).toEqual([]);
    await store.run(() => (life === 1 ? db.close() : db.sync()));
    store.crash();
    db = await store.open(options);
    expect(await store.entries(db)).toEqual(entriesOf(model));
  }
  expect(await store.run(() => db.verify())).toEqual([]);
}, 60_000);

/** A store with commits before a first checkpoint, between it and a second, and more dirty pages. */
async function beforeCheckpoint(seed: string): Promise<{ store: VirtualStore; db: Database }> {
  const store = new VirtualStore({ seed });
  const db = await store.open({ ...SMALL, checkpointBytes: 1024 * 1024 });
  await store.run(async () => {
    for (let number = 0; number < 12; number += 1) {
      await db.put(keyOf(number), "first".padEnd(500));
      await (number === 6 ? db.checkpoint() : undefined);
    }
    for (let number = 4; number < 8; number += 1) {
      await db.put(keyOf(number), "second".padEnd(700));
    }
    await db.delete(keyOf(0));
  });
  return { store, db };
}

test("a power cut at any step of a checkpoint loses nothing", async () => {
  const model = new Map<string, string>();
  for (let number = 1; number < 12; number += 1) {
    model.set(
      keyOf(number),
      number >= 4 && number < 8 ? "second".padEnd(700) : "first".padEnd(500),
    );
  }
  const starts = new Set<string>();
  let steps = 0;
  for (let ended = false; !ended;) {
    steps += 1;
    for (let seed = 0; seed < 4; seed += 1) {
      const { store, db } = await beforeCheckpoint(`${seed}`);
      const { startLsn: before } = db.stats();
      ended = await store.runSteps(steps, () => db.checkpoint());
      store.crash("power", new PrngChoices(`${steps}/${seed}`));
      const reopened = await store.open(SMALL);
      const found = await store.entries(reopened);
      expect(found, `crash at step ${steps}, seed ${seed}`).toEqual(entriesOf(model));
      const problems = await store.run(() => reopened.verify());
      expect(problems, `crash at step ${steps}, seed ${seed}`).toEqual([]);
      expect(reopened.recovery.lastCommitNumber).toBe(17);
      starts.add(reopened.recovery.startLsn > before ? "moved" : "not moved");
    }
  }
  expect(steps).toBeGreaterThan(8);
  expect([...starts].toSorted()).toEqual(["moved", "not moved"]);
});

test("power cuts at any step of an open that redoes, one after the other, lose nothing", async () => {
  const { store: original } = await beforeCheckpoint("open");
  original.crash("power", new PrngChoices("open"));
  const fork = original.fork();
  const expected = await fork.entries(await fork.open(SMALL));
  expect(expected).toHaveLength(11);
  for (let steps = 1, ended = false; !ended; steps += 1) {
    for (let seed = 0; seed < 2; seed += 1) {
      const store = original.fork();
      for (let opening = 0; opening < 3; opening += 1) {
        ended = await store.runSteps(steps, () => Database.open(store.options(SMALL)));
        store.crash("power", new PrngChoices(`${steps}/${seed}/${opening}`));
      }
      const db = await store.open(SMALL);
      expect(await store.entries(db), `crash at step ${steps}, seed ${seed}`).toEqual(expected);
      expect(await store.run(() => db.verify())).toEqual([]);
    }
  }
});

test("a checkpoint whose place cannot be read any more costs some redo, and nothing else", async () => {
  const { store, db } = await beforeCheckpoint("rot");
  await store.run(() => db.checkpoint());
  const { startLsn } = db.stats();
  const expected = await store.entries(db);
  store.crash();
  const offsets = [0, 65_536];
  const found: number[] = [];
  for (const offset of offsets) {
    const rotten = store.fork();
    rotten.disk.flipBit("/store/control.db", offset + 40, 0);
    const reopened = await rotten.open(SMALL);
    expect(await rotten.entries(reopened)).toEqual(expected);
    expect(await rotten.run(() => reopened.verify())).toEqual([]);
    found.push(reopened.recovery.startLsn);
  }
  expect(found).toContain(startLsn);
  expect(Math.min(...found)).toBeLessThan(startLsn);
});

test("a checkpoint on a full disk is refused with NO_SPACE, loses nothing, and works once there is room", async () => {
  const store = new VirtualStore({ seed: "full" });
  const db = await store.open({ ...SMALL, checkpointBytes: 1024 * 1024 });
  await store.run(() => db.put("a", "x".repeat(2000)));
  const before = await store.entries(db);
  store.fault(({ kind, path }) =>
    kind === "preallocate" && path.endsWith(".dwb") ? { kind: "error", code: "ENOSPC" } : undefined,
  );
  expect(await store.run(() => codeOf(() => db.checkpoint()))).toBe("NO_SPACE");
  expect(await store.entries(db)).toEqual(before);
  expect(db.stats().checkpoints).toBe(0);
  expect(await store.run(() => codeOf(() => db.put("b", 1)))).toBe("done");
  store.fault(undefined);
  const crashed = store.fork();
  crashed.crash();
  expect(await crashed.entries(await crashed.open(SMALL))).toHaveLength(2);
  await store.run(() => db.checkpoint());
  expect(db.stats()).toMatchObject({ checkpoints: 1, dirtyPages: 0 });
  store.crash();
  expect(await store.entries(await store.open(SMALL))).toHaveLength(2);
});

test("a page that cannot be written stops the store, and the next open has everything", async () => {
  const stopped: string[] = [];
  for (const failing of ["pages.db", "pages-0.dwb", "pages-1.dwb", "control.db"]) {
    const { store, db } = await beforeCheckpoint("stop");
    const before = await store.entries(db);
    store.fault(({ kind, path }) =>
      kind === "datasync" && path.endsWith(failing)
        ? { kind: "failed-sync", storedPattern: 0b0110 }
        : undefined,
    );
    const checkpoint = await store.run(() => codeOf(() => db.checkpoint()));
    const read = await store.run(() => codeOf(() => db.get(keyOf(1))));
    stopped.push(...(checkpoint === "done" ? [] : [`${failing} ${read}`]));
    store.fault(undefined);
    await store.run(() => db.close());
    const reopened = await store.open(SMALL);
    expect(await store.entries(reopened)).toEqual(before);
    store.crash();
    expect(await store.entries(await store.open(SMALL))).toEqual(before);
  }
  // The first checkpoint used the other area.
  expect(stopped).toEqual(["pages.db CLOSED", "pages-0.dwb CLOSED", "control.db CLOSED"]);
});
