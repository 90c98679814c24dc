import { describe, expect, it } from "vitest";

import { crashImages } from "./crash-images.ts";
import type { CrashKind } from "./crash-summary.ts";
import { type DiskProfile, PROFILES } from "./profiles.ts";
import { VirtualDisk } from "./virtual-disk.ts";

const SECTOR = 512;
const STRICT: DiskProfile = { ...PROFILES.paranoid, damagesSectors: false, exposes: ["zeros"] };

function filled(bytes: number, value: number): Uint8Array {
  return new Uint8Array(bytes).fill(value);
}

/** A durable file of `bytes` ones under a durable name. */
function diskWithFile(profile: DiskProfile, bytes: number): VirtualDisk {
  const disk = new VirtualDisk({ profile });
  const file = disk.open("/file", "create");
  if (bytes > 0) {
    disk.write(file, filled(bytes, 1), 0);
  }
  disk.sync(file, "sync");
  disk.syncDirectory("/");
  return disk;
}

/** Run lengths of equal bytes, such as "1x512 2x512". */
function shapeOf(content: Uint8Array | undefined): string {
  if (content === undefined) {
    return "missing";
  }
  const runs: { value: number; count: number }[] = [];
  for (const value of content) {
    const last = runs.at(-1);
    if (last?.value === value) {
      last.count += 1;
    } else {
      runs.push({ value, count: 1 });
    }
  }
  return runs.map(({ value, count }) => `${value}x${count}`).join(" ");
}

function shapes(disk: VirtualDisk, kind: CrashKind = "os", path = "/file"): Set<string> {
  const { images, complete } = crashImages(disk, kind);
  expect(complete).toBe(true);
  return new Set([...images.values()].map((image) => shapeOf(image.durableBytes(path))));
}

describe("a write that was not synced", () => {
  it("survives by sector in any combination", () => {
    const disk = diskWithFile(STRICT, 4 * SECTOR);
    disk.write(disk.open("/file", "write"), filled(3 * SECTOR, 2), SECTOR);
    expect(crashImages(disk, "power").images.size).toBe(8);
    expect(shapes(disk)).toContain("1x512 2x512 1x512 2x512");
  });

  it("over stored bytes leaves those or its own, also where it ends inside a sector", () => {
    const disk = diskWithFile({ ...STRICT, exposes: ["stale", "garbage"] }, SECTOR);
    disk.write(disk.open("/file", "write"), filled(54, 2), 0);
    expect(shapes(disk)).toEqual(new Set(["1x512", "2x54 1x458"]));
  });

  it("is torn at sector borders of the file, not of the write", () => {
    const disk = diskWithFile(STRICT, 2 * SECTOR);
    disk.write(disk.open("/file", "write"), filled(SECTOR, 2), SECTOR / 2);
    expect(shapes(disk)).toEqual(
      new Set(["1x1024", "1x256 2x256 1x512", "1x512 2x256 1x256", "1x256 2x512 1x256"]),
    );
  });

  it("never survives without the writes before it in the same sector", () => {
    const disk = diskWithFile(STRICT, SECTOR);
    const file = disk.open("/file", "write");
    disk.write(file, filled(100, 2), 0);
    disk.write(file, filled(100, 3), 200);
    expect(shapes(disk)).toEqual(new Set(["1x512", "2x100 1x412", "2x100 1x100 3x100 1x212"]));
  });

  it("may have brought any of the versions its sector went through", () => {
    const disk = diskWithFile(STRICT, SECTOR);
    const file = disk.open("/file", "write");
    for (const value of [2, 3, 4]) {
      disk.write(file, filled(SECTOR, value), 0);
    }
    expect(shapes(disk)).toEqual(new Set(["1x512", "2x512", "3x512", "4x512"]));
  });

  it("survives a crash of the program whole", () => {
    const disk = diskWithFile(STRICT, SECTOR);
    disk.write(disk.open("/file", "write"), filled(SECTOR, 2), 0);
    const { images } = crashImages(disk, "process");
    expect([...images.values()].map((image) => shapeOf(image.content("/file")))).toEqual(["2x512"]);
  });

  it("leaves a copy of the disk alone when it is lost there", () => {
    const disk = diskWithFile(STRICT, SECTOR);
    disk.write(disk.open("/file", "write"), filled(SECTOR, 2), 0);
    const before = disk.digest("visible");
    crashImages(disk, "power");
    expect(disk.digest("visible")).toBe(before);
    expect(disk.pendingCount).toBe(1);
  });
});

describe("a write that was synced", () => {
  it("is never lost, whatever comes after it", () => {
    for (const profile of Object.values(PROFILES).filter(({ syncsLie }) => !syncsLie)) {
      const disk = diskWithFile(profile, 2 * SECTOR);
      const file = disk.open("/file", "write");
      disk.write(file, filled(SECTOR, 2), 0);
      disk.sync(file, "datasync");
      disk.write(file, filled(SECTOR, 3), SECTOR);
      for (const image of crashImages(disk, "power").images.values()) {
        const kept = shapeOf(image.durableBytes("/file")?.subarray(0, SECTOR));
        expect({ profile: profile.name, kept }).toEqual({ profile: profile.name, kept: "2x512" });
      }
    }
  });

  it("is what a sync leaves of writes that took effect before it was called, and only of those", () => {
    const disk = diskWithFile(STRICT, 2 * SECTOR);
    const file = disk.open("/file", "write");
    disk.write(file, filled(SECTOR, 2), 0);
    const called = disk.sequence;
    disk.write(file, filled(SECTOR, 3), SECTOR);
    disk.sync(file, "sync", called);
    expect(shapes(disk)).toEqual(new Set(["2x512 1x512", "2x512 3x512"]));
  });
});

describe("a file that grew", () => {
  it("may be short, or show zeros, old blocks or rubbish where its data was lost", () => {
    const disk = new VirtualDisk({ profile: { ...PROFILES.paranoid, damagesSectors: false } });
    const old = disk.open("/old", "create");
    disk.write(old, filled(4096, 9), 0);
    disk.sync(old, "sync");
    disk.unlink("/old");
    disk.open("/file", "create");
    disk.syncDirectory("/");
    disk.write(disk.open("/file", "write"), filled(SECTOR, 2), 0);
    const found = shapes(disk);
    expect(found).toContain("");
    expect(found).toContain("0x512");
    expect(found).toContain("2x512");
    expect(found).toContain("9x512");
    expect([...found].some((shape) => shape.split(" ").length > 100)).toBe(true);
  });

  it("is short under ext4-ordered where a new block was lost, up to which its data is there", () => {
    const disk = diskWithFile(PROFILES["ext4-ordered"], 4096);
    disk.write(disk.open("/file", "write"), filled(2 * SECTOR, 2), 4096);
    expect(shapes(disk)).toEqual(new Set(["1x4096", "1x4096 2x512", "1x4096 2x1024"]));
  });

  it("may show zeros under ext4-ordered where its last block was in use before, never under XFS", () => {
    const lost = "1x512 0x512";
    const ext4 = diskWithFile(PROFILES["ext4-ordered"], SECTOR);
    ext4.write(ext4.open("/file", "write"), filled(SECTOR, 2), SECTOR);
    expect(shapes(ext4)).toContain(lost);
    const xfs = diskWithFile(PROFILES.xfs, SECTOR);
    xfs.write(xfs.open("/file", "write"), filled(SECTOR, 2), SECTOR);
    expect(shapes(xfs)).toEqual(new Set(["1x512", "1x512 2x512"]));
  });

  it("may have grown in part where nothing is ordered, with or without the data in that part", () => {
    const disk = diskWithFile(STRICT, SECTOR);
    disk.write(disk.open("/file", "write"), filled(2 * SECTOR, 2), SECTOR);
    const found = shapes(disk);
    for (const part of ["1x512", "1x512 0x512", "1x512 2x512", "1x512 0x1024", "1x512 2x1024"]) {
      expect(found).toContain(part);
    }
  });

  it("may lose preallocated zeros like any write, and keeps them once synced", () => {
    const disk = diskWithFile(STRICT, 0);
    const file = disk.open("/file", "write");
    disk.preallocate(file, SECTOR);
    expect(shapes(disk)).toEqual(new Set(["", "0x512"]));
    disk.sync(file, "sync");
    expect(shapes(disk)).toEqual(new Set(["0x512"]));
  });
});

/** What a crash may leave of two blocks of which the second was written anew after a truncation. */
function regrown(profile: DiskProfile): Set<string> {
  const disk = diskWithFile(profile, 2 * 4096);
  const file = disk.open("/file", "write");
  disk.truncate(file, 0);
  disk.write(file, filled(4096, 2), 4096);
  return shapes(disk);
}

describe("a truncation that was not synced", () => {
  it("may be undone", () => {
    for (const profile of [STRICT, PROFILES["ext4-ordered"], PROFILES.xfs, PROFILES.btrfs]) {
      const { name } = profile;
      const disk = diskWithFile(profile, 4 * SECTOR);
      disk.truncate(disk.open("/file", "write"), SECTOR);
      const found = shapes(disk);
      expect({ name, undone: found.has("1x2048"), done: found.has("1x512") }).toEqual({
        name,
        undone: true,
        done: true,
      });
    }
  });

  it("exposes the old tail when the file grows again only where nothing is ordered", () => {
    const coarse = { ...STRICT, tearBytes: 4096, sectorBytes: 4096 };
    expect(regrown(coarse)).toContain("1x4096 2x4096");
    const ordered = regrown({ ...PROFILES["ext4-ordered"], tearBytes: 4096 });
    expect(ordered).toEqual(new Set(["1x8192", "", "0x4096 2x4096", "0x4096"]));
  });

  it("reads as zeros behind its end whatever was there, when the file grows after the crash", () => {
    const disk = diskWithFile(STRICT, 2 * SECTOR);
    const file = disk.open("/file", "write");
    disk.truncate(file, 10);
    for (const image of crashImages(disk, "power").images.values()) {
      const again = image.open("/file", "write");
      const { length = 0 } = image.content("/file") ?? {};
      image.truncate(again, 3 * SECTOR);
      expect(shapeOf(image.content("/file")?.subarray(length))).toBe(`0x${3 * SECTOR - length}`);
    }
  });
});

describe("a sector that an un-synced write touched", () => {
  it("may be damaged by a power cut, also in its synced part, but no sector beside it", () => {
    const disk = diskWithFile({ ...PROFILES.paranoid, exposes: ["zeros"] }, 3 * SECTOR);
    disk.write(disk.open("/file", "write"), filled(10, 2), SECTOR + 100);
    let damaged = 0;
    for (const image of crashImages(disk, "power").images.values()) {
      const content = image.durableBytes("/file") ?? new Uint8Array();
      expect(shapeOf(content.subarray(0, SECTOR))).toBe("1x512");
      expect(shapeOf(content.subarray(2 * SECTOR))).toBe("1x512");
      const rest = shapeOf(content.subarray(SECTOR, 2 * SECTOR));
      damaged += rest === "1x512" || rest === "1x100 2x10 1x402" ? 0 : 1;
    }
    expect(damaged).toBeGreaterThan(10);
  });

  it("is not damaged when only the operating system stops, nor where the device finishes its work", () => {
    const untouched = new Set(["1x512", "2x10 1x502"]);
    const paranoid = diskWithFile({ ...PROFILES.paranoid, exposes: ["zeros"] }, SECTOR);
    paranoid.write(paranoid.open("/file", "write"), filled(10, 2), 0);
    expect(shapes(paranoid, "os")).toEqual(untouched);
    const protectedDisk = diskWithFile(PROFILES["nvme-plp"], SECTOR);
    protectedDisk.write(protectedDisk.open("/file", "write"), filled(10, 2), 0);
    expect(shapes(protectedDisk, "power")).toEqual(untouched);
  });

  it("is as large as the device's sectors are", () => {
    const disk = new VirtualDisk({
      profile: { ...PROFILES.paranoid, exposes: ["zeros"] },
      sectorBytes: 4096,
    });
    const file = disk.open("/file", "create");
    disk.write(file, filled(4096, 1), 0);
    disk.sync(file, "sync");
    disk.syncDirectory("/");
    disk.write(file, filled(10, 2), 0);
    const tails = [...crashImages(disk, "power").images.values()].map((image) =>
      shapeOf(image.durableBytes("/file")?.subarray(2048)),
    );
    expect(new Set(tails).size).toBeGreaterThan(2);
  });
});
