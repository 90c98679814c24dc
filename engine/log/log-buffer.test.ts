import fc from "fast-check";
import { ByteWriter } from "../base/byte-writer.ts";
import { expect, test } from "vitest";
import { VirtualStore } from "../../properties/support/virtual-store.ts";
import { InvariantError } from "../base/assert.ts";
import { SILENT_LOGGER } from "../base/logger.ts";
import { commitNumber, lsn } from "../base/units.ts";
import { BATCH_HEADER_BYTES } from "./batch-format.ts";
import { LogBuffer } from "./log-buffer.ts";
import type { BufferedBatch } from "./log-buffer.ts";
import { SegmentPool } from "./segment-pool.ts";

const SECTOR = 512;
function recordOf(length: number): ByteWriter {
  const record = new ByteWriter();
  record.bytes(new Uint8Array(length).fill(7));
  return record;
}

const H = BATCH_HEADER_BYTES;

interface Setup {
  readonly position?: number;
  readonly capacityBytes?: number;
  readonly batchBytesMax?: number;
}

interface Laid {
  readonly store: VirtualStore;
  readonly pool: SegmentPool;
  readonly buffer: LogBuffer;
}

async function lay(setup: Setup = {}): Promise<Laid> {
  const { position = 4096, capacityBytes = 4096, batchBytesMax = 1000 } = setup;
  const store = new VirtualStore();
  const { files } = store.options().platform;
  await store.run(() => files.makeDirectory("/store"));
  const pool = new SegmentPool({
    files,
    directory: "/store",
    segmentBytes: 2048,
    names: [],
    free: [],
    logger: SILENT_LOGGER,
  });
  await store.run(() => pool.prepare(capacityBytes));
  const slot = pool.take(capacityBytes);
  if (slot === undefined) {
    throw new Error("the pool made no slot");
  }
  const segment = {
    ...slot,
    number: 1,
    baseLsn: lsn(position),
    baseOffset: SECTOR,
    headerWritten: true,
  };
  const buffer = new LogBuffer({
    pool,
    sectorBytes: SECTOR,
    batchBytesMax,
    segment,
    position: lsn(position),
  });
  return { store, pool, buffer };
}

/** Appends a group of records of these lengths, once there is room for it. */
async function append({ store, pool, buffer }: Laid, ...lengths: number[]): Promise<number[]> {
  const size = lengths.reduce((sum, length) => sum + length, 0);
  if (!buffer.hasRoom(size)) {
    await store.run(() => pool.prepare(buffer.segmentBytesFor(size)));
  }
  buffer.begin(size);
  return lengths.map((length) => buffer.append(recordOf(length), undefined));
}

function takeAll(buffer: LogBuffer): BufferedBatch[] {
  const batches: BufferedBatch[] = [];
  for (let batch = buffer.take(); batch !== undefined; batch = buffer.take()) {
    batches.push(batch);
  }
  return batches;
}

test.each([4096, 2 ** 32 - 512, 2 ** 32, 2 ** 40 + 512])(
  "records get their positions as they are appended, from LSN %d on",
  async (position) => {
    const laid = await lay({ position });
    expect(laid.buffer.endLsn).toBe(position);
    expect(await append(laid, 10, 20)).toEqual([position + H, position + H + 10]);
    expect(laid.buffer.endLsn).toBe(position + H + 30);
    expect(laid.buffer.take()).toMatchObject({ lsn: position, payloadBytes: 30, recordCount: 2 });
    expect(laid.buffer.isEmpty).toBe(true);
    expect(laid.buffer.endLsn).toBe(position + SECTOR);
    expect(await append(laid, 5)).toEqual([position + SECTOR + H]);
  },
);

test("groups share a batch while they fit, and a batch ends on a sector", async () => {
  const laid = await lay();
  await append(laid, 100);
  await append(laid, 100);
  await append(laid, 801);
  const [first, second] = takeAll(laid.buffer);
  expect(first).toMatchObject({ lsn: 4096, payloadBytes: 200, recordCount: 2 });
  expect(first?.bytes).toHaveLength(SECTOR);
  expect(second).toMatchObject({ lsn: 4096 + SECTOR, payloadBytes: 801, recordCount: 1 });
  expect(second?.bytes).toHaveLength(2 * SECTOR);
});

test("a group that fits one batch is never divided", async () => {
  const laid = await lay();
  await append(laid, 900);
  await append(laid, 60, 60);
  expect(takeAll(laid.buffer).map(({ recordCount }) => recordCount)).toEqual([1, 2]);
});

test("a group larger than a batch fills several, with every record whole", async () => {
  const laid = await lay({ capacityBytes: 16_384 });
  await append(laid, 600, 600, 300, 1500, 10);
  expect(takeAll(laid.buffer).map(({ payloadBytes }) => payloadBytes)).toEqual([
    600, 900, 1500, 10,
  ]);
});

test("what does not fit the segment goes to the next one, at the next position", async () => {
  const laid = await lay({ capacityBytes: 2048 });
  await append(laid, 900);
  await append(laid, 900);
  const [first, second] = takeAll(laid.buffer);
  expect(first?.segment.number).toBe(1);
  expect(second?.segment).toMatchObject({
    number: 2,
    baseLsn: 4096 + 2 * SECTOR,
    baseOffset: SECTOR,
    headerWritten: false,
  });
  expect(second?.lsn).toBe(4096 + 2 * SECTOR);
});

test("appending without room is a bug of the caller", async () => {
  const { buffer } = await lay({ capacityBytes: 2048, batchBytesMax: 4000 });
  // Of three sectors one is kept.
  const most = 2 * SECTOR - H;
  expect(buffer.hasRoom(most)).toBe(true);
  expect(buffer.hasRoom(most + 1)).toBe(false);
  expect(() => buffer.begin(most + 1)).toThrow(InvariantError);
});

test("a group may begin in the open batch, and end in another one: that takes a sector more", async () => {
  const laid = await lay({ capacityBytes: 7 * SECTOR, batchBytesMax: 1000 });
  await append(laid, 900);
  // Behind it are three sectors and the one that is kept: too few for two when the group is divided.
  expect(laid.buffer.hasRoom(2 * SECTOR - H)).toBe(false);
  expect(laid.buffer.hasRoom(SECTOR - H)).toBe(true);
});

test("a new segment has room for a group and for the sector that is kept", async () => {
  const laid = await lay({ capacityBytes: 4 * SECTOR, batchBytesMax: 2000 });
  await append(laid, 2 * SECTOR - H);
  await laid.store.run(() => laid.pool.prepare(0));
  expect(laid.pool.ready(4 * SECTOR)).toBeDefined();
  expect(laid.buffer.hasRoom(2 * SECTOR - H)).toBe(true);
  expect(laid.buffer.hasRoom(3 * SECTOR - H)).toBe(false);
});

test("the last sector that there is room for is kept for the last record", async () => {
  const laid = await lay({ capacityBytes: 4 * SECTOR });
  const { buffer } = laid;
  await append(laid, 2 * SECTOR - H);
  takeAll(buffer);
  expect(buffer.hasRoom(1)).toBe(false);
  buffer.useLastSector();
  expect(buffer.hasRoom(SECTOR - H)).toBe(true);
  expect(buffer.hasRoom(SECTOR - H + 1)).toBe(false);
});

test("padding is zeros, and payloads lie behind the header as they were given", async () => {
  const laid = await lay();
  await append(laid, 3);
  const batch = laid.buffer.take();
  const expected = new Uint8Array(SECTOR);
  expected.fill(7, H, H + 3);
  expect(batch?.bytes).toEqual(expected);
});

test("a batch offers itself as a restart point when no transaction was open where it begins", async () => {
  const { buffer } = await lay();
  const record = recordOf(10);
  const four = commitNumber(4);
  buffer.begin(20);
  buffer.append(record, four);
  // In the middle of the batch, the transaction of its first record is open.
  buffer.append(record, undefined);
  expect(buffer.take()?.restart).toBe(four);
  buffer.begin(20);
  buffer.append(record, undefined);
  buffer.append(record, commitNumber(5));
  expect(buffer.take()?.restart).toBeUndefined();
});

test("segments are forgotten once everything in them is before the LSN that is still needed", async () => {
  const laid = await lay({ capacityBytes: 2048 });
  for (let group = 0; group < 3; group += 1) {
    await append(laid, 900);
  }
  takeAll(laid.buffer);
  const { buffer } = laid;
  const numbers = (): number[] => buffer.segmentsFrom(lsn(0)).map(({ number }) => number);
  expect(numbers()).toEqual([1, 2, 3]);
  const [first, second, third] = [4096, 4096 + 2 * SECTOR, 4096 + 4 * SECTOR] as const;
  expect(buffer.segmentsFrom(lsn(0)).map(({ baseLsn }) => baseLsn)).toEqual([first, second, third]);
  expect(buffer.forget(lsn(second - 1))).toEqual([]);
  expect(buffer.forget(lsn(second)).map(({ number }) => number)).toEqual([1]);
  expect(buffer.forget(lsn(second))).toEqual([]);
  // The segment that is being filled stays, whatever is needed of it.
  expect(buffer.forget(lsn(2 ** 40)).map(({ number }) => number)).toEqual([2]);
  expect(numbers()).toEqual([3]);
});

test("whatever is appended and taken, batches follow each other without gap or overlap", async () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 1400 }), { minLength: 1, maxLength: 6 });
  const step = fc.record({ lengths, take: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 12 }),
      fc.constantFrom(64, 300, 1000),
      async (steps, batchBytesMax) => {
        const laid = await lay({ batchBytesMax, position: 2 ** 33 });
        const taken: BufferedBatch[] = [];
        for (const { lengths, take } of steps) {
          await append(laid, ...lengths);
          taken.push(...(take ? takeAll(laid.buffer) : []));
        }
        taken.push(...takeAll(laid.buffer));
        const records = taken.reduce((sum, { recordCount }) => sum + recordCount, 0);
        expect(records).toBe(steps.flatMap(({ lengths }) => lengths).length);
        checkChain(taken);
      },
    ),
    { numRuns: 40 },
  );
});

function checkChain(batches: readonly BufferedBatch[]): void {
  let next = 2 ** 33;
  for (const { lsn, bytes, segment } of batches) {
    expect(lsn).toBe(next);
    next += bytes.length;
    const offset = segment.baseOffset + (lsn - segment.baseLsn);
    expect(offset % SECTOR).toBe(0);
    expect(offset + bytes.length).toBeLessThanOrEqual(segment.capacityBytes);
  }
}
