import { expect, test } from "vitest";
import { VirtualStore } from "../properties/support/virtual-store.ts";
import { resolveOptions } from "./options.ts";

const { platform } = new VirtualStore().options();
const REQUIRED = { directory: "/store", platform };

test("every option has a default", () => {
  const { policy, logger, ...plain } = resolveOptions(REQUIRED);
  expect(policy.name).toBe("sync");
  expect(typeof logger.debug).toBe("function");
  expect(plain).toEqual({
    directory: "/store",
    platform,
    createIfMissing: true,
    isolation: "serializable",
    segmentBytes: 8 * 1024 * 1024,
    sectorBytes: 4096,
    batchBytesMax: 1024 * 1024,
    pageBytes: 8192,
    copies: 1,
    cacheBytes: 64 * 1024 * 1024,
    checkpointBytes: 64 * 1024 * 1024,
    transactionBytesMax: 16 * 1024 * 1024,
    keyEncoding: "utf8",
  });
});

test("a small segment gets sectors that leave it room for a batch", () => {
  const sectors = [1024, 2048, 4096, 8191, 8192].map(
    (segmentBytes) => resolveOptions({ ...REQUIRED, segmentBytes }).sectorBytes,
  );
  expect(sectors).toEqual([512, 1024, 2048, 2048, 4096]);
});

test.each([
  ["segmentBytes", 1023],
  ["segmentBytes", 1.5e3 + 0.5],
  ["segmentBytes", "4096"],
  ["segmentBytes", 4096n],
  ["sectorBytes", 256],
  ["sectorBytes", 1000],
  ["sectorBytes", 131_072],
  ["batchBytesMax", 63],
  ["pageBytes", 2048],
  ["pageBytes", 12_288],
  ["pageBytes", 131_072],
  ["copies", 0],
  ["copies", 3],
  ["copies", "2"],
  ["cacheBytes", 16 * 1024 - 1],
  ["checkpointBytes", 4095],
  ["transactionBytesMax", 1023],
  ["isolation", "read-uncommitted"],
  ["keyEncoding", "latin1"],
  ["directory", ""],
  ["directory", 5],
  ["platform", undefined],
  ["createIfMissing", "no"],
])("%s cannot be %s, and the error says so", (name, value) => {
  expect(() => Reflect.apply(resolveOptions, undefined, [{ ...REQUIRED, [name]: value }])).toThrow(
    expect.objectContaining({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining(name) as unknown,
    }),
  );
});

test("a sector must fit its segment twice: the header's and one for a batch", () => {
  expect(() => resolveOptions({ ...REQUIRED, segmentBytes: 4096, sectorBytes: 4096 })).toThrow(
    /at most half a segment/,
  );
});

test("a page is at least a sector: no two pages share one", () => {
  expect(resolveOptions({ ...REQUIRED, sectorBytes: 16_384 }).pageBytes).toBe(16_384);
  const both = { ...REQUIRED, sectorBytes: 16_384, pageBytes: 8192 };
  expect(() => resolveOptions(both)).toThrow(/pageBytes cannot be 8192: use at least a sector/);
});
