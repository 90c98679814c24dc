import { describe, expect, test } from "vitest";

import { commitNumber, lsn, transactionId } from "../../engine/base/units.ts";
import { encodeControl } from "../../engine/recovery/control-format.ts";
import type { PlacedDamage } from "../disk/disk-media.ts";
import { Atlas } from "./atlas.ts";
import type { MappedDisk } from "./stored-debt.ts";

const CONTROL = "/store/control.db";

const LOG = "/store/wal-00000001.log";

function damageAt(
  path: string,
  from: number,
  kind: PlacedDamage["kind"] = "replaced",
): PlacedDamage {
  return { kind, path, from, to: from + 512, bit: 0, visible: true, durable: true };
}

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
    copies: 1,
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

/** An atlas of a disk with this damage. */
function withDamage(...damages: readonly PlacedDamage[]): Atlas {
  return new Atlas({ ...controlDisk([0, 1]), damages: () => damages });
}

test("a write of the log that was lost costs the last group; two may cost more", () => {
  const atlas = withDamage(damageAt(LOG, 512), damageAt(LOG, 4096));
  atlas.chartReplaced({ path: LOG, from: 512, to: 1024 });
  expect(atlas.hasLostTrack).toBe(true);
  atlas.chartReplaced({ path: LOG, from: 4096, to: 4608 });
  expect(atlas).toMatchObject({ hasLostTrack: false, mayTrim: true, mayLose: true });
  const one = withDamage(damageAt(LOG, 512));
  one.chartReplaced({ path: LOG, from: 512, to: 1024 });
  expect(one).toMatchObject({ mayTrim: true, mayLose: false, inDoubt: false });
});

test("damage goes with a log file that gets another name", () => {
  const atlas = withDamage(damageAt("/store/wal-00000007.log", 512));
  atlas.chartReplaced({ path: LOG, from: 512, to: 1024 });
  expect(atlas.hasLostTrack).toBe(false);
});

test("what only a crash would bring to light has to be masked", () => {
  const atlas = withDamage({ ...damageAt(LOG, 512), visible: false });
  atlas.chartReplaced({ path: LOG, from: 512, to: 1024 });
  expect(atlas).toMatchObject({ mayRefuse: false, mayTrim: false });
});

test("a read that went astray excuses a refusal until the next open", () => {
  const atlas = withDamage();
  atlas.chartMisread({ path: "/store/pages.db", from: 0, to: 4096 });
  expect(atlas.mayRefuse).toBe(true);
  expect(atlas.isNamed("/store/pages.db", 0, 4096)).toBe(true);
  expect(atlas.isNamed("/store/pages.db", 8192, 4096)).toBe(false);
  atlas.begin();
  expect(atlas.mayRefuse).toBe(false);
});

test("an old page is refused while its LSN is on record; a drive that lied leaves doubt for good", () => {
  const atlas = withDamage(damageAt("/store/pages.db", 4096));
  atlas.chartReplaced({ path: "/store/pages.db", from: 4096, to: 4608 });
  expect(atlas.debts).toEqual(["refuse"]);
  atlas.begin();
  expect(atlas.debts).toEqual(["refuse"]);
  expect(atlas.chart("/store/pages.lsn", FIRST, false)).toBe("mask");
  // Nothing on this disk says any more which page it is, nor does anything else hold it.
  expect(atlas).toMatchObject({ debts: ["undetectable"], inDoubt: true });
  const lied = withDamage();
  lied.chartLie();
  lied.begin();
  expect(lied).toMatchObject({ inDoubt: true, mayRefuse: true });
});

describe("a store with two copies of each file", () => {
  const PAGES = "/store/pages.db";

  function withCopies(...damages: readonly PlacedDamage[]): Atlas {
    const paths = [PAGES, CONTROL, "/store/wal-00000001.log"];
    const files = paths.flatMap((path) => [path, `${path}.mirror`]);
    const atlas = new Atlas({
      ...controlDisk([0, 1]),
      damages: () => damages,
      files: () => files.map((path) => ({ path, pendingOperations: 0 })),
    });
    for (const damage of damages) {
      atlas.chartReplaced(damage);
    }
    return atlas;
  }

  test.each([
    [PAGES, 4096],
    [`${PAGES}.mirror`, 8192],
    [`${CONTROL}.mirror`, 0],
    ["/store/wal-00000001.log", 512],
  ])("has to mask damage to %s alone", (path, from) => {
    const atlas = withCopies(damageAt(path, from));
    expect(atlas).toMatchObject({ debts: ["mask"], mayRefuse: false, inDoubt: false });
    expect(atlas.coveredBefore(atlas.mark)).toHaveLength(1);
    expect(atlas.coveredBefore(0)).toEqual([]);
  });

  test("has to mask damage to both, at different pages; to the same one it may refuse", () => {
    const one = damageAt(PAGES, 4096);
    expect(withCopies(one, damageAt(`${PAGES}.mirror`, 8192)).mayRefuse).toBe(false);
    const both = withCopies(one, damageAt(`${PAGES}.mirror`, 4096 + 1024));
    expect(both.mayRefuse).toBe(true);
    expect(both.coveredBefore(both.mark)).toEqual([]);
  });

  test("may refuse when a file of the log is damaged in both copies, wherever", () => {
    const log = "/store/wal-00000001.log";
    const atlas = withCopies(damageAt(log, 512), damageAt(`${log}.mirror`, 4096));
    expect(atlas.mayRefuse).toBe(true);
  });

  test("knows whether a copy was damaged before it was mended, and how", () => {
    const atlas = withCopies(damageAt(PAGES, 4096));
    expect(atlas.wasDamaged({ path: PAGES, from: 4096, to: 8192 })).toBe("old");
    expect(atlas.wasDamaged({ path: `${PAGES}.mirror`, from: 4096, to: 8192 })).toBe("no");
  });
});
