import { expect, test } from "vitest";
import {
  emptyDisk,
  filesOf,
  filledPage,
  openPages,
  PAGE_BYTES,
  STORE_ID,
} from "../../properties/support/page-disk.ts";
import { DIRECTORY } from "../../properties/support/virtual-store.ts";
import type { VirtualStore } from "../../properties/support/virtual-store.ts";
import { PrngChoices } from "../../sim/core/choices.ts";
import { bytesEqual } from "../base/bytes.ts";
import { DOUBLE_WRITE_NAMES } from "./double-write.ts";
import { lsn } from "../base/units.ts";
import { DoubleWrite } from "./double-write.ts";
import { encodeArea, readArea } from "./double-write-format.ts";
import { PageFile } from "./page-file.ts";
import { PAGE_HEADER_BYTES } from "./page-format.ts";
import type { PageFound, PageId } from "./page-format.ts";

const SHAPE = { pageBytes: PAGE_BYTES, storeId: STORE_ID };
/** Batches as (page, LSN); pages come again, so that a tear hits old contents. */
const BATCHES: readonly (readonly [PageId, number])[][] = [
  [
    [0, 10],
    [1, 11],
    [2, 12],
  ],
  [
    [1, 20],
    [3, 21],
  ],
  [
    [0, 30],
    [2, 31],
    [3, 32],
    [4, 33],
  ],
];

test("the bytes of an area's header never change", () => {
  const bytes = encodeArea(
    [filledPage(3, 5), filledPage(4, 6)],
    { batchNumber: 9, logLsn: lsn(7) },
    SHAPE,
  );
  const rows = [0, 16, 32, 48, 64, 80].map((at) => bytes.subarray(at, at + 16));
  expect(rows.map((row) => Buffer.from(row).toString("hex"))).toMatchInlineSnapshot(`
    [
      "53454157414c4c448afca0f601000000",
      "00100000020000000900000000000000",
      "9a785634120000000700000000000000",
      "00000000000000000000000000000000",
      "03000000000000000c86044e04000000",
      "00000000b9b8f9de0000000000000000",
    ]
  `);
  expect(bytes).toHaveLength(4096 + 2 * PAGE_BYTES);
  expect(readArea(bytes, SHAPE)).toEqual({
    kind: "complete",
    batchNumber: 9,
    logLsn: 7,
    images: [filledPage(3, 5), filledPage(4, 6)],
  });
  expect(readArea(bytes, { ...SHAPE, storeId: 1 })).toEqual({ kind: "foreign" });
});

test("an area with any byte damaged is not complete", () => {
  const whole = encodeArea(
    [filledPage(3, 5), filledPage(4, 6)],
    { batchNumber: 9, logLsn: lsn(7) },
    SHAPE,
  );
  const used = [...Array(88).keys(), 4096, 4100, 8191, 8192, 12_287];
  for (const offset of used) {
    const damaged = whole.slice();
    damaged[offset] = (damaged[offset] ?? 0) ^ 0x10;
    expect(readArea(damaged, SHAPE).kind, `byte ${offset}`).toBe("incomplete");
  }
  expect(readArea(new Uint8Array(4096), SHAPE)).toEqual({ kind: "incomplete" });
  expect(readArea(new Uint8Array(0), SHAPE)).toEqual({ kind: "incomplete" });
});

async function writeBatches(world: VirtualStore, acknowledged: number[]): Promise<void> {
  const { doubleWrite } = await openPages(filesOf(world));
  for (const [i, batch] of BATCHES.entries()) {
    await doubleWrite.write(batch.map(([pageId, position]) => filledPage(pageId, position)));
    acknowledged.push(i);
  }
}

/**
 * LSN of a whole page. 0 for anything else: legal only for a page that was never written, where a file
 * that has just grown may show zeros or what the disk held there before.
 */
function lsnOf(found: PageFound): number {
  if (found.kind !== "page") {
    return 0;
  }
  const expected = filledPage(0, found.lsn).bytes.subarray(PAGE_HEADER_BYTES);
  expect(bytesEqual(found.body, expected)).toBe(true);
  return found.lsn;
}

async function lsnsAfterRecovery(world: VirtualStore): Promise<number[]> {
  return await world.run(async () => {
    const { pageFile } = await openPages(filesOf(world));
    const found = [];
    for (const pageId of [0, 1, 2, 3, 4]) {
      found.push(lsnOf(await pageFile.read(pageId)));
    }
    return found;
  });
}

/** What the pages hold after so many whole batches. */
function lsnsAfter(batches: number): number[] {
  const lsns = [0, 0, 0, 0, 0];
  for (const [pageId, position] of BATCHES.slice(0, batches).flat()) {
    lsns[pageId] = position;
  }
  return lsns;
}

/** Every page is whole, no older than what was acknowledged, no newer than what was written. */
function expectLegal(lsns: number[], acknowledged: number, message: string): void {
  const least = lsnsAfter(acknowledged);
  const most = lsnsAfter(acknowledged + 1);
  for (const [pageId, position] of lsns.entries()) {
    expect([least[pageId], most[pageId]], `${message}, page ${pageId}`).toContain(position);
  }
}

test("a power cut at any step, also during recovery, leaves every page whole", async () => {
  const seen = { steps: 0, nested: 0, inBatch: new Set<number>() };
  for (let steps = 1; ; steps += 1) {
    const first = await emptyDisk();
    const acknowledged: number[] = [];
    const ended = await first.runSteps(steps, async () => await writeBatches(first, acknowledged));
    for (let seed = 0; seed < 6; seed += 1) {
      const world = first.fork();
      world.crash("power", new PrngChoices(`${steps}/${seed}`));
      const message = `crash at step ${steps}, seed ${seed}`;
      // Again and again, one step later each time, until a recovery comes to its end.
      const at = 1 + ((steps * 7 + seed * 5) % 40);
      const recovery = async (): Promise<unknown> => await openPages(filesOf(world));
      for (let nested = 0; nested < 3; nested += 1) {
        seen.nested += (await world.runSteps(at + nested, recovery)) ? 0 : 1;
        world.crash("power", new PrngChoices(`${steps}/${seed}/${nested}`));
      }
      expectLegal(await lsnsAfterRecovery(world), acknowledged.length, message);
    }
    seen.steps = steps;
    seen.inBatch.add(acknowledged.length);
    if (ended) {
      break;
    }
  }
  expect(seen.steps).toBeGreaterThan(25);
  expect(seen.nested).toBeGreaterThan(100);
  expect([...seen.inBatch]).toEqual([0, 1, 2, 3]);
});

test("after a failed sync nothing more is written, and a reopen stores what was only shown", async () => {
  for (const syncAt of [1, 2, 3, 4, 5, 6]) {
    for (const storedPattern of [0, 0x5555_5555, 1]) {
      const world = await emptyDisk();
      const { doubleWrite } = await world.run(async () => await openPages(filesOf(world)));
      let syncs = 0;
      world.fault(({ kind }) => {
        syncs += kind === "datasync" ? 1 : 0;
        return kind === "datasync" && syncs === syncAt
          ? { kind: "failed-sync", storedPattern }
          : undefined;
      });
      let acknowledged = 0;
      const work = async (): Promise<void> => {
        for (const batch of BATCHES) {
          await doubleWrite.write(batch.map(([id, position]) => filledPage(id, position)));
          acknowledged += 1;
        }
      };
      await expect(world.run(work)).rejects.toMatchObject({ code: "IO" });
      await expect(doubleWrite.write([filledPage(0, 99)])).rejects.toThrow("open the store again");
      world.fault(undefined);
      // The program ends, and the machine stays up: the next open reads what the system shows.
      world.crash("process");
      const shown = await lsnsAfterRecovery(world);
      expectLegal(shown, acknowledged, `sync ${syncAt} failed`);
      // Later batches take the areas that could restore those pages.
      await world.run(async () => {
        const reopened = await openPages(filesOf(world));
        for (const pageId of [5, 6, 7]) {
          await reopened.doubleWrite.write([filledPage(pageId, 200)]);
        }
      });
      world.crash("power", { kind: "none" });
      expect(await lsnsAfterRecovery(world), `sync ${syncAt} failed`).toEqual(shown);
    }
  }
});

test("a crash at any step of a recovery leaves the next one what it needs", async () => {
  const torn = await emptyDisk();
  await torn.run(async () => {
    const { doubleWrite, pageFile } = await openPages(filesOf(torn));
    await doubleWrite.write([filledPage(0, 10), filledPage(1, 11)]);
    await doubleWrite.write([filledPage(0, 20), filledPage(1, 21)]);
    const mixed = filledPage(1, 11).bytes;
    mixed.set(filledPage(1, 21).bytes.subarray(0, 512));
    await pageFile.write(1, mixed);
    await pageFile.datasync();
  });
  let ended = false;
  for (let steps = 1; !ended; steps += 1) {
    for (let seed = 0; seed < 8; seed += 1) {
      const world = torn.fork();
      ended = await world.runSteps(steps, async () => await openPages(filesOf(world)));
      world.crash("power", new PrngChoices(`recovery ${steps}/${seed}`));
      const [first, second] = await lsnsAfterRecovery(world);
      expect([first, second], `crash at step ${steps}, seed ${seed}`).toEqual([20, 21]);
    }
  }
});

test("a torn page reads as whole from the open on, and nothing is written before it is restored", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { doubleWrite, pageFile } = await openPages(filesOf(world));
    await doubleWrite.write([filledPage(0, 10), filledPage(1, 11)]);
    await pageFile.write(1, filledPage(1, 21).bytes.fill(0, 600));
    await pageFile.datasync();
    const before = world.disk.digest("visible");
    const reopened = await PageFile.open({ files: filesOf(world), directory: DIRECTORY, ...SHAPE });
    expect(await reopened.read(1)).toEqual({ kind: "bad-checksum" });
    const options = { files: filesOf(world), directory: DIRECTORY, pageFile: reopened };
    const { doubleWrite: areas, report } = await DoubleWrite.open(options);
    expect(report).toEqual({ area: "complete", restored: [1], torn: [1] });
    expect(await reopened.read(1)).toMatchObject({ kind: "page", lsn: 11 });
    expect(world.disk.digest("visible")).toBe(before);
    await areas.write([filledPage(0, 30)]);
    expect(await reopened.read(1)).toMatchObject({ kind: "page", lsn: 11 });
    const last = await openPages(filesOf(world));
    expect(last.report).toEqual({ area: "complete", restored: [], torn: [] });
    expect(await last.pageFile.read(1)).toMatchObject({ kind: "page", lsn: 11 });
  });
});

test("a page that is newer in place than in the area is left alone", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { doubleWrite, pageFile } = await openPages(filesOf(world));
    await doubleWrite.write([filledPage(0, 10), filledPage(1, 10)]);
    await pageFile.write(0, filledPage(0, 20).bytes);
    await pageFile.write(1, filledPage(1, 5).bytes);
    await pageFile.datasync();
    const { report } = await openPages(filesOf(world));
    expect(report).toEqual({ area: "complete", restored: [1], torn: [] });
    expect(await pageFile.read(0)).toMatchObject({ lsn: 20 });
    expect(await pageFile.read(1)).toMatchObject({ lsn: 10 });
  });
});

test("the area of another store restores nothing", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const area = async (storeId: number): Promise<void> => {
      const file = await filesOf(world).open(`${DIRECTORY}/${DOUBLE_WRITE_NAMES[0]}`, "create");
      await file.write(
        encodeArea([filledPage(0, 5)], { batchNumber: 2, logLsn: lsn(5) }, { ...SHAPE, storeId }),
        0,
      );
      await file.sync();
      await file.close();
    };
    await area(1);
    const { report } = await openPages(filesOf(world));
    expect(report).toEqual({ area: "none", restored: [], torn: [] });
    // The same area, were it this store's.
    await area(STORE_ID);
    const { report: ours } = await openPages(filesOf(world));
    expect(ours).toEqual({ area: "complete", restored: [0], torn: [] });
  });
});

test("the areas say how high the LSN of any page is, also after batches of older pages", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const files = filesOf(world);
    expect(await DoubleWrite.readLogLsn(files, DIRECTORY, SHAPE)).toBe(0);
    const { doubleWrite } = await openPages(files);
    for (const position of [9, 5, 6]) {
      await doubleWrite.write([filledPage(position % 2, position)]);
    }
    expect(await DoubleWrite.readLogLsn(files, DIRECTORY, SHAPE)).toBe(9);
    expect(await DoubleWrite.readLogLsn(files, DIRECTORY, { ...SHAPE, storeId: 1 })).toBe(0);
  });
});
