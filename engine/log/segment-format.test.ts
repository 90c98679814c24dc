import { expect, test } from "vitest";
import { putUint32 } from "../base/bytes.ts";
import { crc32 } from "../base/checksum.ts";
import { lsn } from "../base/units.ts";
import {
  encodeSegmentHeader,
  FORMAT_VERSION,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
  segmentFileName,
  segmentNumberOf,
} from "./segment-format.ts";
import type { SegmentHeader } from "./segment-format.ts";

const HEADER: SegmentHeader = {
  sectorBytes: 512,
  epoch: 7,
  number: 2 ** 33 + 1,
  baseLsn: lsn(2 ** 40),
  capacityBytes: 8 * 1024 * 1024,
  tailEndLsn: lsn(2 ** 40 + 1024),
  resumeLsn: lsn(2 ** 41),
  durableLsn: lsn(2 ** 40 + 512),
  storeId: 0x1f_00_00_00_00_00_01,
  previousChecksum: 0xfe_dc_ba_98,
};

test("the bytes of a segment header never change", () => {
  const bytes = encodeSegmentHeader(HEADER);
  const lines = [];
  for (let offset = 0; offset < SEGMENT_HEADER_BYTES; offset += 16) {
    lines.push(Buffer.from(bytes.subarray(offset, offset + 16)).toString("hex"));
  }
  expect(lines).toMatchInlineSnapshot(`
    [
      "53454157414c4c47ff609fda03000000",
      "00020000070000000100000002000000",
      "00000000000100000000800000000000",
      "00040000000100000000000000020000",
      "00020000000100000100000000001f00",
      "98badcfe000000000000000000000000",
    ]
  `);
  expect(Buffer.from(bytes.subarray(0, 8)).toString()).toBe("SEAWALLG");
  expect(bytes).toHaveLength(512);
  expect(bytes.subarray(SEGMENT_HEADER_BYTES).every((byte) => byte === 0)).toBe(true);
});

test("a header is read back as it was written, with positions beyond 2^40", () => {
  expect(readSegmentHeader(encodeSegmentHeader(HEADER))).toEqual({
    kind: "header",
    header: HEADER,
  });
});

test("a header with any single bit flipped is no header", () => {
  const bytes = encodeSegmentHeader(HEADER).subarray(0, SEGMENT_HEADER_BYTES);
  for (let offset = 0; offset < bytes.length; offset += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const damaged = bytes.slice();
      damaged[offset] = (damaged[offset] ?? 0) ^ (1 << bit);
      expect(readSegmentHeader(damaged), `byte ${offset} bit ${bit}`).toEqual({ kind: "damaged" });
    }
  }
});

test("zeros, cut off bytes and another format are told apart", () => {
  const bytes = encodeSegmentHeader(HEADER);
  expect(readSegmentHeader(new Uint8Array(SEGMENT_HEADER_BYTES))).toEqual({ kind: "zeros" });
  expect(readSegmentHeader(new Uint8Array(0))).toEqual({ kind: "zeros" });
  expect(readSegmentHeader(bytes.subarray(0, SEGMENT_HEADER_BYTES - 1))).toEqual({
    kind: "damaged",
  });
  for (const formatVersion of [FORMAT_VERSION - 1, FORMAT_VERSION + 1]) {
    putUint32(bytes, 12, formatVersion);
    putUint32(bytes, 8, crc32(bytes.subarray(12, SEGMENT_HEADER_BYTES)));
    expect(readSegmentHeader(bytes)).toEqual({ kind: "other-format", formatVersion });
  }
});

test.each([
  ["a sector of no bytes", 16, 0],
  ["a sector that is no power of two", 16, 513],
  ["a sector of two gibibytes", 16, 2 ** 31],
])("a header that promises %s is damaged, whatever its checksum says", (_, offset, value) => {
  const bytes = encodeSegmentHeader(HEADER);
  putUint32(bytes, offset, value);
  putUint32(bytes, 8, crc32(bytes.subarray(12, SEGMENT_HEADER_BYTES)));
  expect(readSegmentHeader(bytes)).toEqual({ kind: "damaged" });
});

test("names and numbers of segment files belong together", () => {
  expect(segmentFileName(1)).toBe("wal-00000001.log");
  expect(segmentFileName(123_456_789)).toBe("wal-123456789.log");
  for (const number of [1, 99_999_999, 100_000_000]) {
    expect(segmentNumberOf(segmentFileName(number))).toBe(number);
  }
  for (const name of [
    "wal-1.log",
    "wal-00000001.log.bak",
    "xwal-00000001.log",
    "wal-0000000a.log",
    "LOCK",
    "wal-00000001.log\n",
  ]) {
    expect(segmentNumberOf(name)).toBeUndefined();
  }
});
