import { expect, test } from "vitest";
import { InvariantError } from "../base/assert.ts";
import { lsn } from "../base/units.ts";
import {
  BATCH_HEADER_BYTES,
  batchBytes,
  payloadIsWhole,
  readBatchHeader,
  sealBatch,
} from "./batch-format.ts";
import type { BatchStamp } from "./batch-format.ts";

const STAMP: BatchStamp = {
  lsn: lsn(0x01_02_03_04_05_06_00),
  durableLsn: lsn(0x01_02_03_04_05_04_00),
  epoch: 0x0a_0b_0c_0d,
  previousChecksum: 0xfe_dc_ba_98,
  recordCount: 3,
  storeId: 0x90_80_70_60,
};

const PAYLOAD = Uint8Array.from({ length: 21 }, (_, index) => index + 1);

function sealed(stamp: BatchStamp = STAMP, payload: Uint8Array = PAYLOAD): Uint8Array {
  const bytes = new Uint8Array(batchBytes(payload.length, 512));
  bytes.set(payload, BATCH_HEADER_BYTES);
  sealBatch(bytes, payload.length, stamp);
  return bytes;
}

function isAccepted(bytes: Uint8Array): boolean {
  const found = readBatchHeader(bytes.subarray(0, BATCH_HEADER_BYTES));
  if (found.kind !== "header") {
    return false;
  }
  const end = BATCH_HEADER_BYTES + found.header.payloadBytes;
  return payloadIsWhole(found.header, bytes.subarray(BATCH_HEADER_BYTES, end));
}

test("the bytes of a batch never change", () => {
  const bytes = sealed();
  const lines = [];
  for (let offset = 0; offset < BATCH_HEADER_BYTES + PAYLOAD.length; offset += 16) {
    lines.push(Buffer.from(bytes.subarray(offset, offset + 16)).toString("hex"));
  }
  expect(lines).toMatchInlineSnapshot(`
    [
      "53574231880948c297f8ee0c15000000",
      "00060504030201000004050403020100",
      "0d0c0b0a98badcfe0300000060708090",
      "00000000000000000000000000000000",
      "0102030405060708090a0b0c0d0e0f10",
      "11121314150000000000000000000000",
    ]
  `);
  expect(Buffer.from(bytes.subarray(0, 4)).toString()).toBe("SWB1");
});

test("what was sealed is read back, with positions beyond 2^32 and 2^40", () => {
  for (const position of [0, 512, 2 ** 32, 2 ** 32 + 512, 2 ** 40 + 4096, 2 ** 52]) {
    const stamp = { ...STAMP, lsn: lsn(position), durableLsn: lsn(Math.max(0, position - 512)) };
    const found = readBatchHeader(sealed(stamp));
    expect(found).toMatchObject({
      kind: "header",
      header: { ...stamp, payloadBytes: PAYLOAD.length },
    });
  }
});

test("sealing returns the checksum that the header then holds", () => {
  const bytes = new Uint8Array(512);
  const checksum = sealBatch(bytes, 0, STAMP);
  expect(readBatchHeader(bytes)).toMatchObject({ header: { headerChecksum: checksum } });
});

test("a batch with any single bit flipped, of header or payload, is rejected", () => {
  const bytes = sealed();
  expect(isAccepted(bytes)).toBe(true);
  for (let offset = 0; offset < BATCH_HEADER_BYTES + PAYLOAD.length; offset += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const damaged = bytes.slice();
      damaged[offset] = (damaged[offset] ?? 0) ^ (1 << bit);
      expect(isAccepted(damaged), `byte ${offset} bit ${bit}`).toBe(false);
    }
  }
});

test("a batch with any single byte replaced by zero or all ones is rejected", () => {
  const bytes = sealed();
  for (let offset = 0; offset < BATCH_HEADER_BYTES + PAYLOAD.length; offset += 1) {
    for (const value of [0, 0xff]) {
      const damaged = bytes.slice();
      damaged[offset] = value;
      expect(isAccepted(damaged), `byte ${offset}`).toBe(bytes[offset] === value);
    }
  }
});

test("a batch of which a sector is old is rejected, whichever sector", () => {
  const payload = Uint8Array.from({ length: 2000 }, (_, index) => index % 251);
  const bytes = sealed(STAMP, payload);
  const older = sealed(
    { ...STAMP, epoch: 1 },
    payload.map((byte) => byte ^ 0x55),
  );
  for (let sector = 0; sector < bytes.length; sector += 512) {
    const torn = bytes.slice();
    torn.set(older.subarray(sector, sector + 512), sector);
    expect(isAccepted(torn), `sector at ${sector}`).toBe(false);
    torn.fill(0, sector, sector + 512);
    expect(isAccepted(torn), `zeroed sector at ${sector}`).toBe(false);
  }
});

test("what is no batch is told apart from what was one", () => {
  const bytes = sealed();
  expect(readBatchHeader(bytes.subarray(0, BATCH_HEADER_BYTES - 1))).toEqual({ kind: "short" });
  expect(readBatchHeader(new Uint8Array(512))).toEqual({ kind: "not-a-batch" });
  bytes[20] = 0xee;
  expect(readBatchHeader(bytes)).toEqual({ kind: "bad-checksum" });
});

test("a header whose payload is cut short does not vouch for it", () => {
  const bytes = sealed();
  expect(isAccepted(bytes)).toBe(true);
  expect(isAccepted(bytes.subarray(0, BATCH_HEADER_BYTES + PAYLOAD.length - 1))).toBe(false);
});

test("a batch fills whole sectors, also beyond 4 GiB", () => {
  expect(batchBytes(0, 512)).toBe(512);
  expect(batchBytes(512 - BATCH_HEADER_BYTES, 512)).toBe(512);
  expect(batchBytes(512 - BATCH_HEADER_BYTES + 1, 512)).toBe(1024);
  expect(batchBytes(2 ** 33, 4096)).toBe(2 ** 33 + 4096);
});

test("a batch that says it was durable before it was written is a bug of ours", () => {
  const bytes = new Uint8Array(512);
  expect(() => sealBatch(bytes, 0, { ...STAMP, durableLsn: lsn(STAMP.lsn + 1) })).toThrow(
    InvariantError,
  );
  expect(() => sealBatch(bytes, 500, STAMP)).toThrow(InvariantError);
});
