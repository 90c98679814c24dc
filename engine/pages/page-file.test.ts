import { expect, test } from "vitest";
import {
  emptyDisk,
  filesOf,
  filledPage,
  openPages,
  PAGE_BYTES,
} from "../../properties/support/page-disk.ts";
import { DIRECTORY } from "../../properties/support/virtual-store.ts";

test("the file grows in chunks, and a page that was never written is zeros", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { pageFile } = await openPages(filesOf(world));
    expect(await pageFile.read(0)).toEqual({ kind: "zeros" });
    await pageFile.extendTo(1);
    await pageFile.write(0, filledPage(0, 7).bytes);
    expect(await pageFile.read(0)).toMatchObject({ kind: "page", lsn: 7 });
    expect(await pageFile.read(3)).toEqual({ kind: "zeros" });
    expect(await pageFile.read(1000)).toEqual({ kind: "zeros" });
    const stat = await filesOf(world).stat(`${DIRECTORY}/pages.db`);
    // Four pages more than were asked for.
    expect(stat?.bytes).toBe(5 * PAGE_BYTES);
    await expect(pageFile.write(5, filledPage(5, 7).bytes)).rejects.toThrow("extend it first");
  });
});

test("a larger file grows by a quarter of itself, and two that extend it at once agree", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { pageFile } = await openPages(filesOf(world));
    const pages = async (): Promise<number> =>
      ((await filesOf(world).stat(`${DIRECTORY}/pages.db`))?.bytes ?? 0) / PAGE_BYTES;
    await pageFile.extendTo(96);
    expect(await pages()).toBe(100);
    expect([pageFile.hasRoomFor(100), pageFile.hasRoomFor(101)]).toEqual([true, false]);
    await Promise.all([pageFile.extendTo(101), pageFile.extendTo(110)]);
    expect(await pages()).toBe(125);
  });
});

test("a page written to the wrong place is refused, with the place", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { pageFile } = await openPages(filesOf(world));
    await pageFile.extendTo(4);
    await pageFile.write(2, filledPage(1, 7).bytes);
    const found = await pageFile.read(2);
    expect(found.kind).toBe("misdirected");
    expect(pageFile.refusal(2, { kind: "zeros" })).toMatchObject({
      code: "CORRUPTION",
      place: { file: `${DIRECTORY}/pages.db`, offset: 2 * PAGE_BYTES, found: "zeros" },
    });
  });
});

test("a sector that cannot be read is an error, not the end of the file", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { pageFile } = await openPages(filesOf(world));
    world.fault(({ kind }) => (kind === "read" ? { kind: "error", code: "EIO" } : undefined));
    await expect(pageFile.read(0)).rejects.toMatchObject({ code: "IO" });
  });
});

test("short reads and writes are gone on with, and a full disk can be tried again", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { pageFile, doubleWrite } = await openPages(filesOf(world));
    world.fault(({ kind }) =>
      kind === "preallocate" ? { kind: "error", code: "ENOSPC" } : undefined,
    );
    await expect(doubleWrite.write([filledPage(0, 9)])).rejects.toMatchObject({
      code: "NO_SPACE",
    });
    world.fault(({ kind, bytes }) =>
      (kind === "read" || kind === "write") && bytes > 700
        ? { kind: "short", bytes: 700 }
        : undefined,
    );
    await doubleWrite.write([filledPage(0, 9)]);
    expect(await pageFile.read(0)).toMatchObject({ kind: "page", lsn: 9 });
  });
});

test("what is given back stays given back after a power cut", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { pageFile } = await openPages(filesOf(world));
    await pageFile.extendTo(50);
    await pageFile.datasync();
    await pageFile.truncateTo(10);
  });
  world.crash("power");
  await world.run(async () => {
    const stat = await filesOf(world).stat(`${DIRECTORY}/pages.db`);
    expect(stat?.bytes).toBe(10 * PAGE_BYTES);
  });
});
