import { expect, test } from "vitest";
import { ISOLATION_LEVELS } from "../engine/transactions/conflict-check.ts";
import { VirtualStore } from "./support/virtual-store.ts";

test.each(["serializable", "read-committed"] as const)(
  "at %s, of two open transactions that wrote one key unread, the later commit wins",
  async (isolation) => {
    const store = new VirtualStore();
    const db = await store.open({ isolation });
    const [early, late] = [db.begin(), db.begin()];
    await store.run(async () => {
      await late.put("key", "begun late");
      await early.put("key", "begun early");
      await late.commit();
      await early.commit();
    });
    expect(await store.run(() => db.get("key"))).toBe("begun early");
    expect(early.commitNumber).toBe(2);
    store.crash();
    expect(await store.entries(await store.open())).toEqual([["key", "begun early"]]);
  },
);

test("at snapshot the first committer wins, and the other one is told", async () => {
  const store = new VirtualStore();
  const db = await store.open({ isolation: "snapshot" });
  const [first, second] = [db.begin(), db.begin()];
  await store.run(async () => {
    await first.put("key", 1);
    await second.put("key", 2);
    await first.commit();
    await expect(second.commit()).rejects.toMatchObject({ code: "CONFLICT", retryable: true });
  });
  expect(await store.run(() => db.get("key"))).toBe(1);
});

test("undoing the loser's records would not bring back what the winner replaced", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  await store.run(async () => {
    await db.put("key", "original");
    const [a, b] = [db.begin(), db.begin()];
    await a.put("key", "of a");
    await b.put("key", "of b");
    await a.commit();
    await b.rollback();
  });
  store.crash();
  expect(await store.entries(await store.open())).toEqual([["key", "of a"]]);
});

test("one-shot writes never conflict, at any level", async () => {
  for (const isolation of ISOLATION_LEVELS) {
    const store = new VirtualStore();
    const db = await store.open({ isolation });
    const receipts = await store.run(
      async () => await Promise.all([1, 2, 3].map((value) => db.put("key", value))),
    );
    expect(receipts.map(({ commitNumber }) => commitNumber)).toEqual([1, 2, 3]);
    expect(await store.run(() => db.get("key"))).toBe(3);
  }
});
