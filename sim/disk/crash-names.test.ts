import { describe, expect, it } from "vitest";

import { crashImages } from "./crash-images.ts";
import type { DiskFaults } from "./disk-faults.ts";
import type { SyncKind } from "./owed-syncs.ts";
import { type DiskProfile, type ProfileName, PROFILES } from "./profiles.ts";
import { VirtualDisk } from "./virtual-disk.ts";

const STRICT: DiskProfile = { ...PROFILES.paranoid, damagesSectors: false, exposes: ["zeros"] };
const JOURNALS: readonly ProfileName[] = ["ext4-ordered", "ext4-writeback", "xfs", "nvme-plp"];

function put(disk: VirtualDisk, path: string, text: string): void {
  const file = disk.open(path, "create");
  disk.write(
    file,
    Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
    0,
  );
  disk.sync(file, "sync");
}

/** Every directory that a crash may leave, as "name=text name=text". */
function listings(disk: VirtualDisk): Set<string> {
  const { images, complete } = crashImages(disk, "os");
  expect(complete).toBe(true);
  return new Set(
    [...images.values()].map((image) =>
      image
        .files("durable")
        .map(({ path }) => {
          const text = String.fromCharCode(...(image.durableBytes(path) ?? []));
          return `${path.slice(1)}=${text}`;
        })
        .join(" "),
    ),
  );
}

const FAILING_SYNCS: DiskFaults = {
  beforeOperation: ({ kind }) =>
    kind === "sync" ? { kind: "failed-sync", storedPattern: 0 } : undefined,
};

function secondSynced(name: ProfileName): Set<string> {
  const disk = new VirtualDisk({ profile: PROFILES[name] });
  disk.open("/a", "create");
  put(disk, "/b", "B");
  return listings(disk);
}

/** A file is made beside one of a single byte, which is then written and synced. */
function besideSync(name: ProfileName, kind: SyncKind, bytes: number): Set<string> {
  const disk = new VirtualDisk({ profile: PROFILES[name] });
  put(disk, "/old", "O");
  disk.open("/new", "create");
  const file = disk.open("/old", "write");
  disk.write(file, new Uint8Array(bytes).fill(80), 0);
  disk.sync(file, kind);
  return listings(disk);
}

describe("a created file", () => {
  it("may vanish though its contents were synced, until its directory is", () => {
    const disk = new VirtualDisk({ profile: STRICT });
    put(disk, "/a", "A");
    expect(listings(disk)).toEqual(new Set(["", "a=A"]));
    disk.syncDirectory("/");
    expect(listings(disk)).toEqual(new Set(["a=A"]));
  });

  it("keeps its name once it is synced where the file system logs names with files", () => {
    for (const name of [...JOURNALS, "btrfs"] as const) {
      const disk = new VirtualDisk({ profile: PROFILES[name] });
      put(disk, "/a", "A");
      expect({ name, found: listings(disk) }).toEqual({ name, found: new Set(["a=A"]) });
    }
  });

  it("is not brought along by a datasync of bytes in place, which needs no journal", () => {
    for (const name of JOURNALS) {
      expect({ name, found: besideSync(name, "datasync", 1) }).toEqual({
        name,
        found: new Set(["old=P", "new= old=P"]),
      });
      expect({ name, found: besideSync(name, "sync", 1) }).toEqual({
        name,
        found: new Set(["new= old=P"]),
      });
      expect({ name, found: besideSync(name, "datasync", 2) }).toEqual({
        name,
        found: new Set(["new= old=PP"]),
      });
    }
  });

  it("may vanish after a sync that failed, which does not come to the journal", () => {
    for (const name of [...JOURNALS, "btrfs"] as const) {
      const disk = new VirtualDisk({ profile: PROFILES[name], faults: FAILING_SYNCS });
      const file = disk.open("/a", "create");
      expect(() => disk.sync(file, "sync")).toThrow("EIO");
      expect({ name, found: listings(disk) }).toEqual({ name, found: new Set(["", "a="]) });
    }
  });

  it("is not covered by a directory sync that was called before it was made", () => {
    const disk = new VirtualDisk({ profile: STRICT });
    const called = disk.sequence;
    put(disk, "/a", "A");
    disk.syncDirectory("/", called);
    expect(listings(disk)).toEqual(new Set(["", "a=A"]));
  });

  it("may be there without one created earlier, except in a journal", () => {
    const disk = new VirtualDisk({ profile: STRICT });
    disk.open("/a", "create");
    disk.open("/b", "create");
    expect(listings(disk)).toEqual(new Set(["", "a=", "b=", "a= b="]));
    const journal = new VirtualDisk({ profile: PROFILES.xfs });
    journal.open("/a", "create");
    journal.open("/b", "create");
    expect(listings(journal)).toEqual(new Set(["", "a=", "a= b="]));
  });

  it("brings the names before it when it is synced in a journal, and not in btrfs", () => {
    expect(secondSynced("ext4-ordered")).toEqual(new Set(["a= b=B"]));
    expect(secondSynced("btrfs")).toEqual(new Set(["b=B", "a= b=B"]));
  });

  it("vanishes with its directory when that was not synced into its parent", () => {
    const disk = new VirtualDisk({ profile: STRICT });
    disk.makeDirectory("/d");
    put(disk, "/d/a", "A");
    disk.syncDirectory("/d");
    expect(listings(disk)).toEqual(new Set(["", "d/a=A"]));
    disk.syncDirectory("/");
    expect(listings(disk)).toEqual(new Set(["d/a=A"]));
  });
});

describe("an unlink", () => {
  it("may be undone with the last durable contents until the directory is synced", () => {
    for (const profile of [STRICT, PROFILES["ext4-ordered"], PROFILES.btrfs]) {
      const { name } = profile;
      const disk = new VirtualDisk({ profile });
      put(disk, "/a", "A");
      disk.syncDirectory("/");
      disk.unlink("/a");
      expect(disk.stat("/a")).toBeUndefined();
      expect({ name, found: listings(disk) }).toEqual({ name, found: new Set(["", "a=A"]) });
      disk.syncDirectory("/");
      expect({ name, found: listings(disk) }).toEqual({ name, found: new Set([""]) });
    }
  });

  it("of a name that is made anew may bring the old file back", () => {
    const disk = new VirtualDisk({ profile: STRICT });
    put(disk, "/a", "A");
    disk.syncDirectory("/");
    disk.unlink("/a");
    put(disk, "/a", "B");
    expect(listings(disk)).toEqual(new Set(["", "a=A", "a=B"]));
  });

  it("cannot be undone by an earlier operation on a name that a later sync made durable", () => {
    const disk = new VirtualDisk({ profile: PROFILES.btrfs });
    put(disk, "/a", "A");
    disk.syncDirectory("/");
    disk.unlink("/a");
    put(disk, "/a", "B");
    expect(listings(disk)).toEqual(new Set(["a=B"]));
  });
});

function renamed(profile: DiskProfile): VirtualDisk {
  const disk = new VirtualDisk({ profile });
  put(disk, "/a", "A");
  disk.syncDirectory("/");
  disk.rename("/a", "/b");
  return disk;
}

/** A synced file gives way to one that was not. */
function replaced(name: ProfileName): Set<string> {
  const disk = new VirtualDisk({ profile: PROFILES[name] });
  put(disk, "/a", "A");
  disk.syncDirectory("/");
  disk.write(disk.open("/new", "create"), Uint8Array.of(66), 0);
  disk.rename("/new", "/a");
  return listings(disk);
}

describe("a rename", () => {
  it("leaves the old name, both, the new or neither where nothing is atomic", () => {
    expect(listings(renamed(STRICT))).toEqual(new Set(["a=A", "a=A b=A", "b=A", ""]));
  });

  it("leaves the old name or the new in every journal", () => {
    for (const name of [...JOURNALS, "btrfs"] as const) {
      const found = listings(renamed(PROFILES[name]));
      expect({ name, found }).toEqual({ name, found: new Set(["a=A", "b=A"]) });
    }
  });

  it("is durable once the directory is synced", () => {
    const disk = renamed(STRICT);
    disk.syncDirectory("/");
    expect(listings(disk)).toEqual(new Set(["b=A"]));
  });

  it("onto a file leaves one of the two under the name, never neither", () => {
    const disk = new VirtualDisk({ profile: STRICT });
    put(disk, "/a", "A");
    put(disk, "/b", "B");
    disk.syncDirectory("/");
    disk.rename("/a", "/b");
    expect(listings(disk)).toEqual(new Set(["a=A b=B", "a=A b=A", "b=A", "b=B"]));
  });

  it("onto a file that is undone may take what was not synced of that file", () => {
    const disk = new VirtualDisk({ profile: STRICT });
    put(disk, "/a", "A");
    put(disk, "/b", "B");
    disk.syncDirectory("/");
    disk.write(disk.open("/b", "write"), Uint8Array.of(67), 0);
    disk.rename("/a", "/b");
    const { images } = crashImages(disk, "os");
    const seen = new Set<string>();
    for (const image of images.values()) {
      expect(image.digest("visible")).toBe(image.digest("durable"));
      seen.add(String.fromCharCode(...(image.content("/b") ?? [])));
    }
    expect(seen).toEqual(new Set(["A", "B", "C"]));
  });

  it("makes two names one file when both survive", () => {
    const disk = renamed(STRICT);
    const both = [...crashImages(disk, "os").images.values()].find(
      (image) => image.files().length === 2,
    );
    if (both === undefined) {
      throw new Error("no image has both names");
    }
    both.write(both.open("/a", "write"), Uint8Array.of(66), 0);
    expect(both.content("/b")).toEqual(Uint8Array.of(66));
    both.unlink("/a");
    expect(both.content("/b")).toEqual(Uint8Array.of(66));
    expect(both.usedBytes).toBe(4096);
  });

  it("of a file that was not synced may leave it empty under XFS, never under ext4 in ordered mode", () => {
    expect(replaced("xfs")).toContain("a=");
    const ext4 = replaced("ext4-ordered");
    expect(ext4).toContain("a=A");
    expect(ext4).toContain("a=B");
    expect(ext4).not.toContain("a=");
  });
});

describe("a directory that is removed", () => {
  it("has to be empty", () => {
    const disk = new VirtualDisk({ profile: STRICT });
    disk.makeDirectory("/d");
    put(disk, "/d/a", "A");
    expect(() => disk.removeDirectory("/d")).toThrow("ENOTEMPTY");
    expect(() => disk.removeDirectory("/d/a")).toThrow("ENOTDIR");
    expect(() => disk.removeDirectory("/e")).toThrow("ENOENT");
    disk.unlink("/d/a");
    disk.removeDirectory("/d");
    expect(disk.readDirectory("/")).toEqual([]);
  });

  it("may be back after a crash, with what was in it, until its parent is synced", () => {
    const disk = new VirtualDisk({ profile: STRICT });
    disk.makeDirectory("/d");
    put(disk, "/d/a", "A");
    disk.syncDirectory("/d");
    disk.syncDirectory("/");
    disk.unlink("/d/a");
    disk.removeDirectory("/d");
    expect(listings(disk)).toEqual(new Set(["", "d/a=A"]));
    disk.syncDirectory("/");
    expect(listings(disk)).toEqual(new Set([""]));
  });
});
