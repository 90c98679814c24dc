import { expect, test } from "vitest";
import { Database } from "../engine/database.ts";
import type { OpenOptions } from "../engine/options.ts";
import { PrngChoices } from "../sim/core/choices.ts";
import type { DiskOperation } from "../sim/disk/disk-faults.ts";
import { codeOf } from "./support/outcomes.ts";
import { VirtualStore } from "./support/virtual-store.ts";

const never = (): Promise<never> => new Promise<never>(() => {});

/** An open goes on until the disk was asked for this, and a few steps more. */
async function openUntil(
  store: VirtualStore,
  options: Partial<OpenOptions>,
  wanted: (operation: DiskOperation) => boolean,
): Promise<void> {
  const state = { met: false };
  store.fault((operation) => {
    state.met ||= wanted(operation);
    return undefined;
  });
  Database.open(store.options(options)).catch(() => {});
  for (let steps = 0; steps < 2000 && !state.met; steps += 1) {
    await store.runSteps(1, never);
  }
  store.fault(undefined);
  expect(state.met).toBe(true);
}

const isHeader = ({ kind, position }: DiskOperation): boolean => kind === "write" && position === 0;
const isTail = ({ kind, position }: DiskOperation): boolean => kind === "write" && position > 0;

/** What opens find after power cuts of many kinds. */
async function afterPowerCuts(
  original: VirtualStore,
  options: Partial<OpenOptions>,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let seed = 0; seed < 150; seed += 1) {
    const store = original.fork();
    store.crash("power", new PrngChoices(String(seed)));
    const code = await codeOf(async () => {
      const db = await store.open(options);
      expect(await store.entries(db)).toContainEqual(["a", 1]);
    });
    found.set(code, `seed ${seed}`);
  }
  return found;
}

test.each([1024, 4096])(
  "an idle epoch is no abandoned start: its file may not be used before what replaces it is durable (segments of %i)",
  async (segmentBytes) => {
    const store = new VirtualStore();
    const options = { segmentBytes };
    await store.run(async () => {
      const db = await Database.open(store.options(options));
      await db.put("a", 1);
      await db.close();
    });
    await store.run(async () => {
      const idle = await Database.open(store.options(options));
      await idle.close();
    });
    await openUntil(store, options, isHeader);
    store.crash("process");
    await openUntil(store, options, isHeader);
    expect([...(await afterPowerCuts(store, options)).keys()]).toEqual(["done"]);
  },
);

test("an abandoned start with a copied tail is not written over while it may still be the log", async () => {
  const store = new VirtualStore();
  const options = { segmentBytes: 4096, syncPolicy: "os" } as const;
  await store.run(async () => {
    const db = await Database.open(store.options(options));
    await db.put("a", 1);
    await db.sync();
    await db.put("b", "x".repeat(600));
    await db.put("c", "x".repeat(600));
  });
  await store.settle(); // the reserve is full
  store.crash("process");
  for (let round = 0; round < 2; round += 1) {
    await openUntil(store, options, isHeader);
    store.crash("process");
  }
  const found = new Map<string, string>();
  for (const steps of [0, 1, 2, 3, 4, 5, 6]) {
    const third = store.fork();
    await openUntil(third, options, isTail);
    await third.runSteps(steps, never);
    for (const [code, seed] of await afterPowerCuts(third, options)) {
      found.set(code, `${steps} steps, ${seed}`);
    }
  }
  expect([...found.keys()]).toEqual(["done"]);
});
