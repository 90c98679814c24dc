import { expect, test } from "vitest";
import { isAllZero } from "../engine/base/bytes.ts";
import type { Database } from "../engine/database.ts";
import { isMirrorName } from "../engine/platform/mirrored-files.ts";
import { PrngChoices } from "../sim/core/choices.ts";
import type { VirtualDisk } from "../sim/disk/virtual-disk.ts";
import { codeOf, reasonOf } from "./support/outcomes.ts";
import { DIRECTORY, VirtualStore } from "./support/virtual-store.ts";

const OPTIONS = { segmentBytes: 2048, batchBytesMax: 300, pageBytes: 4096, cacheBytes: 16_384 };
const SECTOR_BYTES = 512;

interface Original {
  readonly store: VirtualStore;
  readonly content: string;
}

/** Small values, large ones, old ones that are gone; checkpoints in between, and log behind the last. */
async function work(db: Database, life: number): Promise<void> {
  for (let number = 0; number < 24; number += 1) {
    await db.put(`key ${number % 16}`, `${life} ${number} `.repeat(1 + (number % 5) * 20));
    if (number % 8 === 5) {
      await db.put(`large ${life}`, new Uint8Array(6000).fill(number));
      await db.delete(`key ${number - 3}`);
    }
    if (number === 12) {
      await db.checkpoint();
    }
  }
}

/** Two lives, the second of which ends like that. */
async function made(end: (store: VirtualStore, db: Database) => Promise<void>): Promise<Original> {
  const store = new VirtualStore({ profile: "paranoid", seed: "mirror" });
  const first = await store.open({ ...OPTIONS, copies: 2 });
  await store.run(() => work(first, 1));
  await store.run(() => first.close());
  const db = await store.open(OPTIONS);
  await store.run(() => work(db, 2));
  await end(store, db);
  const fork = store.fork();
  return { store, content: await contentOf(fork, await fork.open(OPTIONS)) };
}

async function contentOf(store: VirtualStore, db: Database): Promise<string> {
  return JSON.stringify(await store.entries(db));
}

function put(key: string, value: string): { type: "put"; key: string; value: string } {
  return { type: "put", key, value };
}

/** Pages are being written in place. */
const STEPS_INTO_CHECKPOINT = 10;

const ENDS = {
  "was closed": (store, db) => store.run(() => db.close()),
  "was killed": async (store) => {
    await store.settle();
    store.crash("process");
  },
  "lost its power": async (store, db) => {
    // A checkpoint under way: each copy keeps a part of its own of what was not synced.
    await store.run(() => db.batch(["a", "b", "c"].map((key) => put(key, key.repeat(999)))));
    await store.runSteps(STEPS_INTO_CHECKPOINT, () => db.checkpoint());
    store.crash("power", new PrngChoices("power"));
  },
} satisfies Record<string, (store: VirtualStore, db: Database) => Promise<unknown>>;

/** What happens to a sector that begins there. False: nothing that can be damaged is there. */
type Harm = (disk: VirtualDisk, path: string, from: number) => boolean;

const HARMS: readonly Harm[] = [
  (disk, path, from) => disk.flipBit(path, from + ((from / SECTOR_BYTES) % 90), 3),
  (disk, path, from) => disk.spoilSector(path, from),
  (disk, path, from) => disk.replaceBytes(path, from, new Uint8Array(SECTOR_BYTES)),
  // Another sector of the file, as a misdirected write leaves it.
  (disk, path, from) => {
    const elsewhere = from === 0 ? 8 * SECTOR_BYTES : 0;
    const bytes = disk.durableBytes(path)?.slice(elsewhere, elsewhere + SECTOR_BYTES);
    return bytes?.length === SECTOR_BYTES && disk.replaceBytes(path, from, bytes);
  },
];

interface Outcomes {
  damaged: number;
  repaired: number;
  readonly wrong: string[];
}

/** Opens the damaged store, reads all of it, and scrubs it: then nothing may be damaged any more. */
async function judge(damaged: VirtualStore, content: string, outcomes: Outcomes): Promise<void> {
  const db = await damaged.open(OPTIONS);
  const found = await contentOf(damaged, db);
  const scrubbed = await damaged.run(() => db.scrub());
  const again = await damaged.run(() => db.scrub());
  expect(found).toBe(content);
  expect(scrubbed).toMatchObject({ notRepaired: 0, problems: [] });
  expect(again).toMatchObject({ repaired: 0, notRepaired: 0, problems: [] });
  outcomes.repaired += db.stats().copiesRepaired > 0 ? 1 : 0;
  await damaged.run(() => db.close());
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "no error";
}

/** Of sectors in which nothing ever was, only some: they are many, and alike. Of the others most. */
function isWorthIt(bytes: Uint8Array, from: number): boolean {
  const sector = from / SECTOR_BYTES;
  return isAllZero(bytes.subarray(from, from + SECTOR_BYTES)) ? sector % 32 === 5 : sector % 4 < 3;
}

test.each(Object.entries(ENDS))(
  "a store that %s has everything, whatever happens to any one sector of any file",
  async (_, end) => {
    const { store, content } = await made(end);
    const outcomes: Outcomes = { damaged: 0, repaired: 0, wrong: [] };
    for (const { path } of store.disk.files("durable")) {
      const bytes = store.disk.durableBytes(path) ?? new Uint8Array();
      for (let from = 0; from < bytes.length; from += SECTOR_BYTES) {
        const damaged = store.fork();
        const harm = HARMS[(from / SECTOR_BYTES) % HARMS.length];
        if (isWorthIt(bytes, from) && harm?.(damaged.disk, path, from) === true) {
          outcomes.damaged += 1;
          const error = await reasonOf(() => judge(damaged, content, outcomes));
          outcomes.wrong.push(
            ...(error === undefined ? [] : [`${path} ${from}: ${messageOf(error)}`]),
          );
        }
      }
    }
    expect(outcomes.wrong).toEqual([]);
    expect(outcomes.damaged).toBeGreaterThan(200);
    expect(outcomes.repaired).toBeGreaterThan(100);
  },
);

test("after a power cut each copy misses something else, and the store has everything", async () => {
  const { store, content } = await made(ENDS["lost its power"]);
  const db = await store.open(OPTIONS);
  expect(await contentOf(store, db)).toBe(content);
  const mended = store.events.flatMap(({ event, details }) =>
    event === "mirror.repaired" ? [isMirrorName(String(details["path"]))] : [],
  );
  expect(new Set(mended)).toEqual(new Set([true, false]));
});

const COPIES = [
  ["first", (path: string) => !isMirrorName(path)],
  ["second", isMirrorName],
] as const;

test.each(COPIES)("the %s copy of everything may be from long ago", async (_, isOld) => {
  const store = new VirtualStore({ profile: "paranoid", seed: "mirror" });
  const db = await store.open({ ...OPTIONS, copies: 2 });
  await store.run(() => work(db, 1));
  await store.settle();
  const long = new Map(store.disk.files().map(({ path }) => [path, store.disk.content(path)]));
  await store.run(() => work(db, 2));
  const content = await contentOf(store, db);
  await store.run(() => db.close());
  for (const [path, bytes] of long) {
    if (isOld(path) && bytes !== undefined && store.disk.stat(path) !== undefined) {
      store.disk.replaceBytes(path, 0, bytes);
    }
  }
  const again = await store.open(OPTIONS);
  expect(await contentOf(store, again)).toBe(content);
  expect(await store.run(() => again.scrub())).toMatchObject({ notRepaired: 0, problems: [] });
  expect(again.stats().copiesRepaired).toBeGreaterThan(3);
});

test.each(COPIES)("the %s copy of everything may be gone", async (_, isGone) => {
  const { store, content } = await made(ENDS["was closed"]);
  for (const { path } of store.disk.files()) {
    if (isGone(path) && !path.endsWith("LOCK")) {
      store.disk.unlink(path);
    }
  }
  const db = await store.open(OPTIONS);
  expect(await contentOf(store, db)).toBe(content);
  expect(await store.run(() => db.scrub())).toMatchObject({ notRepaired: 0, problems: [] });
  await store.run(() => db.close());
  // Then the other one may go.
  for (const { path } of store.disk.files()) {
    if (!isGone(path)) {
      store.disk.unlink(path);
    }
  }
  expect(await contentOf(store, await store.open(OPTIONS))).toBe(content);
});

const DAMAGED = [
  ["pages.db", 4096 + 700],
  ["pages-0.dwb.mirror", 4096 + 700],
  ["pages-1.dwb", 30],
  ["control.db.mirror", 30],
  ["control.db", 65_536 + 30],
  ["pages.lsn", 30],
] as const;

test("what a scrub has repaired survives a power cut", async () => {
  const { store } = await made(ENDS["was closed"]);
  const db = await store.open(OPTIONS);
  for (const [name, offset] of DAMAGED) {
    expect(store.disk.flipBit(`${DIRECTORY}/${name}`, offset, 1)).toBe(true);
  }
  const active = store.events.findLast(({ event }) => event === "log.rotate")?.details["file"];
  const log = `${DIRECTORY}/${String(active)}.mirror`;
  await store.run(() => db.put("more", "log"));
  expect(store.disk.spoilSector(log, 0)).toBe(true);
  await store.run(() => db.scrub());
  // Nothing of what was not synced.
  store.crash("power");
  expect(store.disk.damages()).toEqual([]);
});

test("what an open has repaired of the log survives a power cut", async () => {
  const { store } = await made(ENDS["was killed"]);
  let damaged = 0;
  for (const path of store.segmentPaths()) {
    const bytes = store.disk.durableBytes(path) ?? new Uint8Array();
    damaged += isAllZero(bytes.subarray(512, 1024)) ? 0 : 1;
    store.disk.flipBit(path, 600, 1);
  }
  expect(damaged).toBeGreaterThan(2);
  await store.open(OPTIONS);
  const mended = store.events
    .filter(({ event }) => event === "mirror.repaired")
    .map(({ details }) => String(details["path"]));
  store.crash("power");
  expect(mended.length).toBeGreaterThan(0);
  const left = store.disk.damages().filter(({ path, visible }) => visible && mended.includes(path));
  expect(left).toEqual([]);
});

test("damage to both copies of one place is refused, and scrub says where", async () => {
  const { store } = await made(ENDS["was closed"]);
  const page = store.fork();
  for (const path of ["pages.db", "pages.db.mirror"]) {
    page.disk.spoilSector(`${DIRECTORY}/${path}`, 2 * 4096 + SECTOR_BYTES);
  }
  const db = await page.open(OPTIONS);
  expect(await codeOf(() => page.entries(db))).toBe("IO");
  expect(await page.run(() => db.scrub())).toMatchObject({
    repaired: 0,
    problems: [{ file: "pages.db", page: 2 }],
  });
  const control = store.fork();
  for (const path of ["control.db", "control.db.mirror"]) {
    control.disk.flipBit(`${DIRECTORY}/${path}`, 20, 1);
    control.disk.flipBit(`${DIRECTORY}/${path}`, 65_536 + 20, 1);
  }
  expect(await codeOf(() => control.open(OPTIONS))).toBe("CORRUPTION");
});

type Damage = (disk: VirtualDisk, path: string) => boolean;

const spoiled: Damage = (disk, path) => disk.spoilSector(path, 0);
const flipped: Damage = (disk, path) => disk.flipBit(path, 20, 1);

/** All log files that have a header: the store needs one of them, at the least. */
function logNames({ disk }: VirtualStore): string[] {
  return disk
    .files()
    .filter(({ path }) => !isMirrorName(path) && path.includes("wal-"))
    .filter(
      ({ path }) => !isAllZero(disk.content(path)?.subarray(0, SECTOR_BYTES) ?? new Uint8Array()),
    )
    .map(({ path }) => path.slice(DIRECTORY.length + 1));
}

test.each([
  ["wal-00000001.log", 2, logNames, spoiled],
  ["wal-00000001.log", 1, logNames, spoiled],
  ["the log", 2, logNames, flipped],
  ["pages-0.dwb", 2, () => ["pages-0.dwb"], spoiled],
] as const)(
  "scrub reports damage to all copies, and the store goes on: %s of %i",
  async (...row) => {
    const [reported, copies, namesOf, damage] = row;
    const store = new VirtualStore({ seed: "scrub" });
    const db = await store.open({ ...OPTIONS, copies });
    await store.run(() => work(db, 1));
    await store.run(() => db.checkpoint());
    for (const name of namesOf(store)) {
      expect(damage(store.disk, `${DIRECTORY}/${name}`)).toBe(true);
      expect(copies === 1 || damage(store.disk, `${DIRECTORY}/${name}.mirror`)).toBe(true);
    }
    const { problems } = await store.run(() => db.scrub());
    expect(problems.map(({ file }) => file)).toEqual([reported]);
    await store.run(() => db.put("still", "taken"));
    expect(await store.run(() => db.get("still"))).toBe("taken");
  },
);

test("what could be read once, and not when a scrub was to mend it, is reported and stops nothing", async () => {
  const { store } = await made(ENDS["was killed"]);
  const db = await store.open(OPTIONS);
  await store.run(() => db.put("more", "log"));
  const name = String(
    store.events.findLast(({ event }) => event === "log.rotate")?.details["file"],
  );
  const copies = [`${DIRECTORY}/${name}`, `${DIRECTORY}/${name}.mirror`];
  expect(store.disk.flipBit(`${DIRECTORY}/${name}`, SECTOR_BYTES + 70, 1)).toBe(true);
  // To read its header, to read all of it, and to mend it.
  let opens = 0;
  store.fault(({ kind, path }) => {
    opens += kind === "open" && path === copies[0] ? 1 : 0;
    const isStruck = opens > 2 && kind === "read" && copies.includes(path);
    return isStruck ? { kind: "error", code: "EIO" } : undefined;
  });
  const { problems, repaired } = await store.run(() => db.scrub());
  expect(opens).toBe(3);
  expect(problems.map(({ file }) => file)).toEqual([name]);
  expect(repaired).toBe(0);
  store.fault(undefined);
  await store.run(() => db.put("still", "taken"));
  expect(await store.run(() => db.scrub())).toMatchObject({ repaired: 1, problems: [] });
});

test("a scrub that a close cuts short is no failure of the store", async () => {
  const store = new VirtualStore({ seed: "scrub" });
  const db = await store.open({ ...OPTIONS, copies: 2 });
  await store.run(() => work(db, 1));
  const codes = new Set<string>();
  for (let steps = 0; !codes.has("done"); steps += 10) {
    const fork = store.fork();
    const other = await fork.open(OPTIONS);
    const scrub = codeOf(() => other.scrub());
    await fork.runSteps(steps, () => scrub);
    await fork.run(() => other.close());
    codes.add(await scrub);
    expect(fork.events.some(({ event }) => event === "pages.failed")).toBe(false);
  }
  expect(codes).toEqual(new Set(["CLOSED", "done"]));
});

test("how many copies there are is decided when the store is made", async () => {
  const store = new VirtualStore();
  const db = await store.open({ ...OPTIONS, copies: 2 });
  await store.run(() => db.close());
  const again = await store.open({ ...OPTIONS, copies: 1 });
  expect(again.stats().copies).toBe(2);
  const single = new VirtualStore();
  const one = await single.open(OPTIONS);
  await single.run(() => one.close());
  expect((await single.open({ ...OPTIONS, copies: 2 })).stats().copies).toBe(1);
  expect(single.disk.files().some(({ path }) => isMirrorName(path))).toBe(false);
});
