import fc from "fast-check";
import { expect, test } from "vitest";
import { putUint32 } from "../base/bytes.ts";
import { crc32 } from "../base/checksum.ts";
import { commitNumber, lsn, transactionId } from "../base/units.ts";
import { CONTROL_BYTES, encodeControl, readControl } from "./control-format.ts";
import type { Control } from "./control-format.ts";

const CONTROL: Control = {
  sequence: 2 ** 33 + 6,
  storeId: 0x1f_00_00_00_00_00_01,
  pageBytes: 8192,
  copies: 1,
  startChecksum: 0xfe_dc_ba_98,
  startLsn: lsn(2 ** 40),
  redoLsn: lsn(2 ** 40 + 512),
  lastCommit: commitNumber(2 ** 34 + 1),
  highestId: transactionId(2 ** 35 + 2),
};

function resealed(bytes: Uint8Array): Uint8Array {
  putUint32(bytes, 8, crc32(bytes.subarray(12)));
  return bytes;
}

test("the bytes of a control slot never change", () => {
  const bytes = encodeControl(CONTROL);
  const rows = [0, 16, 32, 48, 64, 80].map((at) => bytes.subarray(at, at + 16));
  expect(rows.map((row) => Buffer.from(row).toString("hex"))).toMatchInlineSnapshot(`
    [
      "53454157414c4c4320b516aa01000000",
      "06000000020000000100000000001f00",
      "0020000098badcfe0000000000010000",
      "00020000000100000100000004000000",
      "02000000080000000000000000000000",
      "00000000000000000000000000000000",
    ]
  `);
  expect(Buffer.from(bytes.subarray(0, 8)).toString()).toBe("SEAWALLC");
  expect(bytes).toHaveLength(CONTROL_BYTES);
});

test("a slot of a store with two copies has a format of its own", () => {
  const bytes = encodeControl({ ...CONTROL, copies: 2 });
  const rows = [0, 64].map((at) => bytes.subarray(at, at + 16));
  expect(rows.map((row) => Buffer.from(row).toString("hex"))).toMatchInlineSnapshot(`
    [
      "53454157414c4c437e98299d02000000",
      "02000000080000000200000000000000",
    ]
  `);
  expect(readControl(bytes)).toEqual({ kind: "control", control: { ...CONTROL, copies: 2 } });
  putUint32(bytes, 72, 3);
  expect(readControl(resealed(bytes))).toEqual({ kind: "other-format", formatVersion: 2 });
});

test("a slot is read back as it was written, whatever is in it", () => {
  const number = fc.oneof(fc.nat({ max: 300 }), fc.maxSafeNat());
  const control: fc.Arbitrary<Control> = fc.record({
    sequence: number,
    storeId: number,
    pageBytes: fc.constantFrom(4096, 65_536),
    copies: fc.constantFrom(1, 2),
    startChecksum: fc.nat({ max: 0xff_ff_ff_ff }),
    startLsn: number.map(lsn),
    redoLsn: number.map(lsn),
    lastCommit: number.map(commitNumber),
    highestId: number.map(transactionId),
  });
  fc.assert(
    fc.property(control, (control) => {
      expect(readControl(encodeControl(control))).toEqual({ kind: "control", control });
    }),
  );
});

test("a slot with any single bit flipped is damaged", () => {
  const bytes = encodeControl(CONTROL);
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const damaged = bytes.slice();
    const offset = bit >>> 3;
    damaged[offset] = (damaged[offset] ?? 0) ^ (1 << (bit & 7));
    expect(readControl(damaged), `bit ${bit}`).toEqual({ kind: "damaged" });
  }
});

test("zeros, cut off bytes and another format are told apart", () => {
  expect(readControl(new Uint8Array(CONTROL_BYTES))).toEqual({ kind: "zeros" });
  expect(readControl(new Uint8Array(0))).toEqual({ kind: "zeros" });
  for (const length of [1, 12, CONTROL_BYTES - 1]) {
    expect(readControl(encodeControl(CONTROL).subarray(0, length))).toEqual({ kind: "damaged" });
  }
  for (const formatVersion of [0, 2, 9]) {
    const other = encodeControl(CONTROL);
    putUint32(other, 12, formatVersion);
    expect(readControl(resealed(other))).toEqual({ kind: "other-format", formatVersion });
  }
});

test("numbers beyond what can be counted with become positions that were never written", () => {
  const bytes = encodeControl(CONTROL);
  bytes.fill(0xff, 40, 72);
  const most = Number.MAX_SAFE_INTEGER;
  expect(readControl(resealed(bytes))).toEqual({
    kind: "control",
    control: { ...CONTROL, startLsn: most, redoLsn: most, lastCommit: most, highestId: most },
  });
});
