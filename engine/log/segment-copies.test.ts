import { expect, test } from "vitest";
import { lsn } from "../base/units.ts";
import { FileIOError } from "../platform/file-io.ts";
import type { CopyRead } from "../platform/read-copies.ts";
import { BATCH_HEADER_BYTES, sealBatch } from "./batch-format.ts";
import { mergeSegment } from "./segment-copies.ts";
import { encodeSegmentHeader, type SegmentHeader } from "./segment-format.ts";

const SECTOR = 512;
const BASE = 8192;

const HEADER: SegmentHeader = {
  sectorBytes: SECTOR,
  epoch: 3,
  number: 7,
  baseLsn: lsn(BASE),
  capacityBytes: 8 * SECTOR,
  tailEndLsn: lsn(BASE),
  resumeLsn: lsn(BASE),
  durableLsn: lsn(BASE),
  storeId: 99,
  previousChecksum: 0,
};

/** A batch of one sector, at the nth sector of the file. */
function batch(
  sector: number,
  fill: number,
  stamp: { lsn?: number; epoch?: number } = {},
): Uint8Array {
  const bytes = new Uint8Array(SECTOR);
  bytes.fill(fill, BATCH_HEADER_BYTES, BATCH_HEADER_BYTES + 100);
  const position = lsn(stamp.lsn ?? BASE + (sector - 1) * SECTOR);
  sealBatch(bytes, 100, {
    lsn: position,
    durableLsn: lsn(0),
    epoch: stamp.epoch ?? HEADER.epoch,
    previousChecksum: 0,
    recordCount: 1,
    storeId: 99,
  });
  return bytes;
}

function file(header: Partial<SegmentHeader> = {}): Uint8Array {
  const bytes = new Uint8Array(8 * SECTOR);
  bytes.set(encodeSegmentHeader({ ...HEADER, ...header }));
  for (const sector of [1, 2, 3]) {
    bytes.set(batch(sector, sector), sector * SECTOR);
  }
  return bytes;
}

function copy(bytes: Uint8Array, ...holes: readonly number[]): CopyRead {
  const cause = new FileIOError("EIO", { operation: "read", path: "file" });
  for (const sector of holes) {
    bytes.fill(0, sector * SECTOR, (sector + 1) * SECTOR);
  }
  return {
    bytes,
    holes: holes.map((at) => ({ from: at * SECTOR, to: (at + 1) * SECTOR, cause })),
  };
}

function flipped(bytes: Uint8Array, offset: number): Uint8Array {
  const other = bytes.slice();
  other[offset] = (other[offset] ?? 0) ^ 8;
  return other;
}

function changed(bytes: Uint8Array, sector: number, content: Uint8Array): Uint8Array {
  const other = bytes.slice();
  other.set(content, sector * SECTOR);
  return other;
}

test("copies that are the same need nothing", () => {
  const merged = mergeSegment([copy(file()), copy(file())]);
  expect(merged).toEqual({
    bytes: file(),
    header: { kind: "header", header: HEADER },
    differing: [],
  });
});

test("each batch comes from the copy where it is whole, and the header from the later one", () => {
  const first = flipped(flipped(file(), SECTOR + 70), 3 * SECTOR + 10);
  const second = changed(file(), 2, new Uint8Array(SECTOR));
  const merged = mergeSegment([copy(first), copy(flipped(second, 20))]);
  expect(merged.bytes).toEqual(file());
  expect(merged.differing.map(({ from }) => from / SECTOR)).toEqual([0, 1, 2, 3]);
});

test.each([0, 1])("what copy %i has from an earlier use of the file does not count", (stale) => {
  const earlier = changed(
    changed(file({ number: 4, epoch: 2 }), 1, batch(1, 77, { lsn: BASE - 4 * SECTOR })),
    2,
    batch(2, 78, { epoch: 2 }),
  );
  const copies = [copy(file()), copy(file())] as [CopyRead, CopyRead];
  copies[stale] = copy(earlier);
  const merged = mergeSegment(copies);
  expect(merged.bytes).toEqual(file());
  expect(merged.header).toEqual({ kind: "header", header: HEADER });
  expect(merged.differing.map(({ from }) => from / SECTOR)).toEqual([0, 1, 2]);
});

test("a flipped bit in padding, which no checksum covers, does not come into the other copy", () => {
  const merged = mergeSegment([copy(flipped(file(), 2 * SECTOR + 400)), copy(file())]);
  expect(merged.bytes).toEqual(file());
  expect(merged.differing).toEqual([{ from: 2 * SECTOR, to: 3 * SECTOR, lsn: BASE + SECTOR }]);
});

test("a sector that one copy cannot be read at comes from the other; not from nowhere", () => {
  const merged = mergeSegment([copy(file(), 0, 1), copy(file(), 3)]);
  expect(merged.bytes).toEqual(file());
  expect(merged.differing.map(({ from }) => from / SECTOR)).toEqual([0, 1, 3]);
  expect(() => mergeSegment([copy(file(), 2), copy(file(), 2)])).toThrow(FileIOError);
});

test("a file without a header shows what may be a batch in either copy", () => {
  const none = new Uint8Array(8 * SECTOR);
  const merged = mergeSegment([copy(none.slice()), copy(changed(none, 2, batch(2, 5)))]);
  expect(merged.header.kind).toBe("zeros");
  expect(merged.bytes).toEqual(changed(none, 2, batch(2, 5)));
});
