import { expect, test } from "vitest";
import { VirtualStore, DIRECTORY } from "./support/virtual-store.ts";

test("smoke", async () => {
  const store = new VirtualStore();
  const db = await store.open({ copies: 2, cacheBytes: 16384, pageBytes: 4096, checkpointBytes: 4096 });
  for (let i = 0; i < 200; i += 1) {
    await store.run(() => db.put(`key ${i}`, `value ${i}`.repeat(10)));
  }
  console.log(store.disk.files().map(({ path }) => path).join(" "), db.stats());
  console.log(await store.run(() => db.scrub()));
  await store.run(() => db.close());
  const again = await store.open();
  console.log(again.stats(), again.recovery);
  expect((await store.entries(again)).length).toBe(200);
  store.crash();
  const third = await store.open();
  expect((await store.entries(third)).length).toBe(200);
  console.log(third.stats());
  console.log(await store.run(() => third.scrub()));
});
