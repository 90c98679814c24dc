import { expect, test } from "vitest";

import { VirtualStore } from "./support/virtual-store.ts";

test("what was committed before a checkpoint is durable behind it, under any policy", async () => {
  const store = new VirtualStore();
  const db = await store.open({ syncPolicy: "os", transactionBytesMax: 1024 });
  await store.run(async () => {
    const large = db.begin();
    await large.put("k", "v".repeat(2000));
    // All of its pages are written before its Commit record is there.
    await db.checkpoint();
    await large.commit();
    await db.checkpoint();
  });
  store.crash("power");
  const reopened = await store.open();
  expect(await store.entries(reopened)).toEqual([["k", "v".repeat(2000)]]);
});
