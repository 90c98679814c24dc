import { expect, test } from "vitest";
import { lsn } from "../base/units.ts";
import type { Lsn } from "../base/units.ts";
import { BATCH_HEADER_BYTES, batchBytes, sealBatch } from "./batch-format.ts";
import type { BatchStamp } from "./batch-format.ts";
import { batchesIn, LOG_BEGINNING, readLog } from "./log-reader.ts";
import type { LogEvidence, LogStart } from "./log-reader.ts";
import { FIRST_LSN } from "./segment-files.ts";
import type { SegmentFile } from "./segment-files.ts";
import { encodeSegmentHeader, readSegmentHeader } from "./segment-format.ts";
import type { SegmentHeader } from "./segment-format.ts";

const SECTOR = 512;
const CAPACITY = 4096;
const STORE = 77;

/** One segment file in the making, batches laid one behind the other. */
class Segment {
  readonly bytes = new Uint8Array(CAPACITY);
  readonly header: SegmentHeader;
  offset = SECTOR;
  position: Lsn;

  constructor(number: number, base: number, more: Partial<SegmentHeader> = {}) {
    this.position = lsn(base);
    this.header = {
      sectorBytes: SECTOR,
      epoch: 1,
      number,
      baseLsn: lsn(base),
      capacityBytes: CAPACITY,
      tailEndLsn: lsn(base),
      resumeLsn: lsn(base),
      durableLsn: lsn(base),
      storeId: STORE,
      previousChecksum: 0,
      ...more,
    };
    this.bytes.set(encodeSegmentHeader(this.header));
  }

  /** Adds a batch of one payload byte; returns its checksum. */
  add(
    previousChecksum: number,
    more: Partial<BatchStamp> & { payloadBytes?: number } = {},
  ): number {
    const { payloadBytes = 1, ...stamp } = more;
    const length = batchBytes(payloadBytes, SECTOR);
    const target = this.bytes.subarray(this.offset, this.offset + length);
    target.fill(7, BATCH_HEADER_BYTES, BATCH_HEADER_BYTES + payloadBytes);
    const checksum = sealBatch(target, payloadBytes, {
      lsn: this.position,
      durableLsn: this.header.durableLsn,
      epoch: this.header.epoch,
      previousChecksum,
      recordCount: 1,
      storeId: STORE,
      ...stamp,
    });
    this.offset += length;
    this.position = lsn(this.position + length);
    return checksum;
  }

  get file(): SegmentFile {
    return {
      name: `wal-0000000${this.header.number}.log`,
      bytes: this.bytes.length,
      capacityBytes: this.bytes.length,
      found: readSegmentHeader(this.bytes.subarray(0, 96)),
    };
  }
}

type Found = LogEvidence & { seen: number[] };

async function read(...segments: readonly Segment[]): Promise<Found> {
  return await readFrom(LOG_BEGINNING, ...segments);
}

async function readFrom(start: LogStart, ...segments: readonly Segment[]): Promise<Found> {
  const seen: number[] = [];
  const byName = new Map(segments.map((segment) => [segment.file.name, segment.bytes]));
  const segmentFiles = segments.map(({ file }) => file);
  const load = async ({ name }: SegmentFile): Promise<Uint8Array> => {
    await Promise.resolve();
    return byName.get(name) ?? new Uint8Array(0);
  };
  const evidence = await readLog({ segmentFiles, load }, start, ({ header }) => {
    seen.push(header.lsn);
  });
  return { ...evidence, seen };
}

const BASE = FIRST_LSN;

/** Three batches, none of which says that anything was durable. */
function threeBatches(): Segment {
  const segment = new Segment(1, BASE);
  segment.add(segment.add(segment.add(0)));
  return segment;
}

test("batches are read in order up to where none was written", async () => {
  const found = await read(threeBatches());
  expect(found).toMatchObject({
    seen: [BASE, BASE + 512, BASE + 1024],
    batches: 3,
    endLsn: BASE + 1536,
    endOffset: 2048,
    rejected: "zeros",
    batchesBeyondEnd: 0,
    durableLsn: BASE,
  });
});

test("a segment may be full to its last byte", async () => {
  const segment = new Segment(1, BASE);
  segment.add(0, { payloadBytes: CAPACITY - SECTOR - BATCH_HEADER_BYTES });
  expect(await read(segment)).toMatchObject({ batches: 1, rejected: "the segment is full" });
});

test.each([
  ["no batch begins here", 1, (bytes: Uint8Array) => bytes.fill(1, 1024, 1028)],
  ["bad header checksum", 1, (bytes: Uint8Array) => bytes.fill(1, 1040, 1042)],
  ["bad payload checksum", 2, (bytes: Uint8Array) => bytes.fill(1, 1024 + 64, 1024 + 65)],
  ["zeros", 1, (bytes: Uint8Array) => bytes.fill(0, 1024, 1536)],
] as const)("reading ends at %s; %d batches are recognised from there on", async (...row) => {
  const [rejected, recognised, damage] = row;
  const segment = threeBatches();
  damage(segment.bytes);
  expect(await read(segment)).toMatchObject({
    rejected,
    seen: [BASE],
    endLsn: BASE + 512,
    batchesBeyondEnd: recognised,
  });
});

test.each([
  ["another epoch", { epoch: 9 }, "a batch of an earlier use of the file"],
  ["another store", { storeId: STORE + 1 }, "a batch of an earlier use of the file"],
  ["another position", { lsn: lsn(2 ** 40) }, "a batch of an earlier use of the file"],
  ["another predecessor", { previousChecksum: 5 }, "does not follow the batch before it"],
])("a batch of %s is none of this log", async (_, stamp, rejected) => {
  const segment = new Segment(1, BASE);
  const checksum = segment.add(0);
  segment.add(checksum, stamp);
  expect(await read(segment)).toMatchObject({ batches: 1, rejected, endLsn: BASE + 512 });
});

test("a length that leaves the segment is not followed", async () => {
  const segment = new Segment(1, BASE);
  const checksum = segment.add(0);
  const { offset, bytes } = segment;
  const long = new Uint8Array(CAPACITY);
  sealBatch(long, CAPACITY - BATCH_HEADER_BYTES, {
    lsn: segment.position,
    durableLsn: BASE,
    epoch: 1,
    previousChecksum: checksum,
    recordCount: 1,
    storeId: STORE,
  });
  bytes.set(long.subarray(0, CAPACITY - offset), offset);
  expect(await read(segment)).toMatchObject({ rejected: "length beyond the segment" });
});

test("a later stamp shows how far the log was durable, also from behind the damage", async () => {
  const segment = new Segment(1, BASE);
  const second = segment.add(segment.add(0));
  segment.add(second, { durableLsn: lsn(BASE + 1024) });
  expect(await read(segment)).toMatchObject({ durableLsn: BASE + 1024, batchesBeyondEnd: 0 });
  segment.bytes[512 + 64] = 1;
  expect(await read(segment)).toMatchObject({ endLsn: BASE, durableLsn: BASE + 1024 });
});

test("only what is not known durable has to be written anew", async () => {
  const segment = new Segment(1, BASE);
  const second = segment.add(segment.add(0));
  const third = segment.add(second, { durableLsn: lsn(BASE + 512) });
  segment.add(third, { durableLsn: lsn(BASE + 512) });
  const { tail, settledLsn } = await read(segment);
  expect(settledLsn).toBe(BASE + 512);
  expect(tail.map(({ header }) => header.lsn)).toEqual([BASE + 512, BASE + 1024, BASE + 1536]);
});

test("the log goes on in the segment that begins where one ends", async () => {
  const first = new Segment(1, BASE);
  const checksum = first.add(0);
  const second = new Segment(2, first.position, { previousChecksum: checksum });
  second.add(checksum);
  expect(await read(second, first)).toMatchObject({
    seen: [BASE, BASE + 512],
    endLsn: BASE + 1024,
    lastSegment: { header: { number: 2 } },
  });
});

test("a rotation's header alone does not make the segment before it durable", async () => {
  const first = new Segment(1, BASE);
  const checksum = first.add(0);
  const second = new Segment(2, first.position, { durableLsn: BASE, previousChecksum: checksum });
  first.bytes.fill(0, SECTOR, 2 * SECTOR);
  const found = await read(first, second);
  expect(found).toMatchObject({ endLsn: BASE, durableLsn: BASE });
});

/** A second epoch that copied the third batch of the first, and then goes on at a far position. */
function secondEpoch(): { old: Segment; fresh: Segment } {
  const old = new Segment(1, BASE);
  const second = old.add(old.add(0));
  old.add(second);
  const fresh = new Segment(2, BASE + 1024, {
    epoch: 2,
    tailEndLsn: lsn(BASE + 1536),
    resumeLsn: lsn(2 ** 41),
    durableLsn: BASE,
    previousChecksum: second,
  });
  const copied = fresh.add(second);
  fresh.position = lsn(2 ** 41);
  fresh.add(copied, { durableLsn: lsn(2 ** 41) });
  return { old, fresh };
}

test("behind a copied tail positions jump and bytes do not", async () => {
  const { old, fresh } = secondEpoch();
  expect(await read(old, fresh)).toMatchObject({
    seen: [BASE, BASE + 512, BASE + 1024, 2 ** 41],
    endLsn: 2 ** 41 + 512,
    endOffset: 1536,
    settledLsn: 2 ** 41,
    durableLsn: 2 ** 41,
  });
});

test("what an epoch replaced does not come back: the old third batch is not read twice", async () => {
  const { old, fresh } = secondEpoch();
  old.bytes.fill(0, SECTOR + 1024);
  expect((await read(old, fresh)).seen).toEqual([BASE, BASE + 512, BASE + 1024, 2 ** 41]);
});

test("an epoch's header says that its copied tail was durable, and not yet that itself is", async () => {
  const { old, fresh } = secondEpoch();
  fresh.bytes.fill(0, 1024, 1536);
  expect(await read(old, fresh)).toMatchObject({
    endLsn: BASE + 1536,
    nextLsn: 2 ** 41,
    durableLsn: BASE + 1536,
    settledLsn: BASE,
  });
});

test("batches in a file whose header is damaged are found by their stamps", async () => {
  const first = new Segment(1, BASE);
  const checksum = first.add(0);
  const second = new Segment(2, first.position, { previousChecksum: checksum });
  second.add(second.add(checksum), { durableLsn: lsn(BASE + 1024) });
  second.bytes[20] = 0xee;
  expect(second.file.found.kind).toBe("damaged");
  expect(await read(first, second)).toMatchObject({
    endLsn: BASE + 512,
    batchesBeyondEnd: 2,
    durableLsn: BASE + 1024,
  });
});

test("a directory without any segment is no log", async () => {
  await expect(read()).rejects.toMatchObject({ code: "CORRUPTION" });
});

/** Two segments of two batches each, and the place of every batch. */
function fourBatches(): { segments: [Segment, Segment]; starts: LogStart[] } {
  const starts: LogStart[] = [];
  const first = new Segment(1, BASE);
  let checksum = 0;
  const add = (segment: Segment): void => {
    starts.push({ lsn: segment.position, checksum });
    checksum = segment.add(checksum);
  };
  add(first);
  add(first);
  const second = new Segment(2, first.position, { durableLsn: BASE, previousChecksum: checksum });
  add(second);
  add(second);
  starts.push({ lsn: second.position, checksum });
  return { segments: [first, second], starts };
}

test("reading may begin at any batch, also where a segment begins, and right behind the last", async () => {
  const { segments, starts } = fourBatches();
  const all = starts.slice(0, 4).map(({ lsn }) => lsn);
  for (const [index, start] of starts.entries()) {
    expect(await readFrom(start, ...segments), `from batch ${index}`).toMatchObject({
      seen: all.slice(index),
      batches: 4 - index,
      endLsn: BASE + 2048,
      rejected: "zeros",
      batchesBeyondEnd: 0,
      durableLsn: start.lsn,
    });
  }
});

test("segments before the place to begin need not be there, and are not read", async () => {
  const { segments, starts } = fourBatches();
  const [first, second] = segments;
  for (const start of starts.slice(2)) {
    const alone = await readFrom(start, second);
    expect(alone.segments).toHaveLength(1);
    first.bytes.fill(0xee, SECTOR);
    expect((await readFrom(start, first, second)).seen).toEqual(alone.seen);
  }
  await expect(readFrom({ lsn: lsn(BASE + 512), checksum: 1 }, second)).rejects.toMatchObject({
    code: "CORRUPTION",
  });
});

test("a place to begin whose predecessor is another batch holds none", async () => {
  const { segments, starts } = fourBatches();
  const { lsn } = starts[1] ?? LOG_BEGINNING;
  expect(await readFrom({ lsn, checksum: 99 }, ...segments)).toMatchObject({
    batches: 0,
    endLsn: lsn,
    rejected: "does not follow the batch before it",
    durableLsn: lsn,
  });
});

test("what was read once is found again from any batch on, over the jump behind a copied tail", async () => {
  const { old, fresh } = secondEpoch();
  const { segments } = await read(old, fresh);
  const live = segments[1];
  if (live === undefined) {
    throw new Error("the second epoch has a segment");
  }
  const start = { lsn: lsn(BASE + 1024), checksum: live.header.previousChecksum };
  const batches = batchesIn(live, fresh.bytes, start, lsn(2 ** 41 + 512));
  expect(batches.map(({ header, offset }) => [header.lsn, offset])).toEqual([
    [BASE + 1024, 512],
    [2 ** 41, 1024],
  ]);
  expect(batchesIn(live, fresh.bytes, start, lsn(BASE + 1536))).toHaveLength(1);
  fresh.bytes.fill(0, 1024, 1536);
  expect(() => batchesIn(live, fresh.bytes, start, lsn(2 ** 41 + 512))).toThrow(
    expect.objectContaining({
      code: "CORRUPTION",
      place: {
        file: live.file.name,
        offset: 1024,
        expected: `the batch at LSN ${2 ** 41}`,
        found: "zeros",
      },
    }),
  );
});
