import { expect, test } from "vitest";

import { commitNumber, lsn, transactionId } from "../../engine/base/units.ts";
import { mirrorName } from "../../engine/platform/mirrored-files.ts";
import { encodeControl } from "../../engine/recovery/control-format.ts";
import { GentleChoices } from "../core/choices.ts";
import { PROFILES } from "../disk/profiles.ts";
import { VirtualDisk } from "../disk/virtual-disk.ts";
import type { Violation } from "../oracle/verdict.ts";
import { Atlas } from "./atlas.ts";
import { FaultInjector } from "./fault-injector.ts";
import { Ledger } from "./ledger.ts";
import { Probes } from "./probes.ts";
import { judgeScrub } from "./structure.ts";

const CONTROL = "/store/control.db";
const COPIES = [CONTROL, mirrorName(CONTROL)];
const SLOT_STRIDE = 65_536;

function controlBytes(): Uint8Array {
  const content = new Uint8Array(SLOT_STRIDE + 4096);
  for (const [slot, sequence] of [2, 1].entries()) {
    const bytes = encodeControl({
      sequence,
      storeId: 7,
      pageBytes: 4096,
      copies: 2,
      startLsn: lsn(512),
      startChecksum: 0,
      redoLsn: lsn(512),
      lastCommit: commitNumber(0),
      highestId: transactionId(0),
    });
    content.set(bytes, slot * SLOT_STRIDE);
  }
  return content;
}

/** What is said of a scrub that reports this, when the first slot is damaged in these copies. */
function verdictOn(file: string, damaged: readonly string[]): readonly string[] {
  const disk = new VirtualDisk({ profile: PROFILES.paranoid });
  disk.makeDirectory("/store");
  for (const path of COPIES) {
    const handle = disk.open(path, "create");
    disk.write(handle, controlBytes(), 0);
    disk.sync(handle, "sync");
  }
  disk.syncDirectory("/store");
  disk.syncDirectory("/");
  const atlas = new Atlas(disk);
  for (const path of damaged) {
    atlas.chartLive(path, { from: 0, to: 512 }, true);
    disk.spoilSector(path, 0);
  }
  // The other slot is enough.
  expect(atlas.mayRefuse).toBe(false);
  const books = { probes: new Probes(), ledger: new Ledger([]) };
  const injector = new FaultInjector([], new GentleChoices(), books);
  const broken: Violation[] = [];
  const world = { atlas, injector, broken: (found: Violation) => broken.push(found) };
  judgeScrub(world, [{ file, what: "slot 0 is unreadable" }]);
  return broken.map(({ property, message }) => `${property}: ${message}`);
}

const WRONG = ["P5: a scrub finds damage where there is none"];

test.each([
  ["both copies", "control.db", COPIES, []],
  ["one copy, which the other one has", "control.db", [CONTROL], WRONG],
  ["no copy", "control.db", [], WRONG],
  ["both copies, but of another file", "pages.db", COPIES, WRONG],
] as const)("a scrub may report a slot that is damaged in %s: %s", (...row) => {
  const [, file, damaged, verdict] = row;
  expect(verdictOn(file, damaged)).toEqual(verdict);
});
