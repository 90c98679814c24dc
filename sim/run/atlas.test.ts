import { expect, test } from "vitest";

import { commitNumber, lsn, transactionId } from "../../engine/base/units.ts";
import { encodeControl } from "../../engine/recovery/control-format.ts";
import type { PlacedDamage } from "../disk/disk-media.ts";
import { Atlas, type MappedDisk } from "./atlas.ts";

const CONTROL = "/store/control.db";

/** A control file with these slots whole; whatever is charted counts as damaged. */
function controlDisk(whole: readonly number[], pendingOperations = 0): MappedDisk {
  const content = new Uint8Array(65_536 + 4096);
  for (const slot of whole) {
    content.set(controlBytes(slot + 1), slot * 65_536);
  }
  return {
    profile: { dataChecksums: false },
    damages: (): PlacedDamage[] => [],
    content: () => content,
    files: () => [{ path: CONTROL, pendingOperations }],
  };
}

function controlBytes(sequence: number): Uint8Array {
  return encodeControl({
    sequence,
    storeId: 7,
    pageBytes: 4096,
    startLsn: lsn(512),
    startChecksum: 0,
    redoLsn: lsn(512),
    lastCommit: commitNumber(0),
    highestId: transactionId(0),
  });
}

const FIRST = { from: 0, to: 512 };
const BETWEEN = { from: 8192, to: 8704 };

test.each([
  ["one slot of two", [0, 1], FIRST, 0, "mask"],
  ["the only slot", [0], FIRST, 0, "refuse"],
  ["a lost slot beside a whole one", [1], FIRST, 0, "mask"],
  ["bytes that mean nothing", [0], BETWEEN, 0, "mask"],
  ["one slot while the other may still be lost", [0, 1], FIRST, 1, "refuse"],
] as const)("damage to the control file, %s: %j", (...row) => {
  const [, whole, range, pending, debt] = row;
  expect(new Atlas(controlDisk(whole, pending)).chart(CONTROL, range, false)).toBe(debt);
});

test("damage to the log may cost its last group; an unreadable page may be refused", () => {
  const atlas = new Atlas(controlDisk([0, 1]));
  expect(atlas.chart("/store/wal-00000001.log", FIRST, false)).toBe("refuse-or-trim");
  expect(atlas.chart("/store/pages.db", FIRST, true)).toBe("refuse");
});
