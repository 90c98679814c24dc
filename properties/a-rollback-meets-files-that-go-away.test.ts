import { expect, test } from "vitest";
import { codeOf } from "./support/outcomes.ts";
import { DIRECTORY, type LoggedEvent, VirtualStore } from "./support/virtual-store.ts";

const OPTIONS = { segmentBytes: 2048, transactionBytesMax: 1024 } as const;
const VALUE = "v".repeat(900);

test.each([1, 2, 3, 5, 8])(
  "a large transaction, %i changes behind a checkpoint, is rolled back while log files are removed",
  async (changes) => {
    const store = new VirtualStore({ seed: `rollback ${changes}` });
    const db = await store.open(OPTIONS);
    await store.run(async () => {
      for (let index = 0; index < 600; index += 1) {
        await db.put(`k${index}`, VALUE);
      }
      await db.checkpoint();
      await db.put("one more", 0);
    });
    const filesBefore = store.segmentPaths().length;
    await store.run(async () => {
      const transaction = db.begin();
      await transaction.put("a", VALUE);
      await transaction.put("b", VALUE);
      // Many files are free behind it: more than are kept.
      await db.checkpoint();
      for (let index = 0; index < changes; index += 1) {
        await transaction.put(`c${index}`, VALUE);
      }
      await transaction.rollback();
      await db.put("later", 1);
    });
    await store.settle();
    expect(store.segmentPaths().length).toBeLessThan(filesBefore);
    expect(await store.run(() => db.get("c0"))).toBe(undefined);
    expect(await store.run(() => db.get("later"))).toBe(1);
    await store.run(() => db.close());
  },
);

function isRotation({ event }: LoggedEvent): boolean {
  return event === "log.rotate";
}

/** Files that the log has gone over to, from the one that it was in when so many events had happened. */
function filesSince(store: VirtualStore, events: number): ReadonlySet<unknown> {
  const before = store.events.slice(0, events).findLast(isRotation);
  const since = store.events.slice(events).filter(isRotation);
  return new Set([before, ...since].map((event) => event?.details["file"]));
}

/** Rolls back a transaction that is in many log files, after those for which that is true became unreadable. */
async function rollBack(isSpoiled: (isNeeded: boolean) => boolean): Promise<VirtualStore> {
  const store = new VirtualStore({ seed: "unreadable" });
  const db = await store.open(OPTIONS);
  await store.run(async () => {
    for (let index = 0; index < 20; index += 1) {
      await db.put(`k${index}`, VALUE);
    }
    await db.checkpoint();
    await db.put("one more", 0);
  });
  const transaction = db.begin();
  const events = store.events.length;
  await store.run(async () => {
    for (let index = 0; index < 20; index += 1) {
      await transaction.put(`k${index}`, "other".repeat(150));
    }
    await db.sync();
  });
  const needed = filesSince(store, events);
  expect(needed.size).toBeGreaterThan(1);
  const spoiled = store
    .segmentPaths()
    .filter((path) => isSpoiled(needed.has(path.slice(DIRECTORY.length + 1))))
    .filter((path) => store.disk.spoilSector(path, 0));
  expect(spoiled.length).toBeGreaterThan(1);
  await store.run(async () => {
    await transaction.rollback();
    await db.put("later", 1);
    expect(await db.get("k0")).toBe(VALUE);
    expect(await db.get("later")).toBe(1);
  });
  return store;
}

test("a rollback reads no log file that it does not need: those may be unreadable", async () => {
  const store = await rollBack((isNeeded) => !isNeeded);
  expect(store.eventNames()).toContain("spill");
});

test("a rollback that cannot read what it needs stops the store", async () => {
  expect(await codeOf(() => rollBack((isNeeded) => isNeeded))).toBe("CLOSED");
});
