import { expect, test } from "vitest";
import { emptyDisk, filesOf, STORE_ID } from "../../properties/support/page-disk.ts";
import { DIRECTORY } from "../../properties/support/virtual-store.ts";
import type { VirtualStore } from "../../properties/support/virtual-store.ts";
import { lsn } from "../base/units.ts";
import { SettledPages } from "./settled-pages.ts";
import { PAGES_PER_BLOCK } from "./settled-pages-format.ts";

/** Redo has nothing that is before this. */
const SETTLED = lsn(1000);

async function open(world: VirtualStore, settledLsn = SETTLED): Promise<SettledPages> {
  const files = filesOf(world);
  const pages = await SettledPages.open({
    files,
    directory: DIRECTORY,
    storeId: STORE_ID,
    settledLsn,
  });
  await files.syncDirectory(DIRECTORY);
  return pages;
}

/** Writes down some LSNs, one checkpoint after the other, and closes. */
async function settled(
  world: VirtualStore,
  ...rounds: readonly (readonly [number, number][])[]
): Promise<void> {
  const pages = await open(world);
  for (const round of rounds) {
    for (const [pageId, position] of round) {
      pages.note(pageId, lsn(position));
    }
    await pages.settle();
  }
  await pages.close();
}

test("a page that is older than what was settled is refused after a power cut; a newer one is not", async () => {
  const world = await emptyDisk();
  const far = 40 * PAGES_PER_BLOCK + 3;
  await world.run(() =>
    settled(
      world,
      [
        [5, 100],
        [far, 700],
      ],
      [[5, 300]],
    ),
  );
  world.crash("power");
  await world.run(async () => {
    const pages = await open(world);
    const asked = [
      [5, 299],
      [5, 300],
      [5, 301],
      [6, 1],
      [far, 699],
      [far, 700],
    ] as const;
    const answers = [];
    for (const [pageId, position] of asked) {
      answers.push(await pages.accepts(pageId, lsn(position)));
    }
    expect(answers).toEqual([false, true, true, true, false, true]);
  });
});

test("a page from which redo goes on is not refused", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    await settled(world, [[5, 300]]);
    const pages = await open(world, lsn(200));
    expect(await pages.accepts(5, lsn(200))).toBe(true);
    expect(await pages.accepts(5, lsn(199))).toBe(false);
  });
});

test("a page that is found newer than was known is settled with the next checkpoint", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    await settled(world, [[5, 300]]);
    const pages = await open(world);
    expect(await pages.accepts(5, lsn(400))).toBe(true);
    await pages.settle();
    await pages.close();
    expect(await (await open(world)).accepts(5, lsn(399))).toBe(false);
  });
});

test("a lost slot leaves what the other one says", async () => {
  const world = await emptyDisk();
  await world.run(() => settled(world, [[5, 100]], [[5, 300]]));
  // The first block was written with the numbers 1 and 2: the newest lies in the slot of even ones.
  world.disk.flipBit(`${DIRECTORY}/pages.lsn`, 200, 1);
  await world.run(async () => {
    const pages = await open(world);
    expect(await pages.accepts(5, lsn(100))).toBe(true);
    expect(await pages.accepts(5, lsn(99))).toBe(false);
  });
});

test("what a dead process wrote and did not sync is durable with the next checkpoint", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const pages = await open(world);
    pages.note(5, lsn(300));
    world.fault(({ kind }) => (kind === "datasync" ? { kind: "error", code: "EIO" } : undefined));
    await expect(pages.settle()).rejects.toMatchObject({ code: "IO" });
  });
  world.crash("process");
  world.fault(undefined);
  await world.run(async () => {
    await (await open(world)).settle();
  });
  world.crash("power");
  await world.run(async () => {
    expect(await (await open(world)).accepts(5, lsn(299))).toBe(false);
  });
});

test("on a full disk nothing is forgotten: it may be tried again", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const pages = await open(world);
    pages.note(5, lsn(300));
    world.fault(({ kind }) => (kind === "write" ? { kind: "error", code: "ENOSPC" } : undefined));
    await expect(pages.settle()).rejects.toMatchObject({ code: "NO_SPACE" });
    pages.note(5, lsn(310));
    world.fault(undefined);
    await pages.settle();
    await pages.close();
    expect(await (await open(world)).accepts(5, lsn(309))).toBe(false);
  });
});
