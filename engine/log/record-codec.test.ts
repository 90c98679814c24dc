import fc from "fast-check";
import { expect, test } from "vitest";
import { byteStringOf } from "../base/byte-reader.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import { commitNumber, lsn, transactionId } from "../base/units.ts";
import { decodeRecords, encodeRecord } from "./record-codec.ts";
import type { LogRecord } from "./record.ts";

function encoded(...records: readonly LogRecord[]): Uint8Array {
  const writer = new ByteWriter();
  records.forEach((record) => encodeRecord(writer, record));
  return writer.view().slice();
}

const hex = (record: LogRecord): string => Buffer.from(encoded(record)).toString("hex");

const transaction = transactionId(300);
const value = Uint8Array.of(2, 0x61);

test("the bytes of every kind of record never change", () => {
  expect(hex({ kind: "begin", transaction })).toMatchInlineSnapshot(`"01ac02"`);
  expect(
    hex({ kind: "put", transaction, key: "k\0", old: undefined, value }),
  ).toMatchInlineSnapshot(`"02ac02026b0000020261"`);
  expect(hex({ kind: "put", transaction, key: "k\0", old: value, value })).toMatchInlineSnapshot(
    `"02ac02026b0001020261020261"`,
  );
  expect(hex({ kind: "delete", transaction, key: "k", old: undefined })).toMatchInlineSnapshot(
    `"03ac02016b00"`,
  );
  expect(hex({ kind: "delete", transaction, key: "k", old: value })).toMatchInlineSnapshot(
    `"03ac02016b01020261"`,
  );
  expect(
    hex({
      kind: "commit",
      transaction,
      commitNumber: commitNumber(2 ** 32),
      timestampMs: 1_700_000_000_000,
    }),
  ).toMatchInlineSnapshot(`"04ac02808080801080d095ffbc31"`);
  expect(hex({ kind: "rollback", transaction })).toMatchInlineSnapshot(`"05ac02"`);
  expect(
    hex({ kind: "clr", transaction, key: "k", restored: undefined, undoneLsn: lsn(2 ** 40) }),
  ).toMatchInlineSnapshot(`"06ac02016b00808080808020"`);
  expect(
    hex({ kind: "clr", transaction, key: "k", restored: value, undoneLsn: lsn(4160) }),
  ).toMatchInlineSnapshot(`"06ac02016b01020261c020"`);
  expect(hex({ kind: "close", commitNumber: commitNumber(7) })).toMatchInlineSnapshot(`"0707"`);
  expect(hex({ kind: "open", commitNumber: commitNumber(7) })).toMatchInlineSnapshot(`"0807"`);
});

const number = fc.oneof(fc.nat({ max: 200 }), fc.maxSafeNat());
const id = number.map(transactionId);
const key = fc.uint8Array({ maxLength: 12 }).map(byteStringOf);
const image = fc.option(fc.uint8Array({ maxLength: 12 }), { nil: undefined });
const record: fc.Arbitrary<LogRecord> = fc.oneof(
  fc.record({ kind: fc.constant("begin" as const), transaction: id }),
  fc.record({
    kind: fc.constant("put" as const),
    transaction: id,
    key,
    old: image,
    value: fc.uint8Array({ maxLength: 300 }),
  }),
  fc.record({ kind: fc.constant("delete" as const), transaction: id, key, old: image }),
  fc.record({
    kind: fc.constant("commit" as const),
    transaction: id,
    commitNumber: number.map(commitNumber),
    timestampMs: number,
  }),
  fc.record({ kind: fc.constant("rollback" as const), transaction: id }),
  fc.record({
    kind: fc.constant("clr" as const),
    transaction: id,
    key,
    restored: image,
    undoneLsn: number.map(lsn),
  }),
  fc.record({ kind: fc.constant("close" as const), commitNumber: number.map(commitNumber) }),
  fc.record({ kind: fc.constant("open" as const), commitNumber: number.map(commitNumber) }),
);

test("records come back as they were written, each with where it begins", () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 8 }), (records) => {
      const decoded = decodeRecords(encoded(...records));
      expect(decoded?.map(({ record }) => record)).toEqual(records);
      const starts = records.map((_, index) => encoded(...records.slice(0, index)).length);
      expect(decoded?.map(({ offset }) => offset)).toEqual(starts);
    }),
  );
});

test("any bytes are records or are refused as a whole, and nothing throws", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(0xff)), { maxLength: 40 }),
  );
  fc.assert(
    fc.property(bytes, (bytes) => {
      const decoded = decodeRecords(Uint8Array.from(bytes));
      expect(decoded === undefined || decoded.length <= bytes.length).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test("records cut short are refused", () => {
  const bytes = encoded({ kind: "put", transaction, key: "key", old: value, value });
  for (let length = 1; length < bytes.length; length += 1) {
    expect(decodeRecords(bytes.subarray(0, length))).toBeUndefined();
  }
});

test("zeros are no record", () => {
  expect(decodeRecords(new Uint8Array(1))).toBeUndefined();
  expect(decodeRecords(new Uint8Array(64))).toBeUndefined();
  expect(decodeRecords(new Uint8Array(0))).toEqual([]);
});

test("a value does not keep the batch that it came in", () => {
  const batch = encoded({ kind: "put", transaction, key: "k", old: value, value });
  const record = decodeRecords(batch)?.[0]?.record;
  batch.fill(0);
  expect(record).toEqual({ kind: "put", transaction, key: "k", old: value, value });
});
