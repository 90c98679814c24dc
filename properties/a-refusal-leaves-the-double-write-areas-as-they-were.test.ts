import { expect, test } from "vitest";
import { crc32 } from "../engine/base/checksum.ts";
import { Database } from "../engine/database.ts";
import type { OpenOptions } from "../engine/options.ts";
import { readArea } from "../engine/pages/double-write-format.ts";
import type { PageImage } from "../engine/pages/double-write-format.ts";
import { DOUBLE_WRITE_NAMES } from "../engine/pages/double-write.ts";
import { PAGE_FILE_NAME } from "../engine/pages/page-file.ts";
import { CONTROL_BYTES, readControl } from "../engine/recovery/control-format.ts";
import { reasonOf } from "./support/outcomes.ts";
import { DIRECTORY, VirtualStore } from "./support/virtual-store.ts";

const PAGE_BYTES = 4096;
const PAGES = `${DIRECTORY}/${PAGE_FILE_NAME}`;
const AREAS: readonly string[] = DOUBLE_WRITE_NAMES.map((name) => `${DIRECTORY}/${name}`);

/** A power cut between the double-write area of a batch and its pages in place. */
interface Cut {
  readonly store: VirtualStore;
  /** The area of the batch, and what it held before. */
  readonly area: string;
  readonly before: Uint8Array;
  readonly images: readonly PageImage[];
  readonly entries: string;
}

function optionsOf(cachePages: number, checkpointBytes: number): Partial<OpenOptions> {
  return {
    segmentBytes: 16_384,
    pageBytes: PAGE_BYTES,
    checkpointBytes,
    cacheBytes: cachePages * PAGE_BYTES,
  };
}

async function writeForEver(store: VirtualStore, options: Partial<OpenOptions>): Promise<void> {
  const db = await Database.open(store.options(options));
  for (let round = 0; ; round += 1) {
    for (let number = 0; number < 60; number += 1) {
      const key = `key${String(number).padStart(2, "0")}`;
      await db.put(key, `${round} `.repeat(150));
    }
  }
}

function contentOf({ disk }: VirtualStore, path: string): Uint8Array {
  return disk.content(path)?.slice() ?? new Uint8Array();
}

/** The power goes when the first page of so many batches is about to be written. */
async function cutAfter(batches: number, options: Partial<OpenOptions>): Promise<Cut> {
  const store = new VirtualStore();
  let seen = 0;
  let newest: Pick<Cut, "area" | "before"> = { area: "", before: new Uint8Array() };
  const cut = { isDue: false };
  store.fault(({ kind, path }) => {
    if (kind === "write" && AREAS.includes(path) && !cut.isDue) {
      seen += 1;
      newest = { area: path, before: contentOf(store, path) };
    }
    cut.isDue ||= kind === "write" && path === PAGES && seen === batches;
    return undefined;
  });
  writeForEver(store, options).catch(() => {});
  while (!cut.isDue) {
    await store.runSteps(1, async () => await new Promise<never>(() => {}));
  }
  store.fault(undefined);
  store.crash("power");
  const control = readControl(
    contentOf(store, `${DIRECTORY}/control.db`).subarray(0, CONTROL_BYTES),
  );
  const storeId = control.kind === "control" ? control.control.storeId : 0;
  const found = readArea(contentOf(store, newest.area), { pageBytes: PAGE_BYTES, storeId });
  const images = found.kind === "complete" ? found.images : [];
  return { store, ...newest, images, entries: await entriesOf(store.fork(), options) };
}

async function entriesOf(store: VirtualStore, options: Partial<OpenOptions>): Promise<string> {
  return JSON.stringify(await store.entries(await store.open(options)));
}

function overwrite({ disk }: VirtualStore, path: string, at: number, bytes: Uint8Array): void {
  const file = disk.open(path, "write");
  disk.write(file, bytes, at);
  disk.sync(file, "sync");
  disk.close(file);
}

/** The page as a power cut may leave it while it is written: the first sector new, the others old. */
function tear(store: VirtualStore, { pageId, bytes }: PageImage): void {
  overwrite(store, PAGES, pageId * PAGE_BYTES, bytes.subarray(0, 512));
}

/** What becomes of a torn page when its double-write area is put back as it was before the batch. */
async function openWithOldArea(
  { store: original, area, before, entries }: Cut,
  image: PageImage,
  options: Partial<OpenOptions>,
): Promise<"opened" | "refused"> {
  const store = original.fork();
  const right = contentOf(store, area);
  tear(store, image);
  expect(await entriesOf(store.fork(), options)).toBe(entries);
  overwrite(store, area, 0, before.subarray(0, right.length));
  const areas = AREAS.map((path) => crc32(contentOf(store, path)));
  const error = await reasonOf(async () => {
    expect(await entriesOf(store, options)).toBe(entries);
  });
  if (error === undefined) {
    return "opened";
  }
  const place = { file: PAGES, offset: image.pageId * PAGE_BYTES };
  expect(error).toMatchObject({ code: "CORRUPTION", place });
  expect(AREAS.map((path) => crc32(contentOf(store, path)))).toEqual(areas);
  store.crash("process");
  overwrite(store, area, 0, right);
  expect(await entriesOf(store, options)).toBe(entries);
  return "refused";
}

// With less memory than it was written with, redo has to write pages before it has seen all of the log.
test.each([
  [100, 100, 8192],
  [4, 4, 8192],
  [100, 4, 24_576],
])(
  "written in %i pages of memory and opened in %i, every %i bytes a checkpoint: a torn page is refused while its area is as it was found",
  async (writing, opening, checkpointBytes) => {
    const outcomes = { opened: 0, refused: 0 };
    for (let batches = 2; batches <= 16; batches += 1) {
      const cut = await cutAfter(batches, optionsOf(writing, checkpointBytes));
      expect(cut.images.length).toBeGreaterThan(0);
      for (const image of cut.images) {
        outcomes[await openWithOldArea(cut, image, optionsOf(opening, checkpointBytes))] += 1;
      }
    }
    expect(outcomes.refused).toBeGreaterThan(8);
  },
);
