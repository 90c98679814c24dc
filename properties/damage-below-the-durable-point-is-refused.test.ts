import { beforeAll, expect, test } from "vitest";
import type { Database } from "../engine/database.ts";
import { codeOf, reasonOf } from "./support/outcomes.ts";
import { VirtualStore } from "./support/virtual-store.ts";

const OPTIONS = { segmentBytes: 2048, batchBytesMax: 300 };

let original: VirtualStore;
let content: string;

async function write(db: Database, life: number): Promise<void> {
  for (let number = 1; number <= 4; number += 1) {
    await db.put(`k${life}${number}`, "v".repeat(number * 70));
  }
}

/** Two lives over several segments, the first ended by the death of the process, the second by a close. */
beforeAll(async () => {
  original = new VirtualStore({ profile: "ext4-ordered" });
  const first = await original.open(OPTIONS);
  await original.run(() => write(first, 1));
  await original.settle();
  original.crash("process");
  const second = await original.open(OPTIONS);
  await original.run(() => write(second, 2));
  await original.run(() => second.close());
  original.crash();
  const fork = original.fork();
  content = JSON.stringify(await fork.entries(await fork.open(OPTIONS)));
});

interface Damaged {
  /** "done" or the code of the refusal. */
  readonly outcome: string;
  readonly error: unknown;
  readonly entries: unknown;
  readonly changed: boolean;
}

/** Opens a copy of the store with one bit flipped. */
async function openDamaged(path: string, offset: number, bit: number): Promise<Damaged> {
  const store = original.fork();
  store.disk.flipBit(path, offset, bit);
  const before = store.disk.digest("visible");
  let entries: unknown;
  const error = await reasonOf(async () => {
    entries = await store.entries(await store.open(OPTIONS));
  });
  const changed = store.disk.digest("visible") !== before;
  const outcome = error === undefined ? "done" : await codeOf(() => Promise.reject(error));
  return { outcome, error, entries, changed };
}

test("wherever one bit is flipped, nothing is lost: the store is whole, or refuses and stays as it was", async () => {
  const outcomes = { whole: 0, refused: 0 };
  const wrong: string[] = [];
  for (const path of original.segmentPaths()) {
    const size = original.disk.content(path)?.length ?? 0;
    for (let offset = 0; offset < size; offset += 1) {
      // Headers and short payloads often, the rest of each sector now and then.
      if (offset % 512 < 110 ? offset % 13 === 0 : offset % 139 === 0) {
        const { outcome, entries, changed } = await openDamaged(path, offset, offset % 8);
        const whole = outcome === "done" && JSON.stringify(entries) === content;
        const refused = outcome === "CORRUPTION" && !changed;
        outcomes[whole ? "whole" : "refused"] += 1;
        wrong.push(...(whole || refused ? [] : [`${path} byte ${offset}: ${outcome}`]));
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(outcomes.refused).toBeGreaterThan(50);
  expect(outcomes.whole).toBeGreaterThan(50);
});

test("a refusal says file, offset, what was expected and what was found", async () => {
  const { error } = await openDamaged("/store/wal-00000001.log", 512 + 64, 0);
  expect(error).toMatchObject({
    code: "CORRUPTION",
    place: {
      file: "wal-00000001.log",
      offset: 512,
      expected: expect.stringMatching(
        /a batch at LSN 4096: the log was durable up to LSN \d+/,
      ) as unknown,
      found: "bad payload checksum",
    },
  });
  const missing = await openDamaged("/store/wal-00000001.log", 40, 0);
  expect(missing.error).toMatchObject({
    code: "CORRUPTION",
    place: {
      file: expect.any(String) as unknown,
      offset: 0,
      expected: expect.any(String) as unknown,
    },
  });
});

test("an unreadable sector is not the end of the log", async () => {
  const store = original.fork();
  store.disk.spoilSector("/store/wal-00000001.log", 1024);
  await expect(store.open(OPTIONS)).rejects.toMatchObject({
    code: "IO",
    cause: { code: "EIO", path: "/store/wal-00000001.log" },
  });
  store.disk.healAll();
  expect(JSON.stringify(await store.entries(await store.open(OPTIONS)))).toBe(content);
});

test("a missing segment in the middle is refused; the files that are there stay", async () => {
  const [, second] = original.segmentPaths();
  const store = original.fork();
  store.disk.unlink(second ?? "");
  const before = store.disk.digest("visible");
  await expect(store.open(OPTIONS)).rejects.toMatchObject({ code: "CORRUPTION" });
  expect(store.disk.digest("visible")).toBe(before);
});

test("a log without its beginning is refused", async () => {
  const store = original.fork();
  store.disk.unlink("/store/wal-00000001.log");
  await expect(store.open(OPTIONS)).rejects.toMatchObject({
    code: "CORRUPTION",
    message: expect.stringContaining("beginning of the log is missing") as unknown,
  });
});

test("a store all of whose headers are damaged is not taken for a new one", async () => {
  const store = original.fork();
  for (const path of store.segmentPaths()) {
    store.disk.flipBit(path, 20, 1);
  }
  const before = store.disk.digest("visible");
  await expect(store.open(OPTIONS)).rejects.toMatchObject({ code: "CORRUPTION" });
  expect(store.disk.digest("visible")).toBe(before);
});
