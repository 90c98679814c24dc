import { describe, expect, test } from "vitest";
import { lsn } from "../engine/base/units.ts";
import { readLog } from "../engine/log/log-reader.ts";
import { findSegmentFiles, loadSegment, type SegmentFile } from "../engine/log/segment-files.ts";
import { encodeSegmentHeader } from "../engine/log/segment-format.ts";
import { resumeAfter } from "../engine/log/wal-manager.ts";
import { ControlFile, newestOf } from "../engine/recovery/control-file.ts";
import { DIRECTORY, VirtualStore } from "./support/virtual-store.ts";

/** A store that was closed, and whose next epoch begins at a far position. */
async function storeResumingAt(position: number): Promise<VirtualStore> {
  const store = new VirtualStore();
  const db = await store.open();
  await store.run(async () => {
    await db.put("near", 1);
    await db.close();
  });
  const { files } = store.options().platform;
  const found = await store.run(async () => {
    const segmentFiles = await findSegmentFiles(files, DIRECTORY);
    const load = async (file: SegmentFile): Promise<Uint8Array> =>
      await loadSegment(files, DIRECTORY, file);
    const { startLsn, startChecksum } = newestOf(await ControlFile.read(files, DIRECTORY));
    let endChecksum = startChecksum;
    const start = { lsn: startLsn, checksum: startChecksum };
    const evidence = await readLog({ segmentFiles, load }, start, ({ header }) => {
      endChecksum = header.headerChecksum;
    });
    return { ...evidence, endChecksum };
  });
  const header = encodeSegmentHeader({
    sectorBytes: found.sectorBytes,
    epoch: 2,
    number: 50,
    baseLsn: found.endLsn,
    capacityBytes: 4096,
    tailEndLsn: found.endLsn,
    resumeLsn: lsn(position),
    durableLsn: found.endLsn,
    storeId: found.storeId,
    previousChecksum: found.endChecksum,
  });
  const file = store.disk.open(`${DIRECTORY}/wal-00000050.log`, "create");
  store.disk.preallocate(file, 4096);
  store.disk.write(file, header, 0);
  store.disk.sync(file, "sync");
  store.disk.syncDirectory(DIRECTORY);
  return store;
}

describe.each([2 ** 31, 2 ** 32 - 1024, 2 ** 32, 2 ** 40 + 512, 2 ** 50])(
  "from LSN %d on",
  (position) => {
    test("commits, rotations, crashes and undo work as anywhere", async () => {
      const store = await storeResumingAt(position);
      const options = { segmentBytes: 2048, batchBytesMax: 200 };
      const expected: [string, unknown][] = [["near", 1]];
      for (let life = 0; life < 3; life += 1) {
        const db = await store.open(options);
        expect(await store.entries(db)).toEqual(expected);
        await store.run(async () => {
          for (let number = 0; number < 4; number += 1) {
            const key = `far ${life} ${number}`;
            const receipt = await db.put(key, "v".repeat(number * 150));
            expect(receipt.lsn).toBeGreaterThan(position);
            expected.splice(-1, 0, [key, "v".repeat(number * 150)]);
          }
        });
        expect(db.stats().durableLsn).toBeGreaterThan(position);
        store.crash();
      }
      expect(store.segmentPaths().length).toBeGreaterThan(5);
    });
  },
);

test("an epoch resumes beyond everything that its files could ever have held, on a sector", () => {
  for (const end of [4096, 2 ** 32 - 512, 2 ** 40]) {
    for (const sectorBytes of [512, 4096]) {
      const resumed = resumeAfter(lsn(end), 5000, sectorBytes);
      expect(resumed).toBeGreaterThanOrEqual(end + 5000);
      expect(resumed).toBeLessThan(end + 5000 + sectorBytes);
      expect(resumed % sectorBytes).toBe(0);
    }
  }
});
