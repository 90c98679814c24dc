import fc from "fast-check";
import { expect, test } from "vitest";
import { byteStringOf } from "../base/byte-reader.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import { commitNumber, lsn, transactionId } from "../base/units.ts";
import { decodeRecords, encodeRecord } from "./record-codec.ts";
import type { PageAfterImage, PageChange, PageEdit } from "./page-change.ts";
import type { LogRecord } from "./record.ts";

function encoded(...records: readonly LogRecord[]): Uint8Array {
  const writer = new ByteWriter();
  records.forEach((record) => encodeRecord(writer, record));
  return writer.view().slice();
}

const hex = (record: LogRecord): string => Buffer.from(encoded(record)).toString("hex");

const transaction = transactionId(300);
const page = 200;
const value = Uint8Array.of(2, 0x61);

test("the bytes of every kind of record never change", () => {
  expect(hex({ kind: "begin", transaction })).toMatchInlineSnapshot(`"01ac02"`);
  const change = { transaction, page, key: "k" };
  expect(hex({ kind: "put", ...change, key: "k\0", old: undefined, value })).toMatchInlineSnapshot(
    `"02ac02c801026b0000020261"`,
  );
  expect(hex({ kind: "put", ...change, key: "k\0", old: value, value })).toMatchInlineSnapshot(
    `"02ac02c801026b0001020261020261"`,
  );
  expect(hex({ kind: "delete", ...change, old: undefined })).toMatchInlineSnapshot(
    `"03ac02c801016b00"`,
  );
  expect(hex({ kind: "delete", ...change, old: value })).toMatchInlineSnapshot(
    `"03ac02c801016b01020261"`,
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
    hex({ kind: "clr", ...change, restored: undefined, undoneLsn: lsn(2 ** 40) }),
  ).toMatchInlineSnapshot(`"06ac02c801016b00808080808020"`);
  expect(
    hex({ kind: "clr", ...change, restored: value, undoneLsn: lsn(4160) }),
  ).toMatchInlineSnapshot(`"06ac02c801016b01020261c020"`);
  expect(hex({ kind: "close", commitNumber: commitNumber(7) })).toMatchInlineSnapshot(`"0707"`);
  expect(hex({ kind: "open", commitNumber: commitNumber(7) })).toMatchInlineSnapshot(`"0807"`);
});

/** Every kind of page, with bodies of two, one and no bytes. */
const images: readonly PageAfterImage[] = [
  { form: "image", pageId: 0, kind: "meta", body: Uint8Array.of(0xaa, 0xbb) },
  { form: "image", pageId: 200, kind: "leaf", body: Uint8Array.of(0) },
  { form: "image", pageId: 3, kind: "branch", body: new Uint8Array(0) },
  { form: "image", pageId: 4, kind: "overflow", body: Uint8Array.of(4) },
  { form: "image", pageId: 5, kind: "free", body: Uint8Array.of(5) },
];

test("the bytes of a structure record never change, with a change in it or without", () => {
  const [meta, leaf] = images.slice(0, 2);
  const two = [meta, leaf].flatMap((one) => one ?? []);
  const change = { transaction, key: "k", old: undefined, undoneLsn: undefined };
  expect(hex({ kind: "structure", pages: [], change: undefined })).toMatchInlineSnapshot(
    `"090000"`,
  );
  expect(hex({ kind: "structure", pages: images, change: undefined })).toMatchInlineSnapshot(
    `"0905000102aabbc801020100030300040401040505010500"`,
  );
  expect(hex({ kind: "structure", pages: two, change })).toMatchInlineSnapshot(
    `"0902000102aabbc80102010001ac02016b00"`,
  );
  expect(
    hex({ kind: "structure", pages: two, change: { ...change, old: value } }),
  ).toMatchInlineSnapshot(`"0902000102aabbc80102010001ac02016b01020261"`);
  expect(
    hex({
      kind: "structure",
      pages: two,
      change: { ...change, old: value, undoneLsn: lsn(4160) },
    }),
  ).toMatchInlineSnapshot(`"0902000102aabbc80102010002ac02016b01020261c020"`);
});

test("the bytes of each edit never change", () => {
  const edits: readonly PageEdit[] = [
    { kind: "set", key: "k", value },
    { kind: "set", key: "k", value: { first: 200, length: 9000 } },
    { kind: "set", key: "k", value: undefined },
    { kind: "cut", key: "kk" },
    { kind: "child", key: "k", child: 200 },
  ];
  const pages = [{ form: "edits" as const, pageId: 200, edits }];
  expect(hex({ kind: "structure", pages, change: undefined })).toMatchInlineSnapshot(
    `"0901c801060501016b02026102016bc801a84603016b04026b6b05016bc80100"`,
  );
});

test("a page kind that does not exist, or an unknown kind of change, is refused", () => {
  const bytes = encoded({ kind: "structure", pages: images.slice(2, 3), change: undefined });
  expect(Buffer.from(bytes).toString("hex")).toBe("090103030000");
  for (const [offset, value] of [
    [3, 0],
    [3, 7],
    [5, 3],
  ] as const) {
    const damaged = bytes.slice();
    damaged[offset] = value;
    expect(decodeRecords(damaged), `byte ${offset} is ${value}`).toBeUndefined();
  }
});

const number = fc.oneof(fc.nat({ max: 200 }), fc.maxSafeNat());
const id = number.map(transactionId);
const key = fc.uint8Array({ maxLength: 12 }).map(byteStringOf);
const image = fc.option(fc.uint8Array({ maxLength: 12 }), { nil: undefined });
const edit: fc.Arbitrary<PageEdit> = fc.oneof(
  fc.record({
    kind: fc.constant("set" as const),
    key,
    value: fc.oneof(image, fc.record({ first: number, length: number })),
  }),
  fc.record({ kind: fc.constant("cut" as const), key }),
  fc.record({ kind: fc.constant("child" as const), key, child: number }),
);
const pages: fc.Arbitrary<PageChange[]> = fc.array(
  fc.oneof(
    fc.record({
      form: fc.constant("image" as const),
      pageId: number,
      kind: fc.constantFrom("meta", "leaf", "branch", "overflow", "free"),
      body: fc.uint8Array({ maxLength: 300 }),
    }),
    fc.record({
      form: fc.constant("edits" as const),
      pageId: number,
      edits: fc.array(edit, { maxLength: 4 }),
    }),
  ),
  { maxLength: 4 },
);
const loggedChange = fc.record({
  transaction: id,
  key,
  old: image,
  undoneLsn: fc.option(number.map(lsn), { nil: undefined }),
});
const record: fc.Arbitrary<LogRecord> = fc.oneof(
  fc.record({
    kind: fc.constant("structure" as const),
    pages,
    change: fc.option(loggedChange, { nil: undefined }),
  }),
  fc.record({ kind: fc.constant("begin" as const), transaction: id }),
  fc.record({
    kind: fc.constant("put" as const),
    transaction: id,
    page: number,
    key,
    old: image,
    value: fc.uint8Array({ maxLength: 300 }),
  }),
  fc.record({
    kind: fc.constant("delete" as const),
    transaction: id,
    page: number,
    key,
    old: image,
  }),
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
    page: number,
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

test.each<[string, LogRecord]>([
  ["a put", { kind: "put", transaction, page, key: "key", old: value, value }],
  ["a structure change", { kind: "structure", pages: images, change: undefined }],
  [
    "a structure change that holds a change",
    {
      kind: "structure",
      pages: images,
      change: { transaction, key: "key", old: value, undoneLsn: lsn(4160) },
    },
  ],
])("%s cut short anywhere is refused", (_, record) => {
  const bytes = encoded(record);
  for (let length = 1; length < bytes.length; length += 1) {
    expect(decodeRecords(bytes.subarray(0, length)), `${length} bytes`).toBeUndefined();
  }
});

test("zeros are no record", () => {
  expect(decodeRecords(new Uint8Array(1))).toBeUndefined();
  expect(decodeRecords(new Uint8Array(64))).toBeUndefined();
  expect(decodeRecords(new Uint8Array(0))).toEqual([]);
});

test("values are views of the payload: whoever keeps one takes a copy", () => {
  const batch = encoded({ kind: "put", transaction, page, key: "k", old: undefined, value });
  const record = decodeRecords(batch)?.[0]?.record;
  batch.fill(7);
  expect(record).toMatchObject({ kind: "put", key: "k", value: Uint8Array.of(7, 7) });
});
