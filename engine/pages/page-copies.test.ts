import { expect, test } from "vitest";
import {
  emptyDisk,
  filesOf,
  filledPage,
  openPages,
  PAGE_BYTES,
  type OpenPages,
} from "../../properties/support/page-disk.ts";
import { DIRECTORY, type VirtualStore } from "../../properties/support/virtual-store.ts";
import { SILENT_LOGGER } from "../base/logger.ts";
import { MirroredFiles } from "../platform/mirrored-files.ts";
import { AREA_HEADER_BYTES } from "./double-write-format.ts";

const FIRST = `${DIRECTORY}/pages.db`;
const SECOND = `${FIRST}.mirror`;

interface Mirrored extends OpenPages {
  readonly files: MirroredFiles;
}

async function openMirrored(world: VirtualStore): Promise<Mirrored> {
  const files = new MirroredFiles(filesOf(world), SILENT_LOGGER);
  return { files, ...(await openPages(files)) };
}

function pageOn(world: VirtualStore, path: string, pageId: number): Uint8Array | undefined {
  return world.disk.content(path)?.slice(pageId * PAGE_BYTES, (pageId + 1) * PAGE_BYTES);
}

test.each([
  [FIRST, SECOND],
  [SECOND, FIRST],
])("of two whole copies the newer one is right, and %s gets it", async (stale, right) => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { doubleWrite } = await openMirrored(world);
    await doubleWrite.write([filledPage(1, 20)]);
    world.disk.replaceBytes(stale, PAGE_BYTES, filledPage(1, 10).bytes);
    // As after a restart: nobody remembers what was written.
    const { pageFile, files } = await openMirrored(world);
    expect(await pageFile.read(1)).toMatchObject({ kind: "page", lsn: 20 });
    expect(pageOn(world, stale, 1)).toEqual(filledPage(1, 20).bytes);
    expect(pageOn(world, right, 1)).toEqual(filledPage(1, 20).bytes);
    expect(files.counts.copiesRepaired).toBe(1);
    expect(await pageFile.scrub(1)).toMatchObject({ kind: "same" });
  });
});

test("a page that is damaged in one copy, in whatever way, comes from the other", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { doubleWrite, pageFile, files } = await openMirrored(world);
    await doubleWrite.write([0, 1, 2, 3].map((pageId) => filledPage(pageId, 10 + pageId)));
    world.disk.flipBit(FIRST, 100, 1);
    world.disk.spoilSector(SECOND, PAGE_BYTES + 700);
    world.disk.replaceBytes(FIRST, 2 * PAGE_BYTES, filledPage(3, 13).bytes);
    world.disk.replaceBytes(SECOND, 3 * PAGE_BYTES, new Uint8Array(PAGE_BYTES));
    for (const pageId of [0, 1, 2, 3]) {
      expect(await pageFile.read(pageId)).toMatchObject({ kind: "page", lsn: 10 + pageId });
    }
    expect(files.counts).toEqual({ copiesRepaired: 4, copiesNotRepaired: 0 });
    await pageFile.datasync();
    expect(world.disk.damages()).toEqual([]);
  });
});

test("a page that neither copy holds is refused, and left as it is", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { doubleWrite, pageFile, files } = await openMirrored(world);
    await doubleWrite.write([filledPage(0, 10), filledPage(1, 11)]);
    world.disk.flipBit(FIRST, 100, 1);
    world.disk.flipBit(SECOND, 200, 1);
    expect(await pageFile.scrub(0)).toMatchObject({ found: { kind: "bad-checksum" } });
    world.disk.spoilSector(FIRST, PAGE_BYTES);
    world.disk.spoilSector(SECOND, PAGE_BYTES + 512);
    await expect(pageFile.read(1)).rejects.toMatchObject({ code: "IO" });
    expect(files.counts.copiesRepaired).toBe(0);
  });
});

test("a page that is being written is not taken for one that has to be repaired", async () => {
  const world = await emptyDisk("racing");
  await world.run(async () => {
    const { doubleWrite, pageFile, files } = await openMirrored(world);
    await doubleWrite.write([filledPage(1, 10)]);
    for (let round = 11; round < 40; round += 1) {
      const writing = doubleWrite.write([filledPage(1, round)]);
      await Promise.all(Array.from({ length: 6 }, () => pageFile.read(1)));
      await writing;
      expect(await pageFile.read(1)).toMatchObject({ lsn: round });
    }
    expect(files.counts.copiesRepaired).toBe(0);
    expect(pageOn(world, FIRST, 1)).toEqual(pageOn(world, SECOND, 1));
  });
});

test("a full disk takes nothing from the longer copy of a page file", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { doubleWrite } = await openMirrored(world);
    await doubleWrite.write([filledPage(0, 10), filledPage(5, 15)]);
    world.disk.truncate(world.disk.open(SECOND, "write"), PAGE_BYTES);
    const { pageFile } = await openMirrored(world);
    world.fault(({ kind }) =>
      kind === "preallocate" ? { kind: "error", code: "ENOSPC" } : undefined,
    );
    await expect(pageFile.extendTo(30)).rejects.toMatchObject({ code: "NO_SPACE" });
    world.fault(undefined);
    expect(await pageFile.read(5)).toMatchObject({ kind: "page", lsn: 15 });
  });
});

test("a double-write area is complete when its copies hold all of it between them", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { doubleWrite } = await openMirrored(world);
    const images = [0, 1, 2].map((pageId) => filledPage(pageId, 10 + pageId));
    await doubleWrite.write(images);
    const area = `${DIRECTORY}/pages-1.dwb`;
    world.disk.flipBit(area, 30, 1);
    world.disk.flipBit(area, AREA_HEADER_BYTES + 50, 1);
    world.disk.spoilSector(`${area}.mirror`, AREA_HEADER_BYTES + PAGE_BYTES);
    for (const path of [FIRST, SECOND]) {
      world.disk.replaceBytes(path, 0, new Uint8Array(3 * PAGE_BYTES));
    }
    const opened = await openMirrored(world);
    expect(opened.report).toMatchObject({ area: "complete", restored: [0, 1, 2] });
    expect(await opened.pageFile.read(1)).toMatchObject({ kind: "page", lsn: 11 });
    expect(await opened.doubleWrite.scrub()).toEqual({
      repaired: 3,
      notRepaired: 0,
      unreadable: [],
    });
    expect(world.disk.content(area)).toEqual(world.disk.content(`${area}.mirror`));
    expect(await opened.doubleWrite.scrub()).toEqual({
      repaired: 0,
      notRepaired: 0,
      unreadable: [],
    });
  });
});
