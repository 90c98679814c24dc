import fc from "fast-check";
import { expect, test } from "vitest";
import { isSeawallError } from "../engine/base/errors.ts";
import { decodeKey } from "../engine/data/key-codec.ts";
import { decodeValue } from "../engine/data/value-codec.ts";
import { readBatchHeader } from "../engine/log/batch-format.ts";
import { decodeRecords } from "../engine/log/record-codec.ts";
import { readSegmentHeader } from "../engine/log/segment-format.ts";
import { readArea } from "../engine/pages/double-write-format.ts";
import { readPage } from "../engine/pages/page-format.ts";
import { readControl } from "../engine/recovery/control-format.ts";
import { codeOf } from "./support/outcomes.ts";
import { VirtualStore } from "./support/virtual-store.ts";

const bytes = fc.uint8Array({ maxLength: 200 });

test("the formats' readers answer any bytes with a value, and throw nothing", () => {
  fc.assert(
    fc.property(bytes, (bytes) => {
      expect(readBatchHeader(bytes).kind).not.toBe("header");
      expect(readSegmentHeader(bytes).kind).not.toBe("header");
      expect(readControl(bytes).kind).not.toBe("control");
      expect(readPage(bytes, { pageId: 0, storeId: 0 }).kind).not.toBe("page");
      expect(readArea(bytes, { pageBytes: 4096, storeId: 0 }).kind).toBe("incomplete");
      const records = decodeRecords(bytes);
      expect(records === undefined || records.length > 0 || bytes.length === 0).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("any stored value and key decodes, or is refused as SERIALIZATION", () => {
  const text = fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((c) => String.fromCharCode(c)),
  });
  fc.assert(
    fc.property(bytes, fc.nat({ max: 5 }), text, (bytes, form, key) => {
      for (const decode of [
        () => decodeValue(bytes),
        () => decodeValue(Uint8Array.of(form, ...bytes)),
        () => decodeKey(key, "utf8"),
        () => decodeKey(key, "bytes"),
      ]) {
        expect(outcomeOf(decode)).toBe("decoded or SERIALIZATION");
      }
    }),
    { numRuns: 500 },
  );
});

function outcomeOf(decode: () => unknown): unknown {
  try {
    decode();
  } catch (error) {
    return isSeawallError(error, "SERIALIZATION") ? "decoded or SERIALIZATION" : error;
  }
  return "decoded or SERIALIZATION";
}

test("whatever is written over a stretch of a store's files, an open ends with a store or a typed error", async () => {
  const original = new VirtualStore();
  const db = await original.open({ segmentBytes: 2048 });
  await original.run(async () => {
    for (let number = 0; number < 6; number += 1) {
      await db.put(`k${number}`, "v".repeat(number * 60));
    }
    await db.close();
  });
  const patch = fc.record({
    file: fc.nat({ max: original.segmentPaths().length - 1 }),
    offset: fc.nat({ max: 2047 }),
    content: fc.oneof(
      bytes,
      fc.constant(new Uint8Array(700)),
      fc.constant(new Uint8Array(512).fill(255)),
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(patch, { minLength: 1, maxLength: 3 }), async (patches) => {
      const store = original.fork();
      for (const { file, offset, content } of patches) {
        const path = store.segmentPaths()[file] ?? "";
        store.disk.write(store.disk.open(path, "write"), content, offset);
      }
      const before = store.disk.digest("visible");
      const code = await codeOf(() => store.open());
      expect(["done", "CORRUPTION"]).toContain(code);
      expect(code === "done" || store.disk.digest("visible") === before).toBe(true);
    }),
    { numRuns: 60 },
  );
});
