import { beforeAll, expect, test } from "vitest";
import { type ErrorPlace, isSeawallError } from "../engine/base/errors.ts";
import { BLOCK_BYTES } from "../engine/pages/settled-pages-format.ts";
import { reasonOf } from "./support/outcomes.ts";
import { DIRECTORY, VirtualStore } from "./support/virtual-store.ts";

const PAGE_BYTES = 4096;
const OPTIONS = { segmentBytes: 16_384, pageBytes: PAGE_BYTES };
const PAGES = `${DIRECTORY}/pages.db`;
const PAGE_LSNS = `${DIRECTORY}/pages.lsn`;
const KEYS = 300;

/** A store that was closed, and its pages as they were some checkpoints before. */
let store: VirtualStore;
let oldPages: Uint8Array;
let newest: string;

async function write(round: number, keys: number): Promise<void> {
  const db = await store.open(OPTIONS);
  await store.run(async () => {
    for (let number = 0; number < keys; number += 1) {
      await db.put(`key${String(number).padStart(3, "0")}`, `${round} `.repeat(100));
    }
    await db.checkpoint();
    await db.close();
  });
}

/** As if the device had lost all writes of this page since then. */
function putBack(disk: VirtualStore["disk"], page: number): void {
  const file = disk.open(PAGES, "write");
  const from = page * PAGE_BYTES;
  disk.write(file, oldPages.subarray(from, from + PAGE_BYTES), from);
  disk.sync(file, "datasync");
  disk.close(file);
}

interface Outcome {
  readonly content?: string;
  readonly error: unknown;
}

/** Opens a copy to which something was done, and reads and checks all of it. */
async function opened(harm: (disk: VirtualStore["disk"]) => void): Promise<Outcome> {
  const copy = store.fork();
  harm(copy.disk);
  let content: string | undefined;
  const error = await reasonOf(async () => {
    const db = await copy.open(OPTIONS);
    content = JSON.stringify(await copy.entries(db));
    const problems = await copy.run(() => db.verify());
    expect(problems).toEqual([]);
    await copy.run(() => db.close());
  });
  return content === undefined ? { error } : { content, error };
}

function isAt(place: ErrorPlace | undefined, page: number): boolean {
  return place?.file === PAGES && place.offset === page * PAGE_BYTES;
}

function changedPages(): readonly number[] {
  const now = store.disk.durableBytes(PAGES) ?? new Uint8Array();
  const count = Math.floor(Math.min(oldPages.length, now.length) / PAGE_BYTES);
  return Array.from({ length: count }, (_, page) => page).filter((page) => {
    const [from, to] = [page * PAGE_BYTES, (page + 1) * PAGE_BYTES];
    return Buffer.compare(oldPages.subarray(from, to), now.subarray(from, to)) !== 0;
  });
}

beforeAll(async () => {
  store = new VirtualStore();
  await write(1, KEYS);
  oldPages = store.disk.durableBytes(PAGES)?.slice() ?? new Uint8Array();
  await write(2, KEYS);
  // The newest double-write area then has only these.
  await write(3, 5);
  newest = (await opened(() => {})).content ?? "";
});

test("every page that is as it was before is mended, or refused with its place", async () => {
  expect(newest).toMatch(/3 3 3.*2 2 2/);
  const pages = changedPages();
  const outcomes: unknown[] = [];
  for (const page of pages) {
    const { content, error } = await opened((disk) => putBack(disk, page));
    const isRefused = isSeawallError(error, "CORRUPTION") && isAt(error.place, page);
    outcomes.push(isRefused ? "refused" : [page, error, content === newest]);
  }
  const mended = pages.map((page) => [page, undefined, true]);
  expect(outcomes.filter((outcome) => outcome === "refused").length).toBeGreaterThan(5);
  expect(mended).toEqual(expect.arrayContaining(outcomes.filter((each) => each !== "refused")));
});

test("without the LSNs that the checkpoints took down some of them are served", async () => {
  let served = 0;
  for (const page of changedPages()) {
    const { content, error } = await opened((disk) => {
      putBack(disk, page);
      disk.unlink(PAGE_LSNS);
    });
    served += error === undefined && content !== newest ? 1 : 0;
  }
  expect(served).toBeGreaterThan(0);
});

test("whatever happens to these LSNs, no page of the right age is refused", async () => {
  const size = store.disk.durableBytes(PAGE_LSNS)?.length ?? 0;
  expect(size).toBeGreaterThanOrEqual(65_536 + BLOCK_BYTES);
  const whole = await opened((disk) => disk.unlink(PAGE_LSNS));
  expect(whole).toEqual({ content: newest, error: undefined });
  for (const slot of [0, 65_536]) {
    for (let offset = 0; offset < BLOCK_BYTES; offset += 61) {
      const flipped = await opened((disk) => disk.flipBit(PAGE_LSNS, slot + offset, offset % 8));
      expect(flipped).toEqual({ content: newest, error: undefined });
    }
    const unreadable = await opened((disk) => disk.spoilSector(PAGE_LSNS, slot));
    expect(unreadable).toEqual({ content: newest, error: undefined });
  }
});
