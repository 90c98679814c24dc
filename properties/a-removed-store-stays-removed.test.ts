import { expect, test } from "vitest";
import { Database } from "../engine/database.ts";
import type { ProfileName } from "../sim/disk/profiles.ts";
import { codeOf } from "./support/outcomes.ts";
import { staleBlocks } from "./support/stale-blocks.ts";
import { DIRECTORY, VirtualStore } from "./support/virtual-store.ts";

/** A disk on which a store was used, closed and removed, durably. Its blocks still hold its log. */
async function afterRemoval(profile: ProfileName): Promise<VirtualStore> {
  const store = new VirtualStore({ profile, seed: "removed" });
  const db = await store.open();
  await store.run(() => db.put("old", "of the removed store"));
  await store.run(() => db.close());
  for (const { path } of store.disk.files()) {
    store.disk.unlink(path);
  }
  store.disk.syncDirectory(DIRECTORY);
  return store;
}

const KEYS = ["new1", "new2", "new3"];

/** What a power cut leaves of a new store after so many steps: what is wrong with it, if anything. */
async function troubleAfter(
  original: VirtualStore,
  steps: number,
  seed: string,
): Promise<{ readonly finished: boolean; readonly trouble: string | undefined }> {
  const store = new VirtualStore({ seed }, original.disk.clone());
  const acknowledged: string[] = [];
  const finished = await store.runSteps(steps, async () => {
    const db = await Database.open(store.options());
    for (const key of KEYS) {
      await db.put(key, "x".repeat(1500));
      acknowledged.push(key);
    }
    await db.close();
  });
  store.crash("power", staleBlocks(seed));
  let found: string[] = [];
  const code = await codeOf(async () => {
    found = (await store.entries(await store.open())).map(([key]) => String(key));
  });
  const whole = acknowledged.every((key) => found.includes(key));
  const own = found.every((key) => KEYS.includes(key));
  const trouble = code === "done" && whole && own ? undefined : `${code}: ${found.join(" ")}`;
  return { finished, trouble };
}

test.each(["paranoid", "ext4-writeback"] as const)(
  "a store made where another was removed opens after any power cut, and holds its own: %s",
  async (profile) => {
    const original = await afterRemoval(profile);
    const troubles: string[] = [];
    let done = false;
    for (let steps = 1; !done; steps += 1) {
      for (let seed = 0; seed < 25; seed += 1) {
        const { finished, trouble } = await troubleAfter(original, steps, `${steps}/${seed}`);
        done = finished;
        troubles.push(
          ...(trouble === undefined ? [] : [`step ${steps}, seed ${seed}: ${trouble}`]),
        );
      }
    }
    expect(troubles).toEqual([]);
  },
);
