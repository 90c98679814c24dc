import { expect, test } from "vitest";

import { lsn } from "../../engine/base/units.ts";
import { encodeSegmentHeader, segmentFileName } from "../../engine/log/segment-format.ts";
import { GentleChoices } from "../core/choices.ts";
import { PROFILES } from "../disk/profiles.ts";
import { VirtualDisk } from "../disk/virtual-disk.ts";
import { Atlas } from "./atlas.ts";
import { NO_DAMAGE, type OpenDamage } from "./open-damage.ts";
import { OpenExcuses } from "./open-excuses.ts";

const PAGES = "/store/pages.db";
const LOG = pathOf(1);
const TRIMMED: OpenDamage = {
  found: true,
  mayTrim: true,
  mayLose: false,
  groups: new Set(["log"]),
};

function pathOf(number: number): string {
  return `/store/${segmentFileName(number)}`;
}

/** A disk with one log file and one page, and what a story does to it. */
class Story {
  readonly disk = new VirtualDisk({ profile: PROFILES.paranoid });
  readonly atlas = new Atlas(this.disk);
  readonly excuses = new OpenExcuses(this);

  constructor() {
    this.disk.makeDirectory("/store");
    this.disk.syncDirectory("/");
    this.beginLog(1);
    this.#write(PAGES, new Uint8Array(4096).fill(1));
    this.sync();
  }

  beginLog(number: number): void {
    const header = encodeSegmentHeader({
      sectorBytes: 512,
      epoch: number,
      number,
      baseLsn: lsn(4096),
      capacityBytes: 2048,
      tailEndLsn: lsn(4096),
      resumeLsn: lsn(4096),
      durableLsn: lsn(4096),
      storeId: 7,
      previousChecksum: 0,
    });
    this.#write(pathOf(number), Uint8Array.of(...header, ...new Uint8Array(1536).fill(1)));
  }

  sync(): void {
    for (const { path } of this.disk.files()) {
      this.disk.sync(this.disk.open(path, "write"), "sync");
    }
    this.disk.syncDirectory("/store");
  }

  flip(path: string, at: number): void {
    this.atlas.chart(path, { from: at, to: at + 512 }, false);
    this.disk.flipBit(path, at, 1);
  }

  /** An open that fails, before which nothing of the program was there. */
  failingOpen(work: () => void = () => {}): void {
    this.excuses.begin();
    this.atlas.begin();
    work();
    this.excuses.end();
  }

  heal(): void {
    this.excuses.keepTrims();
    this.disk.healAll();
  }

  /** What the next open is excused with. */
  get left(): OpenDamage {
    this.excuses.begin();
    return this.excuses.damage;
  }

  #write(path: string, bytes: Uint8Array): void {
    this.disk.write(this.disk.open(path, "create"), bytes, 0);
  }
}

test("what an open trimmed for damage stays excused when it fails and the damage is undone", () => {
  const story = new Story();
  story.flip(LOG, 1024);
  story.flip(PAGES, 0);
  story.failingOpen(() => {
    story.beginLog(2);
    story.sync();
  });
  story.heal();
  expect(story.left).toEqual(TRIMMED);
  story.failingOpen(() => story.beginLog(3));
  story.heal();
  // The file of the first one may be used for something else now.
  story.disk.unlink(pathOf(2));
  expect(story.left).toEqual(TRIMMED);
});

test("an open that was refused before it began the log has trimmed nothing", () => {
  const story = new Story();
  story.flip(LOG, 1024);
  story.failingOpen();
  expect(story.excuses.damage).toEqual(TRIMMED);
  story.heal();
  expect(story.left).toEqual(NO_DAMAGE);
});

test("nor has one whose header a power cut took", () => {
  const story = new Story();
  story.flip(LOG, 1024);
  story.failingOpen(() => story.beginLog(2));
  story.heal();
  // Nothing survives of what was not synced.
  story.disk.crash("power", new GentleChoices(), { kind: "none" });
  expect(story.left).toEqual(NO_DAMAGE);
});

test("nor was a log begun whose header is only whole again", () => {
  const story = new Story();
  story.flip(LOG, 20);
  story.failingOpen();
  story.heal();
  expect(story.left).toEqual(NO_DAMAGE);
});

test("damage to pages excuses nothing once it is undone, whatever was begun", () => {
  const story = new Story();
  story.flip(PAGES, 0);
  story.failingOpen(() => story.beginLog(2));
  expect(story.excuses.damage).toMatchObject({ found: true, mayTrim: false });
  story.heal();
  expect(story.left).toEqual(NO_DAMAGE);
});

test("a log begun before the damage says nothing of a trim that a power cut took", () => {
  const story = new Story();
  story.flip(PAGES, 0);
  story.failingOpen(() => {
    story.beginLog(2);
    story.sync();
  });
  story.heal();
  story.failingOpen(() => {
    story.atlas.chartMisread({ path: LOG, from: 0, to: 2048 });
    story.beginLog(3);
  });
  story.heal();
  story.disk.crash("power", new GentleChoices(), { kind: "none" });
  story.atlas.begin();
  expect(story.left).toEqual(NO_DAMAGE);
});

test("damage that is still there excuses the next try, too", () => {
  const story = new Story();
  story.flip(LOG, 1024);
  story.failingOpen();
  story.excuses.keepTrims();
  expect(story.left).toEqual(TRIMMED);
});
