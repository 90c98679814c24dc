import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Database } from "../engine/database.ts";
import { open } from "../engine/platform/node/index.ts";
import { VirtualStore } from "./support/virtual-store.ts";

const TRANSACTIONS = 50;
const SEGMENT_BYTES = 1024;

let directory: string;

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "seawall-fifty-"));
});

afterEach(() => {
  fs.rmSync(directory, { recursive: true });
});

const valueOf = (number: number): string => `value ${number} `.repeat(1 + (number % 40));

async function commitFifty(db: Database): Promise<void> {
  for (let number = 0; number < TRANSACTIONS; number += 1) {
    const tx = db.begin();
    await tx.put(`key ${number % 20}`, valueOf(number));
    await tx.put("last", number);
    await tx.commit();
  }
}

function expected(): [string, unknown][] {
  const state = new Map<string, unknown>();
  for (let number = 0; number < TRANSACTIONS; number += 1) {
    state.set(`key ${number % 20}`, valueOf(number));
  }
  state.set("last", TRANSACTIONS - 1);
  return [...state].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

test("on a real disk, after a close", async () => {
  const db = await open(directory, { segmentBytes: SEGMENT_BYTES });
  await commitFifty(db);
  await db.close();
  const segments = fs.readdirSync(directory).filter((name) => name.endsWith(".log"));
  // A file has room for two at the most: a sector of it is kept.
  expect(segments.length).toBeGreaterThan(TRANSACTIONS / 2);

  const reopened = await open(directory, { segmentBytes: SEGMENT_BYTES });
  const found: [unknown, unknown][] = [];
  for await (const { key, value } of reopened.scan()) {
    found.push([key, value]);
  }
  expect(found).toEqual(expected());
  expect(reopened.recovery).toMatchObject({
    cleanShutdown: true,
    lastCommitNumber: TRANSACTIONS,
    // They are in the pages.
    transactionsRedone: 0,
    recordsRedone: 0,
    transactionsUndone: 0,
  });
  await reopened.close();
});

test("on a disk that loses all it may, after a power cut", async () => {
  const store = new VirtualStore();
  const db = await store.open({ segmentBytes: SEGMENT_BYTES });
  await store.run(() => commitFifty(db));
  store.crash();
  const reopened = await store.open({ segmentBytes: SEGMENT_BYTES });
  expect(await store.entries(reopened)).toEqual(expected());
  expect(reopened.recovery).toMatchObject({
    cleanShutdown: false,
    lastCommitNumber: TRANSACTIONS,
    transactionsRedone: TRANSACTIONS,
    transactionsUndone: 0,
  });
});
