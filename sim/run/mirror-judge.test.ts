import { expect, test } from "vitest";

import { lsn } from "../../engine/base/units.ts";
import { encodeSegmentHeader, segmentFileName } from "../../engine/log/segment-format.ts";
import { encodeBlock, PAGES_PER_BLOCK } from "../../engine/pages/settled-pages-format.ts";
import { mirrorName } from "../../engine/platform/mirrored-files.ts";
import { GentleChoices } from "../core/choices.ts";
import { PROFILES } from "../disk/profiles.ts";
import { VirtualDisk } from "../disk/virtual-disk.ts";
import type { Violation } from "../oracle/verdict.ts";
import { generateScenario } from "../scenario/generate.ts";
import { Atlas } from "./atlas.ts";
import { FaultInjector } from "./fault-injector.ts";
import { Ledger } from "./ledger.ts";
import { MirrorJudge } from "./mirror-judge.ts";
import { Probes } from "./probes.ts";

const STORE = { storeId: 7, sectorBytes: 512, epoch: 1 } as const;
const FIRST_LSN = lsn(4096);
const SEGMENT_BYTES = 2048;
const SECOND = `/store/${segmentFileName(2)}`;

/** A store whose log begins there. */
const OPENED = { stats: () => ({ startLsn: FIRST_LSN, pages: 0 }) };

/** A disk with files in two copies, what is known of damage to it, and what the judge makes of that. */
class Case {
  readonly disk = new VirtualDisk({ profile: PROFILES.paranoid });
  readonly atlas = new Atlas(this.disk);
  readonly broken: Violation[] = [];
  readonly judge: MirrorJudge;

  constructor() {
    const probes = new Probes();
    const ledger = new Ledger([]);
    const { disk, atlas } = this;
    const plain = generateScenario("two copies", { weather: "calm" });
    this.judge = new MirrorJudge({
      atlas,
      disk,
      probes,
      injector: new FaultInjector([], new GentleChoices(), { probes, ledger }),
      scenario: { ...plain, engine: { ...plain.engine, copies: 2 } },
      broken: (violation) => this.broken.push(violation),
    });
    disk.makeDirectory("/store");
    disk.syncDirectory("/");
  }

  /** Durable, in the first copy and in the second. */
  store(path: string, first: Uint8Array, second: Uint8Array = first): void {
    for (const [copy, bytes] of [
      [path, first],
      [mirrorName(path), second],
    ] as const) {
      const handle = this.disk.open(copy, "create");
      this.disk.write(handle, bytes, 0);
      this.disk.sync(handle, "sync");
    }
    this.disk.syncDirectory("/store");
  }

  /** A write to these bytes was lost: what was there before shows. */
  lose(path: string, from: number, before: Uint8Array): void {
    const range = { path, from, to: from + before.length };
    this.atlas.chartReplaced(range);
    this.disk.replaceBytes(path, from, before);
  }

  spoil(path: string): void {
    this.atlas.chart(path, { from: 0, to: STORE.sectorBytes }, true);
    this.disk.spoilSector(path, 0);
  }
}

const PAGE_LSNS = "/store/pages.lsn";
const BLOCK = encodeBlock({
  number: 0,
  storeId: STORE.storeId,
  sequence: 2,
  lsns: new Float64Array(PAGES_PER_BLOCK).fill(4096, 0, 8),
});
const BLOCK_END = BLOCK.subarray(BLOCK.length - STORE.sectorBytes);

test.each([
  ["left bytes that are the same", new Uint8Array(STORE.sectorBytes), []],
  [
    "left other bytes",
    new Uint8Array(STORE.sectorBytes).fill(1),
    ["damage went from one copy to the other"],
  ],
] as const)("a copy is repaired from one in which a lost write %s", (_, before, broken) => {
  const found = new Case();
  found.store(PAGE_LSNS, BLOCK);
  expect(BLOCK_END).toEqual(new Uint8Array(STORE.sectorBytes));
  const from = BLOCK.length - STORE.sectorBytes;
  found.lose(PAGE_LSNS, from, before);
  // What the repair has written.
  const bytes = found.disk.content(PAGE_LSNS)?.slice() ?? new Uint8Array();
  found.disk.write(found.disk.open(mirrorName(PAGE_LSNS), "write"), bytes, 0);
  expect(found.disk.damages()).toHaveLength(1);
  found.judge.repaired({ path: mirrorName(PAGE_LSNS), offset: 0, bytes: bytes.length });
  expect(found.broken.map(({ message }) => message)).toEqual(broken);
});

/** A log file that begins its segment there; without a number it was never used. */
function segment(number?: number): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_BYTES);
  if (number !== undefined) {
    const baseLsn = lsn(FIRST_LSN + (number - 1) * (SEGMENT_BYTES - STORE.sectorBytes));
    bytes.set(
      encodeSegmentHeader({
        ...STORE,
        number,
        baseLsn,
        capacityBytes: SEGMENT_BYTES,
        tailEndLsn: baseLsn,
        resumeLsn: baseLsn,
        durableLsn: FIRST_LSN,
        previousChecksum: 0,
      }),
    );
  }
  return bytes;
}

const LEFT = "damage to one copy was read, and left as it was";

test.each([
  ["both copies", segment(2), LEFT],
  ["the unreadable copy only", segment(), undefined],
] as const)("an unreadable header that %s had, after a scrub", (_, first, broken) => {
  const found = withHiddenHeader(first);
  found.judge.scrubbed(OPENED, found.atlas.mark);
  expect(found.broken[0]?.message).toBe(broken);
});

test("a header that an open could not read is written over", () => {
  const found = withHiddenHeader(segment());
  found.judge.examined(OPENED);
  expect(found.broken[0]?.message).toBe(LEFT);
  const mended = withHiddenHeader(segment());
  const handle = mended.disk.open(mirrorName(SECOND), "write");
  mended.disk.write(handle, segment(), 0);
  mended.judge.examined(OPENED);
  expect(mended.broken).toEqual([]);
});

/** The log begins in the first file; of the second one a header cannot be read. */
function withHiddenHeader(first: Uint8Array): Case {
  const found = new Case();
  found.store(`/store/${segmentFileName(1)}`, segment(1));
  found.store(SECOND, first, segment(2));
  found.spoil(mirrorName(SECOND));
  found.atlas.begin();
  return found;
}
