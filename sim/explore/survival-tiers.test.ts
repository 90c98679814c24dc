import { describe, expect, test } from "vitest";

import { ReplayedChoices } from "../core/choices.ts";
import { crashImages } from "../disk/crash-images.ts";
import { PROFILES, type ProfileName } from "../disk/profiles.ts";
import { VirtualDisk } from "../disk/virtual-disk.ts";
import { LazySurvivals } from "./lazy-survivals.ts";
import { pendingLayout } from "./pending-units.ts";
import type { Question } from "./read-set.ts";
import { SurvivalScript } from "./survival-script.ts";
import { plansOf, type Tier } from "./survival-tiers.ts";

/** A file that was synced and is overwritten, one that is new, and a new name for it. */
function story(profile: ProfileName): VirtualDisk {
  const disk = new VirtualDisk({ profile: PROFILES[profile] });
  disk.makeDirectory("/d");
  const old = disk.open("/d/old", "create");
  disk.write(old, new Uint8Array(2048).fill(1), 0);
  disk.sync(old, "sync");
  disk.syncDirectory("/d");
  disk.syncDirectory("/");
  disk.write(old, new Uint8Array(1024).fill(2), 512);
  const fresh = disk.open("/d/new.tmp", "create");
  disk.write(fresh, new Uint8Array(1000).fill(3), 0);
  disk.rename("/d/new.tmp", "/d/new");
  return disk;
}

const EVERYTHING: readonly Question[] = [
  { kind: "names", path: "/d", from: 0, to: 0 },
  ...["/d/old", "/d/new.tmp", "/d/new"].flatMap((path): Question[] => [
    { kind: "entry", path, from: 0, to: 0 },
    { kind: "bytes", path, from: 0, to: 4096 },
  ]),
];

function digestsOf(disk: VirtualDisk, scripts: Iterable<SurvivalScript>): Set<string> {
  const digests = new Set<string>();
  for (const script of scripts) {
    const image = disk.clone();
    image.crash("os", script);
    digests.add(image.digest());
  }
  return digests;
}

function* tierScripts(disk: VirtualDisk, tier: Tier): Generator<SurvivalScript, void> {
  const layout = pendingLayout(disk.atStake);
  for (const { plan } of plansOf(layout, tier)) {
    yield new SurvivalScript(layout, plan);
  }
}

function* lazyScripts(
  disk: VirtualDisk,
  asked: readonly Question[],
): Generator<SurvivalScript, void> {
  const layout = pendingLayout(disk.atStake);
  const survivals = new LazySurvivals(disk.atStake, layout);
  for (let next = survivals.next(); next !== undefined; next = survivals.next()) {
    yield new SurvivalScript(layout, next.weighed.plan);
    next.told(asked);
  }
}

describe("tiers", () => {
  for (const profile of ["paranoid", "ext4-ordered", "btrfs"] as const) {
    test(`on ${profile} each finds what the one before finds, and nothing that is not legal`, () => {
      const disk = story(profile);
      const legal = new Set(crashImages(disk, "os").images.keys());
      let before = new Set<string>();
      for (const tier of [0, 1, 2] as const) {
        const found = digestsOf(disk, tierScripts(disk, tier));
        expect([...found].every((one) => legal.has(one))).toBe(true);
        expect([...before].every((one) => found.has(one))).toBe(true);
        before = found;
      }
    });
  }
});

describe("every combination", () => {
  for (const profile of ["ext4-ordered", "xfs", "btrfs"] as const) {
    test(`on ${profile} is every legal image, when everything is asked for`, () => {
      const disk = story(profile);
      const legal = [...crashImages(disk, "os").images.keys()].toSorted();
      expect([...digestsOf(disk, lazyScripts(disk, EVERYTHING))].toSorted()).toEqual(legal);
    });
  }

  test("tries nothing twice that nobody reads", () => {
    const disk = story("paranoid");
    const bytes: Question = { kind: "bytes", path: "/d/old", from: 512, to: 1024 };
    expect([...lazyScripts(disk, [])]).toHaveLength(1);
    expect([...lazyScripts(disk, [bytes])]).toHaveLength(2);
  });
});

test("what a script answered makes the same crash as a tape", () => {
  const disk = story("paranoid");
  for (const script of tierScripts(disk, 1)) {
    const image = disk.clone();
    image.crash("power", script);
    const again = disk.clone();
    const tape = new ReplayedChoices(script.taken);
    again.crash("power", tape);
    expect(again.digest()).toBe(image.digest());
    expect([tape.divergence, tape.left]).toEqual([undefined, 0]);
  }
});
