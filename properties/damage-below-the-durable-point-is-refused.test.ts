import { beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../engine/database.ts";
import {
  chainOfSegments,
  findSegmentFiles,
  type LiveSegment,
} from "../engine/log/segment-files.ts";
import { codeOf, reasonOf } from "./support/outcomes.ts";
import { DIRECTORY, VirtualStore } from "./support/virtual-store.ts";

const OPTIONS = { segmentBytes: 2048, batchBytesMax: 300, pageBytes: 4096 };

interface Original {
  readonly store: VirtualStore;
  readonly content: string;
}

/** Lives that the death of the process ended: all of the log is needed. */
let killed: Original;
/** The last life ended by a close: the log is in the pages. */
let closed: Original;
/** The log from the middle of the first life on is needed, and not before. */
let checkpointed: Original;

async function write(db: Database, life: number): Promise<void> {
  for (let number = 1; number <= 4; number += 1) {
    await db.put(`k${life}${number}`, "v".repeat(number * 70));
  }
}

async function live(store: VirtualStore, work: (db: Database) => Promise<void>): Promise<void> {
  const db = await store.open(OPTIONS);
  await store.run(() => work(db));
  await store.settle();
  store.crash("process");
}

/** A third life that only opens the store: from then on the log proves that all before was durable. */
async function made(
  second: (db: Database) => Promise<void>,
  withCheckpoint: boolean,
): Promise<Original> {
  const store = new VirtualStore({ profile: "ext4-ordered" });
  await live(store, async (db) => {
    await write(db, 0);
    await (withCheckpoint ? db.checkpoint() : undefined);
    await write(db, 1);
  });
  await live(store, second);
  await live(store, async () => {});
  const fork = store.fork();
  return { store, content: JSON.stringify(await fork.entries(await fork.open(OPTIONS))) };
}

beforeAll(async () => {
  killed = await made((db) => write(db, 2), false);
  checkpointed = await made((db) => write(db, 2), true);
  closed = await made(async (db) => {
    await write(db, 2);
    await db.close();
  }, false);
});

/** The files that hold the log, oldest first. */
async function logFiles(store: VirtualStore): Promise<readonly LiveSegment[]> {
  const { files } = store.options().platform;
  return chainOfSegments(await store.run(() => findSegmentFiles(files, DIRECTORY)));
}

interface Damaged {
  /** "done" or the code of the refusal. */
  readonly outcome: string;
  readonly error: unknown;
  readonly entries: unknown;
  /** The open was refused, or reading was. */
  readonly opened: boolean;
  readonly changed: boolean;
}

/** Opens a copy of the store with one bit flipped, and reads all of it. */
async function openDamaged(
  { store: original }: Original,
  path: string,
  offset: number,
): Promise<Damaged> {
  const store = original.fork();
  store.disk.flipBit(path, offset, offset % 8);
  const before = store.disk.digest("visible");
  let entries: unknown;
  let opened = false;
  const error = await reasonOf(async () => {
    const db = await store.open(OPTIONS);
    opened = true;
    entries = await store.entries(db);
  });
  const changed = store.disk.digest("visible") !== before;
  const outcome = error === undefined ? "done" : await codeOf(() => Promise.reject(error));
  return { outcome, error, entries, opened, changed };
}

interface Outcomes {
  whole: number;
  refused: number;
  /** The store opened, and refused to read the page. */
  unread: number;
}

/** Flips one bit after the other of each file. Anything that is lost is in `wrong`. */
async function flipBits(
  original: Original,
  paths: readonly string[],
  isFlipped: (offset: number) => boolean,
): Promise<{ outcomes: Outcomes; wrong: string[] }> {
  const outcomes: Outcomes = { whole: 0, refused: 0, unread: 0 };
  const wrong: string[] = [];
  for (const path of paths) {
    const size = original.store.disk.content(path)?.length ?? 0;
    for (const offset of Array.from({ length: size }, (_, i) => i).filter(isFlipped)) {
      const damaged = await openDamaged(original, path, offset);
      const verdict = verdictOf(damaged, original);
      if (verdict === undefined) {
        wrong.push(`${path} byte ${offset}: ${damaged.outcome}`);
      } else {
        outcomes[verdict] += 1;
      }
    }
  }
  return { outcomes, wrong };
}

/** Undefined when something is lost, or was changed before it was refused. */
function verdictOf(
  { outcome, entries, opened, changed }: Damaged,
  { content }: Original,
): keyof Outcomes | undefined {
  if (outcome === "done") {
    return JSON.stringify(entries) === content ? "whole" : undefined;
  }
  if (outcome !== "CORRUPTION") {
    return undefined;
  }
  if (opened) {
    return "unread";
  }
  return changed ? undefined : "refused";
}

/** Headers and short payloads often, the rest of each sector now and then. */
const inLog = (offset: number): boolean =>
  offset % 512 < 110 ? offset % 13 === 0 : offset % 139 === 0;

/** The headers, and some of the rest. */
const inPages = (offset: number): boolean =>
  offset % 4096 < 80 ? offset % 11 === 0 : offset % 1511 === 0;

const inSlots = (offset: number): boolean =>
  offset % 65_536 < 100 ? offset % 5 === 0 : offset % 30_011 === 0;

describe("wherever one bit is flipped, nothing is lost: the store is whole, or refuses", () => {
  test("in a log that is needed, and then the store stays as it was", async () => {
    const { store } = killed;
    const { outcomes, wrong } = await flipBits(killed, store.segmentPaths(), inLog);
    expect(wrong).toEqual([]);
    expect(outcomes.refused).toBeGreaterThan(50);
    expect(outcomes.whole).toBeGreaterThan(50);
    expect(outcomes.unread).toBe(0);
  });

  test("in a log that is in the pages, and then the store is whole", async () => {
    const { store } = closed;
    const paths = store.segmentPaths();
    const { outcomes, wrong } = await flipBits(closed, paths, (offset) => offset % 173 === 0);
    expect(wrong).toEqual([]);
    expect(outcomes.whole).toBeGreaterThan(50);
    expect(outcomes.unread).toBe(0);
  });

  test("in the pages and their double-write areas", async () => {
    const paths = ["pages.db", "pages-0.dwb", "pages-1.dwb"].map((name) => `/store/${name}`);
    for (const original of [killed, closed]) {
      const { outcomes, wrong } = await flipBits(original, paths, inPages);
      expect(wrong).toEqual([]);
      expect(outcomes.whole).toBeGreaterThan(50);
    }
  });

  test("in the control file: one slot stands in for the other", async () => {
    for (const original of [killed, closed]) {
      const { outcomes, wrong } = await flipBits(original, ["/store/control.db"], inSlots);
      expect(wrong).toEqual([]);
      expect(outcomes).toMatchObject({ refused: 0, unread: 0 });
    }
  });
});

test("a refusal says file, offset, what was expected and what was found", async () => {
  const { error } = await openDamaged(killed, "/store/wal-00000001.log", 512 + 64);
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
  const missing = await openDamaged(killed, "/store/wal-00000001.log", 40);
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
  const store = killed.store.fork();
  store.disk.spoilSector("/store/wal-00000001.log", 1024);
  await expect(store.open(OPTIONS)).rejects.toMatchObject({
    code: "IO",
    cause: { code: "EIO", path: "/store/wal-00000001.log" },
  });
  store.disk.healAll();
  expect(JSON.stringify(await store.entries(await store.open(OPTIONS)))).toBe(killed.content);
});

test("any missing segment is refused, unless all of it is in the pages; the files that are there stay", async () => {
  for (const original of [killed, checkpointed]) {
    const { startLsn } = (await original.store.fork().open(OPTIONS)).recovery;
    const segments = await logFiles(original.store);
    // Nothing tells that there was a last one.
    for (const { file, limitLsn } of segments.slice(0, -1)) {
      const store = original.store.fork();
      store.disk.unlink(`${DIRECTORY}/${file.name}`);
      const before = store.disk.digest("visible");
      const code = await codeOf(() => store.open(OPTIONS));
      expect(code, `without ${file.name}`).toBe(limitLsn <= startLsn ? "done" : "CORRUPTION");
      expect(code === "done" || store.disk.digest("visible") === before).toBe(true);
    }
  }
});

test("a log without its beginning is refused, also when the beginning is that of a checkpoint", async () => {
  for (const original of [killed, checkpointed]) {
    const store = original.store.fork();
    const { startLsn } = (await original.store.fork().open(OPTIONS)).recovery;
    const first = (await logFiles(store)).find(({ limitLsn }) => limitLsn > startLsn);
    store.disk.unlink(`${DIRECTORY}/${first?.file.name}`);
    await expect(store.open(OPTIONS)).rejects.toMatchObject({
      code: "CORRUPTION",
      message: expect.stringMatching(
        // The end of the file before may be the place where the beginning is looked for.
        original === killed
          ? /beginning of the log is missing/
          : /beginning|damaged before its end/,
      ) as unknown,
    });
  }
});

test("a store all of whose headers are damaged is not taken for a new one", async () => {
  for (const original of [killed, closed]) {
    const store = original.store.fork();
    for (const path of store.segmentPaths()) {
      store.disk.flipBit(path, 20, 1);
    }
    const before = store.disk.digest("visible");
    await expect(store.open(OPTIONS)).rejects.toMatchObject({ code: "CORRUPTION" });
    expect(store.disk.digest("visible")).toBe(before);
  }
});

test("a store without any log, or without its control file, is not taken for a new one", async () => {
  for (const isTaken of [
    (path: string) => path.endsWith(".log"),
    (path: string) => path.endsWith("control.db"),
  ]) {
    const store = closed.store.fork();
    for (const { path } of store.disk.files()) {
      if (isTaken(path)) {
        store.disk.unlink(path);
      }
    }
    const before = store.disk.digest("visible");
    await expect(store.open(OPTIONS)).rejects.toMatchObject({ code: "CORRUPTION" });
    expect(store.disk.digest("visible")).toBe(before);
  }
});
