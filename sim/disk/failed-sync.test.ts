import { describe, expect, it } from "vitest";

import { crashImages } from "./crash-images.ts";
import type { DiskFaults } from "./disk-faults.ts";
import { type ProfileName, PROFILES } from "./profiles.ts";
import { VirtualDisk } from "./virtual-disk.ts";
import type { VirtualFile } from "./virtual-file.ts";

const SECTOR = 512;

interface Failed {
  readonly disk: VirtualDisk;
  readonly file: VirtualFile;
}

function filled(sectors: number, value: number): Uint8Array {
  return new Uint8Array(sectors * SECTOR).fill(value);
}

/** Two durable sectors of ones, then `sectors` of twos from the second on, whose sync fails. */
function afterFailedSync(name: ProfileName, sectors: number, storedPattern: number): Failed {
  const disk = new VirtualDisk({ profile: { ...PROFILES[name], damagesSectors: false } });
  const file = disk.open("/a", "create");
  disk.write(file, filled(2, 1), 0);
  disk.sync(file, "sync");
  disk.syncDirectory("/");
  disk.write(file, filled(sectors, 2), SECTOR);
  const faults: DiskFaults = {
    beforeOperation: () => ({ kind: "failed-sync", storedPattern }),
  };
  disk.faults = faults;
  expect(() => disk.sync(file, "sync")).toThrow("EIO");
  disk.faults = undefined;
  return { disk, file };
}

/** The first byte of each sector. */
function sectorsOf(disk: VirtualDisk): string {
  const content = disk.content("/a") ?? new Uint8Array();
  return [...content].filter((_, offset) => offset % SECTOR === 0).join(" ");
}

function afterCrash(disk: VirtualDisk): Set<string> {
  return new Set([...crashImages(disk, "power").images.values()].map(sectorsOf));
}

describe("after a failed sync", () => {
  it("reads show bytes that no later sync stores, however often it succeeds", () => {
    const { disk, file } = afterFailedSync("paranoid", 1, 0);
    expect(sectorsOf(disk)).toBe("1 2");
    disk.sync(file, "sync");
    expect(sectorsOf(disk)).toBe("1 2");
    expect(afterCrash(disk)).toEqual(new Set(["1 1"]));
  });

  it("a restart of the program sees them too", () => {
    const { disk } = afterFailedSync("paranoid", 1, 0);
    const images = crashImages(disk, "process").images.values();
    expect([...images].map(sectorsOf)).toEqual(["1 2"]);
  });

  it("writing them again stores them, and so does writing anything into their piece", () => {
    const { disk, file } = afterFailedSync("paranoid", 1, 0);
    disk.write(file, Uint8Array.of(3), 2 * SECTOR - 1);
    disk.sync(file, "sync");
    expect(afterCrash(disk)).toEqual(new Set(["1 2"]));
  });

  it("some pieces may be stored nevertheless", () => {
    const { disk } = afterFailedSync("nvme-plp", 1, 1);
    expect(afterCrash(disk)).toEqual(new Set(["1 2"]));
  });

  it("the file may have grown or not until a sync succeeds", () => {
    for (const name of ["paranoid", "ext4-ordered"] as const) {
      const { disk, file } = afterFailedSync(name, 2, 0b10);
      expect({ name, found: afterCrash(disk) }).toEqual({ name, found: new Set(["1 1", "1 1 2"]) });
      disk.sync(file, "datasync");
      expect({ name, found: afterCrash(disk) }).toEqual({ name, found: new Set(["1 1 2"]) });
    }
  });

  it("btrfs shows the old bytes at once", () => {
    const { disk } = afterFailedSync("btrfs", 2, 0b11);
    expect(sectorsOf(disk)).toBe("1 1");
    expect(afterCrash(disk)).toEqual(new Set(["1 1"]));
  });
});
