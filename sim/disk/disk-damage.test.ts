import { describe, expect, it } from "vitest";

import { PROFILES } from "./profiles.ts";
import { VirtualDisk } from "./virtual-disk.ts";

/** A durable file of 2048 ones. */
function diskWithFile(): VirtualDisk {
  const disk = new VirtualDisk({ profile: PROFILES.paranoid });
  const file = disk.open("/file", "create");
  disk.write(file, new Uint8Array(2048).fill(1), 0);
  disk.sync(file, "sync");
  disk.syncDirectory("/");
  return disk;
}

describe("a flipped bit", () => {
  it("shows when read, in that byte alone, and is undone by healing", () => {
    const disk = diskWithFile();
    expect(disk.flipBit("/file", 700, 4)).toBe(true);
    expect(disk.content("/file")?.indexOf(17)).toBe(700);
    expect(disk.damages()).toMatchObject([{ kind: "flip", path: "/file", from: 700, bit: 4 }]);
    disk.healAll();
    expect(disk.content("/file")).toEqual(new Uint8Array(2048).fill(1));
    expect(disk.damages()).toEqual([]);
  });

  it("is gone once somebody writes over it and that is durable", () => {
    const disk = diskWithFile();
    disk.flipBit("/file", 700, 4);
    const file = disk.open("/file", "write");
    disk.write(file, Uint8Array.of(1), 700);
    expect(disk.damages()).toHaveLength(1);
    disk.sync(file, "sync");
    expect(disk.damages()).toEqual([]);
  });

  it("is an error where the file system has checksums", () => {
    const disk = new VirtualDisk({ profile: PROFILES.btrfs });
    const file = disk.open("/file", "create");
    disk.write(file, new Uint8Array(8192), 0);
    disk.sync(file, "sync");
    disk.flipBit("/file", 100, 0);
    expect(() => disk.read(file, new Uint8Array(1), 4095)).toThrow("EIO");
    expect(disk.read(file, new Uint8Array(1), 4096)).toBe(1);
  });
});

describe("a bad sector", () => {
  it("cannot be read, nor written in part, until it is overwritten whole", () => {
    const disk = diskWithFile();
    disk.spoilSector("/file", 700);
    const file = disk.open("/file", "write");
    expect(() => disk.read(file, new Uint8Array(1), 1023)).toThrow("EIO");
    expect(disk.read(file, new Uint8Array(1), 1024)).toBe(1);
    expect(() => disk.write(file, Uint8Array.of(2), 600)).toThrow("EIO");
    disk.write(file, new Uint8Array(512).fill(2), 512);
    expect(disk.read(file, new Uint8Array(1), 1023)).toBe(1);
  });
});

describe("damage to a file that was removed", () => {
  it("counts until a crash can no longer bring the file back", () => {
    const disk = diskWithFile();
    disk.flipBit("/file", 0, 0);
    disk.unlink("/file");
    expect(disk.damages()).toHaveLength(1);
    disk.syncDirectory("/");
    expect(disk.damages()).toEqual([]);
  });
});
