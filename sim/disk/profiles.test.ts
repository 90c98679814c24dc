import { describe, expect, it } from "vitest";

import { crashImages } from "./crash-images.ts";
import { PROFILE_NAMES, PROFILES, type ProfileName } from "./profiles.ts";
import { VirtualDisk } from "./virtual-disk.ts";

type Story = (disk: VirtualDisk) => void;

function filled(bytes: number, value: number): Uint8Array {
  return new Uint8Array(bytes).fill(value);
}

function begin(disk: VirtualDisk, bytes: number): void {
  const file = disk.open("/a", "create");
  disk.write(file, filled(bytes, 1), 0);
  disk.sync(file, "sync");
  disk.syncDirectory("/");
}

/**
 * Short stories that end when the system or the power fails; what each may leave differs from profile to profile.
 * Short because every combination is tried: each piece left pending doubles them.
 */
const STORIES = {
  "overwrites two sectors": (disk) => {
    begin(disk, 1024);
    disk.write(disk.open("/a", "write"), filled(1024, 2), 0);
  },
  "appends to a block in use": (disk) => {
    begin(disk, 512);
    disk.write(disk.open("/a", "write"), filled(512, 2), 512);
  },
  "appends a new block": (disk) => {
    begin(disk, 4096);
    disk.write(disk.open("/a", "write"), filled(512, 2), 4096);
  },
  "appends across the end of a block": (disk) => {
    begin(disk, 3584);
    disk.write(disk.open("/a", "write"), filled(1536, 2), 3584);
  },
  "cuts a file and appends": (disk) => {
    begin(disk, 1024);
    const file = disk.open("/a", "write");
    disk.truncate(file, 512);
    disk.write(file, filled(512, 2), 512);
  },
  "replaces a file by one that was not synced": (disk) => {
    begin(disk, 512);
    disk.write(disk.open("/b", "create"), filled(512, 2), 0);
    disk.rename("/b", "/a");
  },
  "creates two files and syncs the second": (disk) => {
    disk.open("/a", "create");
    disk.sync(disk.open("/b", "create"), "sync");
  },
  "overwrites a sector and syncs it": (disk) => {
    begin(disk, 512);
    // The device has so much to write that it has come to write what went before.
    for (let sync = 0; sync < 8; sync += 1) {
      disk.sync(disk.open("/a", "write"), "datasync");
    }
    const file = disk.open("/a", "write");
    disk.write(file, filled(512, 2), 0);
    disk.sync(file, "sync");
  },
} satisfies Readonly<Record<string, Story>>;

/** Stories that end in a power cut; the others when the system stops. */
const POWER_CUTS: ReadonlySet<string> = new Set(["overwrites a sector and syncs it"]);

type StoryName = keyof typeof STORIES;

const STORY_NAMES = Object.keys(STORIES).filter((name): name is StoryName => name in STORIES);

const known = new Map<string, ReadonlySet<string>>();

/** The digests of all images that a story may leave. */
function legalImages(profile: ProfileName, name: StoryName): ReadonlySet<string> {
  const key = `${profile}: ${name}`;
  let digests = known.get(key);
  if (digests === undefined) {
    const disk = new VirtualDisk({ profile: PROFILES[profile] });
    STORIES[name](disk);
    const { images, complete, runs } = crashImages(disk, POWER_CUTS.has(name) ? "power" : "os");
    if (!complete) {
      throw new RangeError(`${runs} combinations were not all of "${key}"`);
    }
    digests = new Set(images.keys());
    known.set(key, digests);
  }
  return digests;
}

/** The stories after which `one` may leave what `other` forbids. */
function allowsMore(one: ProfileName, other: ProfileName): StoryName[] {
  return STORY_NAMES.filter((name) => {
    const forbidding = legalImages(other, name);
    return [...legalImages(one, name)].some((image) => !forbidding.has(image));
  });
}

const PAIRS = PROFILE_NAMES.flatMap((one, index) =>
  PROFILE_NAMES.slice(index + 1).map((other): [ProfileName, ProfileName] => [one, other]),
);

describe("of any two profiles", () => {
  it.each(PAIRS)("%s and %s, one allows an image that the other forbids", (one, other) => {
    expect([...allowsMore(one, other), ...allowsMore(other, one)]).not.toEqual([]);
  });
});

describe("the paranoid profile", () => {
  const honest = PROFILE_NAMES.filter((name) => !PROFILES[name].syncsLie);
  it.each(honest)("allows everything that %s allows", (name) => {
    expect(allowsMore(name, "paranoid")).toEqual([]);
  });
});

describe("a drive that lies", () => {
  it("alone takes back what was synced, and only in a power cut", () => {
    const story = "overwrites a sector and syncs it";
    for (const name of PROFILE_NAMES) {
      const isForgetful = name === "lying-drive";
      expect([name, legalImages(name, story).size > 1]).toEqual([name, isForgetful]);
    }
  });
});

describe("every profile", () => {
  it.each(PROFILE_NAMES)("%s names itself and has units that fit each other", (name) => {
    const { tearBytes, sectorBytes, exposes, ...profile } = PROFILES[name];
    expect(profile.name).toBe(name);
    expect(4096 % tearBytes).toBe(0);
    expect(sectorBytes % Math.min(tearBytes, sectorBytes)).toBe(0);
    expect(exposes[0]).toBe("zeros");
  });
});
