import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lsn } from "../../engine/base/units.ts";
import { createNodeFileIO, nodePlatform, open } from "../../engine/platform/node/index.ts";
import { sealPage } from "../../engine/pages/page-format.ts";
import {
  contentsOf,
  flipByte,
  makeSampleStore,
  scratchDirectory,
} from "../testing/sample-store.ts";
import { inspectStore } from "./inspection.ts";
import { grouped } from "./table-text.ts";
import { verifyStore } from "./verification.ts";
import { findingText, verificationText } from "./verification-text.ts";

let root: string;
let directory: string;

beforeEach(() => {
  root = scratchDirectory();
  directory = path.join(root, "store");
});

afterEach(() => {
  fs.rmSync(root, { recursive: true });
});

interface Found {
  readonly notes: string[];
  readonly problems: string[];
}

/** Checks, and that checking has changed nothing. */
async function verified(): Promise<Found & { readonly text: string }> {
  const before = contentsOf(directory);
  const found = await verifyStore(nodePlatform(), directory);
  expect(contentsOf(directory)).toEqual(before);
  return {
    text: verificationText(found).replaceAll(directory, "DIRECTORY"),
    notes: found.notes.map(findingText),
    problems: found.problems.map(findingText),
  };
}

async function verifiedWithFlip(name: string, offset: number): Promise<Found> {
  flipByte(directory, name, offset);
  const { notes, problems } = await verified();
  return { notes, problems };
}

const SECOND_SLOT = 65_536;
/** Where the batches of the log begin, oldest first. The last three are those that recovery would read. */
async function batches(): Promise<{ file: string; offset: number; lsn: number }[]> {
  const request = { directory, from: 0, limit: 100, records: false, pages: false, wholePages: [] };
  const { log } = await inspectStore(createNodeFileIO(), request);
  return log.batches.map(({ file, offset, lsn }) => ({ file, offset, lsn }));
}

async function verifiedWithFlipInBatch(index: number): Promise<Found & { readonly at: string }> {
  const batch = (await batches()).at(index) ?? { file: "", offset: 0, lsn: 0 };
  const found = await verifiedWithFlip(batch.file, batch.offset + 70);
  return { at: `${batch.file} offset ${grouped(batch.offset)}`, ...found };
}

describe("a store that was closed in good order", () => {
  beforeEach(() => makeSampleStore(directory));

  test("is sound, and there is nothing to recover", async () => {
    const { text } = await verified();
    await expect(text).toMatchFileSnapshot("golden/verify-closed.txt");
  });

  test("has a problem when a control slot is damaged, though the other one will do", async () => {
    expect(await verifiedWithFlip("control.db", 40)).toEqual({
      notes: [],
      problems: ["control.db: slot 0 is damaged"],
    });
  });

  test("is refused when both control slots are damaged", async () => {
    flipByte(directory, "control.db", 40);
    const { problems } = await verifiedWithFlip("control.db", SECOND_SLOT + 40);
    expect(problems).toEqual([
      expect.stringMatching(/^control\.db offset 0: both slots of the control file are damaged/),
    ]);
  });

  test("has a problem for a page that nothing else holds", async () => {
    expect(await verifiedWithFlip("pages.db", 4 * 4096 + 100)).toEqual({
      notes: [],
      problems: [
        expect.stringMatching(
          /^pages\.db page 4: a page is damaged \(file pages\.db, offset 16384, .*wrong checksum\)$/,
        ),
      ],
    });
  });

  test("gets a page back that the double-write area holds", async () => {
    expect(await verifiedWithFlip("pages.db", 2 * 4096 + 100)).toEqual({
      notes: ["pages.db page 2: a wrong checksum: the next open has it from elsewhere"],
      problems: [],
    });
  });

  test("has problems when the root page is damaged: what it leads to belongs to nobody", async () => {
    const { problems } = await verifiedWithFlip("pages.db", 3 * 4096 + 50);
    expect(problems[0]).toMatch(/^pages\.db page 3: a page is damaged/);
    expect(problems).toContain("pages.db page 4: belongs to nobody");
  });

  test("is refused when the meta page is damaged; other pages are looked at all the same", async () => {
    flipByte(directory, "pages.db", 4 * 4096 + 100);
    expect((await verifiedWithFlip("pages.db", 40)).problems).toEqual([
      expect.stringMatching(/^pages\.db offset 0: a page is damaged/),
      "pages.db page 4: a wrong checksum",
    ]);
  });

  test.each(["pages-0.dwb", "pages-1.dwb"])("has a problem when %s is damaged", async (name) => {
    expect(await verifiedWithFlip(name, 4096 + 100)).toEqual({
      notes: [],
      problems: [`${name}: a double-write area that is torn or damaged`],
    });
  });

  test("has a problem when a page says that a record changed it which the log does not have", async () => {
    const file = path.join(directory, "pages.db");
    const bytes = fs.readFileSync(file);
    const page = bytes.subarray(4 * 4096, 5 * 4096);
    const storeId = Number(page.readBigUInt64LE(24));
    sealPage(page, { kind: "overflow", pageId: 4, storeId, lsn: lsn(1_000_000) });
    fs.writeFileSync(file, bytes);
    const { problems } = await verified();
    expect(problems).toEqual([
      expect.stringMatching(
        /^pages\.db page 4: was changed by record 1000000, and the log ends at/,
      ),
    ]);
  });

  test("a file that is not the store's is only noted", async () => {
    fs.writeFileSync(path.join(directory, "notes.txt"), "");
    expect((await verified()).notes).toEqual(["notes.txt: no file of the store"]);
  });

  test("gets no lock file from being looked at", async () => {
    fs.rmSync(path.join(directory, "LOCK"));
    expect((await verified()).problems).toEqual([]);
  });
});

describe("a store whose process died", () => {
  beforeEach(() => makeSampleStore(directory, { crashed: true }));

  test("is sound, and what recovery would do is said", async () => {
    const { text } = await verified();
    await expect(text).toMatchFileSnapshot("golden/verify-crashed.txt");
  });

  test("is refused when its log is damaged below what was durable", async () => {
    const { at, problems } = await verifiedWithFlipInBatch(-3);
    expect(problems).toEqual([expect.stringContaining(`${at}: the log is damaged before its end`)]);
  });

  test("is sound with a torn tail", async () => {
    const { at, notes, problems } = await verifiedWithFlipInBatch(-1);
    expect(notes).toEqual([`${at}: torn: bad payload checksum`]);
    expect(problems).toEqual([]);
  });

  test("has a problem when log is damaged that only the older control slot needs", async () => {
    const { at, problems } = await verifiedWithFlipInBatch(2);
    expect(problems).toEqual([
      expect.stringMatching(
        `^${at}: DAMAGED: a batch whose payload has a wrong checksum, .* that the older control slot`,
      ),
    ]);
  });

  test("is refused when the header of its log file is damaged", async () => {
    const file = (await batches()).at(-1)?.file ?? "";
    const { notes, problems } = await verifiedWithFlip(file, 20);
    expect(notes).toEqual([`${file} offset 0: no segment header: not part of the log`]);
    expect(problems).toEqual([expect.stringContaining("the log is missing")]);
  });

  test("may have a torn control slot and double-write area", async () => {
    flipByte(directory, "pages-1.dwb", 4096 + 100);
    expect(await verifiedWithFlip("control.db", 40)).toEqual({
      notes: [
        "control.db: slot 0 is damaged",
        "pages-1.dwb: a double-write area that is torn or damaged",
      ],
      problems: [],
    });
  });
});

describe("what cannot be checked says so", () => {
  test("a store that is open", async () => {
    const db = await open(directory);
    await expect(verifyStore(nodePlatform(), directory)).rejects.toMatchObject({ code: "LOCKED" });
    await db.close();
  });

  test("a directory without a store, a file, nothing", async () => {
    await expect(verifyStore(nodePlatform(), root)).rejects.toThrow(/no store in/);
    fs.writeFileSync(path.join(root, "file"), "");
    await expect(verifyStore(nodePlatform(), `${root}/file`)).rejects.toThrow(/a file at/);
    await expect(verifyStore(nodePlatform(), `${root}/none`)).rejects.toThrow(/nothing at/);
  });
});
