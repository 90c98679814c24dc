import { describe, expect, test } from "vitest";
import type { Database } from "../engine/database.ts";
import type { Transaction } from "../engine/transactions/transaction.ts";
import type { IsolationLevel } from "../engine/transactions/conflict-check.ts";
import { codeOf } from "./support/outcomes.ts";
import { VirtualStore } from "./support/virtual-store.ts";

const LEVELS = ["read-committed", "snapshot", "serializable"] as const;

/** Runs two interleaved transactions on a store in which a and b are 1. */
async function interleaved(
  isolation: IsolationLevel,
  work: (a: Transaction, b: Transaction, db: Database) => Promise<void>,
): Promise<readonly [outcome: string, state: Record<string, unknown>]> {
  const store = new VirtualStore();
  const db = await store.open({ isolation });
  const outcome = await store.run(async () => {
    await db.batch([
      { type: "put", key: "a", value: 1 },
      { type: "put", key: "b", value: 1 },
    ]);
    return await codeOf(async () => await work(db.begin(), db.begin(), db));
  });
  const state = Object.fromEntries(await store.entries(db));
  expect(db.stats()).toMatchObject({ versions: 0 });
  return [outcome, state];
}

const numberAt = async (tx: Transaction, key: string): Promise<number> => Number(await tx.get(key));

describe.each([
  ["read-committed", "done"],
  ["snapshot", "CONFLICT"],
  ["serializable", "CONFLICT"],
] as const)("a lost update at %s: %s", (isolation, expected) => {
  test("two increments that read the same value", async () => {
    const [outcome, state] = await interleaved(isolation, async (t1, t2) => {
      await t1.put("a", (await numberAt(t1, "a")) + 1);
      await t2.put("a", (await numberAt(t2, "a")) + 1);
      await t1.commit();
      await t2.commit();
    });
    expect(outcome).toBe(expected);
    expect(state["a"]).toBe(2);
  });
});

async function rowsSeenBy(tx: Transaction): Promise<number> {
  let rows = 0;
  for await (const _entry of tx.scan({ gte: "row" })) {
    rows += 1;
  }
  return rows;
}

describe.each([
  ["read-committed", "done"],
  ["snapshot", "done"],
  ["serializable", "CONFLICT"],
] as const)("write skew at %s: %s", (isolation, expected) => {
  test("each clears one flag after it saw the other one set", async () => {
    const [outcome, state] = await interleaved(isolation, async (t1, t2) => {
      if ((await t1.get("b")) === 1) {
        await t1.put("a", 0);
      }
      if ((await t2.get("a")) === 1) {
        await t2.put("b", 0);
      }
      await t1.commit();
      await t2.commit();
    });
    expect(outcome).toBe(expected);
    expect(state).toEqual(expected === "CONFLICT" ? { a: 0, b: 1 } : { a: 0, b: 0 });
  });

  test("each adds a row after it counted the rows", async () => {
    const [outcome] = await interleaved(isolation, async (t1, t2) => {
      await t1.put(`row ${await rowsSeenBy(t1)} of t1`, 1);
      await t2.put(`row ${await rowsSeenBy(t2)} of t2`, 1);
      await t1.commit();
      await t2.commit();
    });
    expect(outcome).toBe(expected);
  });
});

describe.each(LEVELS)("at %s", (isolation) => {
  test("nothing uncommitted is seen", async () => {
    const [outcome, state] = await interleaved(isolation, async (t1, t2, db) => {
      await t1.put("a", 99);
      await t1.delete("b");
      expect(await t2.get("a")).toBe(1);
      expect(await db.get("b")).toBe(1);
      await t1.rollback();
      expect(await t2.get("a")).toBe(1);
    });
    expect([outcome, state]).toEqual(["done", { a: 1, b: 1 }]);
  });

  test("a transaction that only reads always succeeds", async () => {
    const [outcome] = await interleaved(isolation, async (t1, t2) => {
      await t1.get("a");
      await t2.put("a", 2);
      await t2.commit();
      await t1.get("b");
      expect(await t1.commit()).toMatchObject({ lsn: 0, commitNumber: t1.snapshot });
    });
    expect(outcome).toBe("done");
  });

  test(`a second read ${isolation === "read-committed" ? "may see" : "does not see"} a commit`, async () => {
    await interleaved(isolation, async (t1, t2) => {
      expect(await t1.get("a")).toBe(1);
      await t2.put("a", 2);
      await t2.put("c", 3);
      await t2.commit();
      const fresh = isolation === "read-committed";
      expect(await t1.get("a")).toBe(fresh ? 2 : 1);
      const rows: unknown[] = [];
      for await (const { key } of t1.scan()) {
        rows.push(key);
      }
      expect(rows).toEqual(fresh ? ["a", "b", "c"] : ["a", "b"]);
      await t1.rollback();
    });
  });

  test("what a transaction decided on one commit is a whole one, never half of another", async () => {
    await interleaved(isolation, async (t1, t2, db) => {
      await t2.put("a", 5);
      await t2.put("b", 5);
      await t2.commit();
      const fresh = db.begin({ isolation });
      expect([await fresh.get("a"), await fresh.get("b")]).toEqual([5, 5]);
      await fresh.rollback();
      await t1.rollback();
    });
  });
});

test("at serializable a range that stayed empty is read as well", async () => {
  const [outcome] = await interleaved("serializable", async (t1, t2) => {
    for await (const _entry of t1.scan({ gt: "x", lt: "z" })) {
      expect.unreachable();
    }
    await t1.put("a", 0);
    await t2.put("y", 1);
    await t2.commit();
    await t1.commit();
  });
  expect(outcome).toBe("CONFLICT");
});

test("at serializable a limited scan has read no further than it went", async () => {
  const [outcome] = await interleaved("serializable", async (t1, t2) => {
    for await (const { key } of t1.scan({ limit: 1 })) {
      expect(key).toBe("a");
    }
    await t1.put("z", 0);
    await t2.put("b", 2);
    await t2.commit();
    await t1.commit();
  });
  expect(outcome).toBe("done");
});

test("at serializable own writes are no reads", async () => {
  const [outcome] = await interleaved("serializable", async (t1, t2) => {
    await t1.put("a", 7);
    expect(await t1.get("a")).toBe(7);
    await t2.put("a", 8);
    await t2.commit();
    await t1.commit();
  });
  expect(outcome).toBe("done");
});

test("a level is chosen per transaction", async () => {
  const store = new VirtualStore();
  const db = await store.open({ isolation: "read-committed" });
  expect(db.begin().isolation).toBe("read-committed");
  expect(db.begin({ isolation: "serializable" }).isolation).toBe("serializable");
});

test("db.transaction runs a conflicting work again until it commits, and says when it gives up", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  const runs: number[] = [];
  const increment = async (tx: Transaction): Promise<number> => {
    const value = Number((await tx.get("n")) ?? 0) + 1;
    runs.push(value);
    await tx.put("n", value);
    return value;
  };
  const results = await store.run(
    async () => await Promise.all(Array.from({ length: 8 }, () => db.transaction(increment))),
  );
  expect(results.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(runs.length).toBeGreaterThan(8);
  await expect(
    store.run(
      async () =>
        await db.transaction(
          async (tx) => {
            await increment(tx);
            await db.put("n", 100);
          },
          { attemptsMax: 2 },
        ),
    ),
  ).rejects.toMatchObject({ code: "CONFLICT" });
  expect(db.stats()).toMatchObject({ openTransactions: 0, snapshots: 0 });
});

test("db.transaction rolls back what throws, and passes the error on", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  const failure = new Error("the caller's own");
  await expect(
    store.run(
      async () =>
        await db.transaction(async (tx) => {
          await tx.put("a", 1);
          throw failure;
        }),
    ),
  ).rejects.toBe(failure);
  expect(await store.entries(db)).toEqual([]);
  expect(db.stats().openTransactions).toBe(0);
});

test("the work may end its transaction itself", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  await store.run(async () => {
    await db.transaction(async (tx) => {
      await tx.put("a", 1);
      await tx.rollback();
    });
    await db.transaction(async (tx) => {
      await tx.put("b", 1);
      await tx.commit();
    });
  });
  expect(await store.entries(db)).toEqual([["b", 1]]);
});
