import { expect, test } from "vitest";
import { decodeRecords } from "../engine/log/record-codec.ts";
import { LOG_BEGINNING, readLog } from "../engine/log/log-reader.ts";
import { findSegmentFiles, loadSegment, type SegmentFile } from "../engine/log/segment-files.ts";
import type { LogRecord } from "../engine/log/record.ts";
import { WALL_START_MS } from "../sim/core/virtual-clock.ts";
import { DIRECTORY, VirtualStore } from "./support/virtual-store.ts";

async function recordsOf(store: VirtualStore): Promise<LogRecord[]> {
  const { files } = store.options().platform;
  const records: LogRecord[] = [];
  await store.run(async () => {
    const segmentFiles = await findSegmentFiles(files, DIRECTORY);
    const load = async (file: SegmentFile): Promise<Uint8Array> =>
      await loadSegment(files, DIRECTORY, file);
    await readLog({ segmentFiles, load }, LOG_BEGINNING, ({ payload }) => {
      records.push(...(decodeRecords(payload) ?? []).map(({ record }) => record));
    });
  });
  return records;
}

test("a commit's record has the wall clock's milliseconds, which its receipt repeats", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  await store.pass(1500);
  const first = await store.run(() => db.put("a", 1));
  store.clock.jumpWall(-5000);
  const second = await store.run(() => db.put("b", 1));
  expect(first.timestampMs).toBeGreaterThanOrEqual(WALL_START_MS + 1500);
  expect(second.timestampMs).toBeLessThan(first.timestampMs);
  const logged = (await recordsOf(store)).flatMap((record) =>
    record.kind === "commit" ? [record.timestampMs] : [],
  );
  expect(logged).toEqual([first.timestampMs, second.timestampMs]);
});

test("commit numbers are dense, in commit order, and go on across reopens", async () => {
  const store = new VirtualStore();
  const numbers: number[] = [];
  for (let life = 0; life < 3; life += 1) {
    const db = await store.open();
    await store.run(async () => {
      const receipts = await Promise.all([db.put("a", 1), db.put("b", 1), db.delete("a")]);
      numbers.push(...receipts.map(({ commitNumber }) => commitNumber));
      const empty = db.begin();
      expect((await empty.commit()).commitNumber).toBe(numbers.at(-1));
    });
    if (life === 0) {
      await store.run(() => db.close());
    } else {
      store.crash();
    }
  }
  expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("positions of commits grow, also over a crash that lost some", async () => {
  const store = new VirtualStore();
  const lsns: number[] = [];
  for (let life = 0; life < 4; life += 1) {
    const db = await store.open({ syncPolicy: "async" });
    await store.run(async () => {
      for (let number = 0; number < 5; number += 1) {
        lsns.push((await db.put("a", number)).lsn);
      }
    });
    store.crash();
  }
  expect(lsns).toEqual(lsns.toSorted((a, b) => a - b));
  expect(new Set(lsns).size).toBe(lsns.length);
});

test("no transaction id is given out twice: after a close, a crash, and a crash without any write", async () => {
  const store = new VirtualStore();
  const ids: number[] = [];
  for (const ending of ["close", "crash", "crash", "kill", "close", "crash"] as const) {
    const db = await store.open({ syncPolicy: "async" });
    ids.push(db.begin().id, db.begin().id);
    if (ids.length % 4 === 0) {
      const tx = db.begin();
      await store.run(async () => {
        await tx.put("a", 1);
        await tx.commit();
      });
      ids.push(tx.id);
    }
    if (ending === "close") {
      await store.run(() => db.close());
    } else {
      store.crash(ending === "kill" ? "process" : "power");
    }
  }
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(ids.toSorted((a, b) => a - b));
});
