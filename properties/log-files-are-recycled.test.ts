import { expect, test } from "vitest";
import { VirtualStore } from "./support/virtual-store.ts";

test("files that recovery replaced are written over before new ones are made", async () => {
  const store = new VirtualStore();
  const options = { syncPolicy: "os", segmentBytes: 2048 } as const;
  const db = await store.open(options);
  await store.run(async () => {
    for (let number = 0; number < 7; number += 1) {
      await db.put(`k${number}`, "v".repeat(600));
    }
  });
  await store.settle();
  const before = store.segmentPaths().length;
  store.crash("process");

  // The whole un-synced log is copied to one new segment; the old ones are free from then on.
  const reopened = await store.open(options);
  await store.run(async () => {
    for (let number = 0; number < 5; number += 1) {
      await reopened.put(`l${number}`, "w".repeat(600));
    }
  });
  await store.settle();
  expect(store.eventNames()).toContain("segment.recycle");
  expect(store.segmentPaths().length).toBeLessThanOrEqual(before + 2);
  store.crash("process");
  expect(await store.entries(await store.open(options))).toHaveLength(12);
});

test("what an earlier use left in a recycled file is never read as log", async () => {
  const store = new VirtualStore();
  const options = { segmentBytes: 2048, syncPolicy: "os" } as const;
  let expected: unknown = [];
  for (let life = 0; life < 8; life += 1) {
    const db = await store.open(options);
    expect(await store.entries(db)).toEqual(expected);
    // The same lengths in every life, so that old batches lie exactly where new ones would.
    await store.run(async () => {
      for (let number = 0; number < 4; number += 1) {
        await db.put("key", `life ${life}, number ${number}`.padEnd(500));
      }
    });
    await store.settle();
    expected = await store.entries(db);
    store.crash(life % 2 === 0 ? "process" : "power", { kind: "all" });
  }
});

test("opening and closing without a commit does not use up the disk", async () => {
  const store = new VirtualStore();
  const files: number[] = [];
  for (let round = 0; round < 24; round += 1) {
    const db = await store.open();
    if (round % 3 === 0) {
      store.crash();
    } else {
      await store.run(() => db.close());
    }
    files.push(store.segmentPaths().length);
  }
  expect(files.at(-1)).toBe(files[8]);
  expect(files.at(-1)).toBeLessThan(12);
});
