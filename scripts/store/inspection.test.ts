import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createNodeFileIO, open } from "../../engine/platform/node/index.ts";
import {
  contentsOf,
  flipByte,
  makeSampleStore,
  scratchDirectory,
} from "../testing/sample-store.ts";
import { inspectStore, type Inspection, type InspectionRequest } from "./inspection.ts";
import { inspectionText } from "./inspection-text.ts";

let root: string;
let directory: string;

beforeEach(async () => {
  root = scratchDirectory();
  directory = path.join(root, "store");
  await makeSampleStore(directory, { crashed: true });
});

afterEach(() => {
  fs.rmSync(root, { recursive: true });
});

async function looked(request: Partial<InspectionRequest> = {}): Promise<Inspection> {
  return await inspectStore(createNodeFileIO(), {
    directory,
    limit: 50,
    records: false,
    pages: false,
    wholePages: [],
    ...request,
  });
}

/** Looks, and checks that looking has changed nothing. */
async function inspected(request: Partial<InspectionRequest> = {}): Promise<Inspection> {
  const before = contentsOf(directory);
  const found = await looked(request);
  expect(contentsOf(directory)).toEqual(before);
  return found;
}

async function textWith(request: Partial<InspectionRequest> = {}): Promise<string> {
  return inspectionText(await inspected(request)).replaceAll(directory, "DIRECTORY");
}

describe("a whole store", () => {
  test("is shown from where recovery would read", async () => {
    await expect(await textWith()).toMatchFileSnapshot("golden/inspect.txt");
  });

  test("is shown with every record and page header that there is", async () => {
    const text = await textWith({ from: 0, limit: 200, records: true, pages: true });
    await expect(text).toMatchFileSnapshot("golden/inspect-all.txt");
  });

  test("is shown with all that some pages hold", async () => {
    const text = await textWith({ wholePages: [0, 1, 3, 4, 9, 29] });
    await expect(text).toMatchFileSnapshot("golden/inspect-pages.txt");
  });

  test("is JSON all the same", async () => {
    const found = await inspected({ records: true });
    const json = JSON.stringify(found, null, 2).replaceAll(directory, "DIRECTORY");
    await expect(`${json}\n`).toMatchFileSnapshot("golden/inspect-json.txt");
  });

  test("is cut where the limit says, with the place to go on", async () => {
    const all = await inspected({ from: 0 });
    const lsns = all.log.batches.map(({ lsn }) => lsn);
    const { log } = await inspected({ from: 0, limit: 3 });
    expect(log.batches.map(({ lsn }) => lsn)).toEqual(lsns.slice(0, 3));
    expect(log.moreFrom).toBe(lsns[3]);
    const records = await inspected({ from: (lsns[1] ?? 0) + 64, limit: 2, records: true });
    expect(records.log.batches).toEqual([
      expect.objectContaining({ lsn: lsns[1], records: [expect.anything(), expect.anything()] }),
    ]);
    const next = await inspected({ from: records.log.moreFrom ?? 0, limit: 1, records: true });
    expect(next.log.batches).toEqual([
      expect.objectContaining({
        records: [expect.objectContaining({ lsn: records.log.moreFrom })],
      }),
    ]);
  });
});

describe("damage is shown", () => {
  test("in a control slot, in both", async () => {
    flipByte(directory, "control.db", 65_536 + 40);
    expect(await textWith()).toMatch(/^control 1 +damaged$/m);
    flipByte(directory, "control.db", 40);
    const { control, shape, log, pages } = await inspected({ wholePages: [1] });
    expect(control).toEqual([{ kind: "damaged" }, { kind: "damaged" }]);
    // Page 0 says what the pages are like, and the log is shown from its beginning.
    expect(shape).toMatchObject({ pageBytes: 4096 });
    expect(log.batches[0]).toMatchObject({ lsn: 4096 });
    expect(pages[0]).toMatchObject({ kind: "leaf" });
  });

  test("in a batch, and the batches behind it", async () => {
    const [first, second, third] = (await inspected()).log.batches;
    const { file = "", offset = 0 } = second ?? {};
    flipByte(directory, file, offset + 70);
    expect(await textWith()).toMatch(/DAMAGED: a batch whose payload has a wrong checksum$/m);
    flipByte(directory, file, offset + 10);
    const { log } = await inspected();
    const what = "DAMAGED: a batch header with a wrong checksum";
    expect(log.batches).toEqual([
      first,
      { kind: "damaged", file, offset, lsn: second?.lsn, what },
      third,
    ]);
  });

  test("in a segment header", async () => {
    const file = (await inspected()).log.batches[0]?.file ?? "";
    flipByte(directory, file, 20);
    expect(await textWith()).toMatch(
      new RegExp(`^segment +${file} of .*: no segment header$`, "m"),
    );
  });

  test("in pages of every kind, and where the free list ends for it", async () => {
    for (const page of [1, 3, 4, 8]) {
      flipByte(directory, "pages.db", page * 4096 + 36);
    }
    const text = await textWith({ pages: true, wholePages: [3] });
    expect(text.match(/^page +page \d+ damaged: a wrong checksum$/gm)).toHaveLength(5);
    expect(text).toMatch(/^free list +3 pages: 7; DAMAGED after 1: page 8 is damaged, not free$/m);
    flipByte(directory, "pages.db", 36);
    expect(await textWith()).toMatch(/^free list +unknown: page 0 is no meta page$/m);
  });

  test("in a double-write area", async () => {
    flipByte(directory, "pages-1.dwb", 4096 + 100);
    expect(await textWith()).toMatch(/^area 1 +incomplete$/m);
  });

  test("when files are missing", async () => {
    for (const name of ["control.db", "pages.db", "pages-0.dwb", "pages-1.dwb"]) {
      fs.rmSync(path.join(directory, name));
    }
    const { log } = await inspected({ from: 0 });
    const text = await textWith({ from: 0, pages: true, wholePages: [1] });
    expect(text).toContain("page size unknown");
    expect(text).toMatch(/^control 0 +empty$/m);
    expect(text.match(/^batch /gm)).toHaveLength(log.batches.length);
    expect(log.batches.length).toBeGreaterThan(5);
  });

  test("when everything is", async () => {
    for (const name of fs.readdirSync(directory).filter((each) => each !== "LOCK")) {
      const file = path.join(directory, name);
      fs.writeFileSync(file, Buffer.alloc(fs.statSync(file).size, 0xa5));
    }
    const text = await textWith({ from: 0, records: true, pages: true, wholePages: [0] });
    expect(text.match(/no segment header/g)).toHaveLength(6);
  });
});

test("a store that is open is shown, with a note", async () => {
  const db = await open(directory);
  const text = inspectionText(await looked());
  await db.close();
  expect(text).toMatch(/^note +the store is open/m);
});
