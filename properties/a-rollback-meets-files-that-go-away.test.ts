import { expect, test } from "vitest";
import { VirtualStore } from "./support/virtual-store.ts";

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
