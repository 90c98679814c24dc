import { expect, test } from "vitest";
import { VirtualStore } from "../../properties/support/virtual-store.ts";
import { lsn } from "../base/units.ts";
import {
  chainOfSegments,
  FIRST_LSN,
  findSegmentFiles,
  liveSegments,
  replacedSegments,
} from "./segment-files.ts";
import type { SegmentFile } from "./segment-files.ts";
import { encodeSegmentHeader } from "./segment-format.ts";
import type { SegmentHeader } from "./segment-format.ts";

function header(number: number, base: number, more: Partial<SegmentHeader> = {}): SegmentHeader {
  return {
    sectorBytes: 512,
    epoch: 1,
    number,
    baseLsn: lsn(base),
    capacityBytes: 4096,
    tailEndLsn: lsn(base),
    resumeLsn: lsn(base),
    durableLsn: lsn(base),
    storeId: 99,
    previousChecksum: 0,
    ...more,
  };
}

const fileOf = (header: SegmentHeader): SegmentFile => ({
  name: `wal-0000000${header.number}.log`,
  bytes: 4096,
  capacityBytes: 4096,
  found: { kind: "header", header },
});

const BASE = FIRST_LSN;

test("segments are in log order, each up to where the next takes over", () => {
  const files = [header(3, BASE + 9000), header(1, BASE), header(2, BASE + 4000)].map(fileOf);
  expect(
    liveSegments(files, BASE).map(({ header, limitLsn }) => [header.number, limitLsn]),
  ).toEqual([
    [1, BASE + 4000],
    [2, BASE + 9000],
    [3, Number.POSITIVE_INFINITY],
  ]);
});

test("a later segment replaces all that earlier ones hold from its base on", () => {
  const files = [
    header(1, BASE),
    header(2, BASE + 4000),
    header(3, BASE + 9000),
    header(4, BASE + 4000),
  ].map(fileOf);
  expect(
    liveSegments(files, BASE).map(({ header, limitLsn }) => [header.number, limitLsn]),
  ).toEqual([
    [1, BASE + 4000],
    [4, Number.POSITIVE_INFINITY],
  ]);
});

test("files without a header that counts are left out", () => {
  const zeros: SegmentFile = {
    name: "wal-00000009.log",
    bytes: 4096,
    capacityBytes: 4096,
    found: { kind: "zeros" },
  };
  const damaged: SegmentFile = { ...zeros, found: { kind: "damaged" } };
  expect(liveSegments([zeros, damaged], BASE)).toEqual([]);
  expect(liveSegments([zeros, fileOf(header(1, BASE)), damaged], BASE)).toHaveLength(1);
});

test("a missing beginning is damage, and the error says where", () => {
  expect(() => liveSegments([fileOf(header(2, BASE + 512))], BASE)).toThrow(
    expect.objectContaining({
      code: "CORRUPTION",
      place: expect.objectContaining({
        file: "wal-00000002.log",
        expected: "a segment that holds LSN 4096",
        found: "a segment that begins at LSN 4608",
      }) as unknown,
    }),
  );
});

test("two segments of one number, or of two stores, do not make a log", () => {
  const one = fileOf(header(1, BASE));
  const twin = { ...fileOf(header(1, BASE + 512)), name: "wal-00000005.log" };
  const stranger = fileOf(header(2, BASE + 512, { storeId: 98 }));
  for (const files of [
    [one, twin],
    [one, stranger],
  ]) {
    expect(() => liveSegments(files, BASE)).toThrow(
      expect.objectContaining({ code: "CORRUPTION" }),
    );
  }
});

test.each([
  ["a newer", 9],
  ["an older", 1],
])("one file of %s format refuses the whole store", (which, formatVersion) => {
  const other: SegmentFile = {
    name: "wal-00000004.log",
    bytes: 4096,
    capacityBytes: 4096,
    found: { kind: "other-format", formatVersion },
  };
  expect(() => liveSegments([fileOf(header(1, BASE)), other], BASE)).toThrow(
    expect.objectContaining({
      code: "RECOVERY",
      message: expect.stringContaining(`use ${which} one`) as unknown,
      place: { file: "wal-00000004.log", expected: "format 3", found: `format ${formatVersion}` },
    }),
  );
});

test("what segments hold before the place to begin does not matter, also with gaps", () => {
  const files = [header(1, BASE), header(4, BASE + 9000), header(5, BASE + 9512)].map(fileOf);
  const from = (start: number): number[] =>
    liveSegments(files, lsn(start)).map(({ header }) => header.number);
  expect(from(BASE + 9000)).toEqual([4, 5]);
  expect(from(BASE + 9511)).toEqual([4, 5]);
  expect(from(BASE + 9512)).toEqual([5]);
  expect(chainOfSegments(files).map(({ header, limitLsn }) => [header.number, limitLsn])).toEqual([
    [1, BASE + 9000],
    [4, BASE + 9512],
    [5, Number.POSITIVE_INFINITY],
  ]);
});

test("the place to begin may be the end of a file, and not behind it", () => {
  const files = [fileOf(header(1, BASE))];
  // A header's sector and 3584 bytes of batches.
  expect(liveSegments(files, lsn(BASE + 3584))).toHaveLength(1);
  expect(() => liveSegments(files, lsn(BASE + 3585))).toThrow(
    expect.objectContaining({ code: "CORRUPTION" }),
  );
});

test("a replaced file is free only once its replacement is known durable", () => {
  const resumed = { tailEndLsn: lsn(BASE + 4512), resumeLsn: lsn(BASE + 20_000) };
  const files = [
    header(1, BASE),
    header(2, BASE + 4000),
    header(3, BASE + 4000, { epoch: 2, ...resumed }),
  ].map(fileOf);
  const live = liveSegments(files, BASE);
  const freeAt = (settled: number): string[] =>
    replacedSegments(files, live, lsn(settled)).map(({ name }) => name);
  expect(freeAt(BASE + 4512)).toEqual([]);
  expect(freeAt(BASE + 19_999)).toEqual([]);
  expect(freeAt(BASE + 20_000)).toEqual(["wal-00000002.log"]);
});

test("a directory's segment files are found by name and read by header", async () => {
  const store = new VirtualStore();
  const { files } = store.options().platform;
  await store.run(async () => {
    await files.makeDirectory("/store");
    for (const [name, bytes] of [
      ["wal-00000002.log", encodeSegmentHeader(header(5, BASE))],
      ["wal-00000001.log", new Uint8Array(10)],
      ["notes.txt", new Uint8Array(3)],
    ] as const) {
      const file = await files.open(`/store/${name}`, "create");
      await file.write(bytes, 0);
      await file.close();
    }
  });
  expect(await store.run(() => findSegmentFiles(files, "/store"))).toEqual([
    { name: "wal-00000001.log", bytes: 10, capacityBytes: 10, found: { kind: "zeros" } },
    { ...fileOf(header(5, BASE)), name: "wal-00000002.log", bytes: 512, capacityBytes: 512 },
  ]);
});

test("a header of another store is none, as long as there is one of the store itself", async () => {
  const store = new VirtualStore();
  const { files } = store.options().platform;
  await store.run(async () => {
    await files.makeDirectory("/store");
    for (const [name, storeId] of [
      ["wal-00000001.log", 8],
      ["wal-00000002.log", 9],
    ] as const) {
      const file = await files.open(`/store/${name}`, "create");
      await file.write(encodeSegmentHeader(header(5, BASE, { storeId })), 0);
      await file.close();
    }
  });
  const kindsFor = async (storeId: number | undefined): Promise<string[]> => {
    const found = await store.run(() => findSegmentFiles(files, "/store", storeId));
    return found.map((file) => file.found.kind);
  };
  expect(await kindsFor(9)).toEqual(["damaged", "header"]);
  expect(await kindsFor(7)).toEqual(["header", "header"]);
  expect(await kindsFor(undefined)).toEqual(["header", "header"]);
});
