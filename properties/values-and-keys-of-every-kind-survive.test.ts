import fc from "fast-check";
import { expect, test } from "vitest";
import type { Key } from "../engine/data/key-codec.ts";
import { VirtualStore } from "./support/virtual-store.ts";

type Pair = readonly [key: Key, value: unknown];

/** Puts, reads back at once, cuts the power, opens again: what is there then, in key order. */
async function afterPowerCut(
  pairs: readonly Pair[],
  keyEncoding: "utf8" | "bytes" = "utf8",
): Promise<unknown> {
  const store = new VirtualStore();
  const options = { keyEncoding, segmentBytes: 65_536 };
  const db = await store.open(options);
  await store.run(async () => {
    await db.batch(pairs.map(([key, value]) => ({ type: "put", key, value })));
    for (const [key, value] of pairs) {
      expect(await db.get(key)).toStrictEqual(value);
    }
  });
  store.crash();
  const reopened = await store.open(options);
  return await store.entries(reopened);
}

test("an empty database is opened, scanned and opened again", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  expect(await store.entries(db)).toEqual([]);
  expect(await store.run(() => db.get("nothing"))).toBeUndefined();
  store.crash();
  const reopened = await store.open();
  expect(await store.entries(reopened)).toEqual([]);
  expect(reopened.recovery).toMatchObject({ created: false, lastCommitNumber: 0 });
});

test("empty values, single bytes and the empty key", async () => {
  const pairs: Pair[] = [
    ["", "the empty key"],
    ["a", ""],
    ["b", new Uint8Array(0)],
    ["c", Uint8Array.of(0)],
    ["d", "x"],
    ["e", null],
    ["f", {}],
  ];
  expect(await afterPowerCut(pairs)).toStrictEqual(pairs);
});

test("values of a mebibyte and more, text and bytes", async () => {
  const bytes = Uint8Array.from({ length: 1024 * 1024 + 1 }, (_, index) => (index * 31) & 0xff);
  const text = "seewall ü ".repeat(110_000);
  const store = new VirtualStore();
  const db = await store.open();
  await store.run(async () => {
    await db.put("bytes", bytes);
    await db.put("text", text);
  });
  store.crash();
  const found = new Map(await store.entries(await store.open()));
  // Compared natively: matchers walk a mebibyte element by element.
  const read = found.get("bytes");
  expect(read instanceof Uint8Array && Buffer.compare(read, bytes) === 0).toBe(true);
  expect(found.get("text") === text).toBe(true);
});

test("keys with zero bytes, at the front, inside and at the end, are different keys", async () => {
  const pairs: Pair[] = [
    ["\0", 1],
    ["\0\0", 2],
    ["a", 3],
    ["a\0", 4],
    ["a\0b", 5],
    ["b", 6],
  ];
  expect(await afterPowerCut(pairs)).toStrictEqual(pairs);
});

test("keys of every script, in the order of their UTF-8 bytes", async () => {
  const pairs: Pair[] = [
    ["A", 1],
    ["z", 2],
    ["ä", 3],
    ["ключ", 4],
    ["鍵", 5],
    ["\uffff", 6],
    ["😀", 7],
  ];
  expect(await afterPowerCut(pairs)).toStrictEqual(pairs);
});

test("the longest key", async () => {
  const pairs: Pair[] = [["k".repeat(1024), "v"]];
  expect(await afterPowerCut(pairs)).toStrictEqual(pairs);
});

test("arbitrary bytes as keys", async () => {
  const pairs: Pair[] = [
    [Uint8Array.of(0), 1],
    [Uint8Array.of(0x80), 2],
    [Uint8Array.of(0xff), 3],
    [Uint8Array.of(0xff, 0), 4],
    [Uint8Array.of(0xff, 0xff), 5],
  ];
  expect(await afterPowerCut(pairs, "bytes")).toStrictEqual(pairs);
});

test("structures that MessagePack carries", async () => {
  const pairs: Pair[] = [
    ["a", { list: [1, "two", null, [true]], deep: { deeper: { deepest: Uint8Array.of(1, 2) } } }],
    ["b", [0.1, -1, 2 ** 53, 2n ** 63n - 1n, Number.NEGATIVE_INFINITY]],
    ["c", new Date(1_700_000_000_000)],
    ["d", Array.from({ length: 1000 }, (_, index) => ({ index }))],
  ];
  expect(await afterPowerCut(pairs)).toStrictEqual(pairs);
});

function bytesIn(value: unknown): Uint8Array {
  const found: unknown = Object.values(Object(value)).find((part) => part instanceof Uint8Array);
  if (found instanceof Uint8Array) {
    return found;
  }
  throw new Error("no bytes in there");
}

test("the store never shares an object with its callers", async () => {
  const store = new VirtualStore();
  const db = await store.open();
  const given = { list: [1], bytes: Uint8Array.of(1, 2, 3) };
  const expected = structuredClone(given);
  await store.run(async () => {
    const written = db.put("key", given);
    given.list.push(2);
    given.bytes.fill(9);
    await written;
    const tx = db.begin();
    for (const read of [await db.get("key"), await tx.get("key")]) {
      expect(read).toStrictEqual(expected);
      bytesIn(read).fill(7);
    }
    for await (const { value } of db.scan()) {
      bytesIn(value).fill(8);
    }
    await db.put("other", 1);
    expect(await tx.get("key")).toStrictEqual(expected);
  });
  store.crash();
  expect(await store.entries(await store.open())).toEqual([
    ["key", expected],
    ["other", 1],
  ]);
});

test("any mix of keys and values", async () => {
  const key = fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom("", "\0", "é", "😀"));
  const value = fc.oneof(
    fc.string({ maxLength: 50 }),
    fc.uint8Array({ maxLength: 50 }),
    fc.array(fc.oneof(fc.integer(), fc.boolean(), fc.string()), { maxLength: 5 }),
  );
  const pairs = fc.dictionary(key, value, { maxKeys: 8, noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(pairs, async (pairs) => {
      const sorted = Object.entries(pairs).toSorted(([a], [b]) =>
        Buffer.compare(Buffer.from(a), Buffer.from(b)),
      );
      expect(await afterPowerCut(sorted)).toStrictEqual(sorted);
    }),
    { numRuns: 15 },
  );
});
