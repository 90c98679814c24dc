import { expect, test } from "vitest";
import { PrngChoices } from "../sim/core/choices.ts";
import { PROFILES } from "../sim/disk/profiles.ts";
import { VirtualDisk } from "../sim/disk/virtual-disk.ts";
import { VirtualStore } from "./support/virtual-store.ts";

const CRASHES = 40;
const KEYS = 40;

function keyOf(index: number): string {
  return `key ${String(index).padStart(3, "0")}`;
}

test.each([4096, 16_384, 65_536])(
  "a power cut that damages sectors of %i bytes loses nothing",
  async (sectorBytes) => {
    const disk = new VirtualDisk({ profile: PROFILES.paranoid, sectorBytes });
    const store = new VirtualStore({ seed: "sectors" }, disk);
    const options = { sectorBytes, segmentBytes: 4 * sectorBytes, cacheBytes: 1 << 20 };
    let db = await store.open(options);
    const expected = new Map<string, unknown>();
    for (let index = 0; index < KEYS; index += 1) {
      const value = `${index}`.padEnd(900, ".");
      expected.set(keyOf(index), value);
      await store.run(() => db.put(keyOf(index), value));
    }
    await store.run(() => db.checkpoint());
    await store.run(() => db.close());
    store.writeBack();
    for (let crash = 0; crash < CRASHES; crash += 1) {
      db = await store.open(options);
      const key = keyOf((crash * 7) % KEYS);
      const value = `${crash} again`.padEnd(900, "-");
      await store.run(() => db.put(key, value));
      expected.set(key, value);
      await store.runSteps(crash % 30, () => db.checkpoint());
      store.crash("power", new PrngChoices(`${sectorBytes} ${crash}`));
      db = await store.open(options);
      expect(await store.entries(db), `crash ${crash}`).toEqual(
        [...expected].toSorted(([a], [b]) => (a < b ? -1 : 1)),
      );
      expect(await store.run(() => db.verify())).toEqual([]);
      await store.run(() => db.close());
    }
  },
);
