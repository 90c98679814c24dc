import { describe, expect, it } from "vitest";

import { PrngChoices } from "../core/choices.ts";
import type { DiskFaults, Fault, LostWrite, ReplacedRange } from "./disk-faults.ts";
import { PROFILES } from "./profiles.ts";
import { VirtualDisk } from "./virtual-disk.ts";
import type { VirtualFile } from "./virtual-file.ts";

const SECTOR = 512;

interface Scene {
  readonly disk: VirtualDisk;
  readonly file: VirtualFile;
  readonly told: readonly ReplacedRange[];
}

/** Four durable sectors of ones; then the second is overwritten with twos, in a sync that loses it. */
function afterLoss(fault: Partial<LostWrite> = {}): Scene {
  const disk = new VirtualDisk({ profile: PROFILES.paranoid });
  const file = disk.open("/file", "create");
  disk.write(file, filled(4, 1), 0);
  disk.sync(file, "sync");
  disk.syncDirectory("/");
  disk.write(file, filled(1, 2), SECTOR);
  const told: ReplacedRange[] = [];
  strike(disk, { kind: "lost-write", pick: 0, evicted: false, ...fault }, told);
  disk.sync(file, "datasync");
  disk.faults = undefined;
  return { disk, file, told };
}

function strike(disk: VirtualDisk, fault: Fault, told: ReplacedRange[] = []): void {
  const faults: DiskFaults = {
    beforeOperation: () => fault,
    mediaReplaced: (range) => void told.push(range),
  };
  disk.faults = faults;
}

function filled(sectors: number, value: number): Uint8Array {
  return new Uint8Array(sectors * SECTOR).fill(value);
}

/** The first byte of each sector. */
function sectorsOf(disk: VirtualDisk, side: "visible" | "durable"): string {
  const content = disk.content("/file", side) ?? new Uint8Array();
  return [...content].filter((_, offset) => offset % SECTOR === 0).join(" ");
}

describe("a lost write", () => {
  it("is seen until the system stops, and is not on the medium", () => {
    const { disk, told } = afterLoss();
    expect(told).toEqual([{ path: "/file", from: SECTOR, to: 2 * SECTOR }]);
    expect(sectorsOf(disk, "visible")).toBe("1 2 1 1");
    expect(sectorsOf(disk, "durable")).toBe("1 1 1 1");
    disk.crash("process", new PrngChoices("x"));
    expect(sectorsOf(disk, "visible")).toBe("1 2 1 1");
    disk.crash("os", new PrngChoices("x"));
    expect(sectorsOf(disk, "visible")).toBe("1 1 1 1");
  });

  it("is missed at once when the system has dropped its copy", () => {
    expect(sectorsOf(afterLoss({ evicted: true }).disk, "visible")).toBe("1 1 1 1");
  });

  it("is known, and can be undone, until somebody writes there again", () => {
    const { disk, file } = afterLoss({ evicted: true });
    expect(disk.damages()).toMatchObject([{ kind: "replaced", from: SECTOR, to: 2 * SECTOR }]);
    disk.write(file, filled(1, 3).subarray(0, 100), SECTOR);
    disk.sync(file, "datasync");
    expect(disk.damages()).toMatchObject([{ from: SECTOR + 100, to: 2 * SECTOR }]);
    disk.healAll();
    const healed = [...filled(1, 3).subarray(0, 100), ...filled(1, 2).subarray(100)];
    expect([...(disk.durableBytes("/file") ?? [])].slice(SECTOR, 2 * SECTOR)).toEqual(healed);
    expect(sectorsOf(disk, "visible")).toBe("1 3 1 1");
  });

  it("is none when a later write of the same sync goes over it, or there is nothing to sync", () => {
    const { disk, file } = afterLoss();
    disk.healAll();
    const told: ReplacedRange[] = [];
    strike(disk, { kind: "lost-write", pick: 0, evicted: false }, told);
    disk.sync(file, "datasync");
    expect(told).toEqual([]);
  });

  it("is an error where the file system has checksums", () => {
    const disk = new VirtualDisk({ profile: PROFILES.btrfs });
    const file = disk.open("/file", "create");
    disk.write(file, filled(16, 1), 0);
    strike(disk, { kind: "lost-write", pick: 0, evicted: true });
    disk.sync(file, "sync");
    disk.faults = undefined;
    expect(() => disk.read(file, new Uint8Array(SECTOR), 0)).toThrow("EIO");
  });
});

describe("a misdirected write", () => {
  it("is missing at its place and replaces what was elsewhere, and both can be undone", () => {
    const { disk, told } = afterLoss({ strayTo: 3, evicted: true });
    expect(told.map(({ from }) => from / SECTOR)).toEqual([1, 3]);
    expect(sectorsOf(disk, "durable")).toBe("1 1 1 2");
    disk.healAll();
    expect(sectorsOf(disk, "durable")).toBe("1 2 1 1");
    expect(sectorsOf(disk, "visible")).toBe("1 2 1 1");
  });

  it("is only lost when it would land at its own place", () => {
    expect(sectorsOf(afterLoss({ strayTo: 1 }).disk, "durable")).toBe("1 1 1 1");
  });
});

describe("a misdirected read", () => {
  it("brings what lies elsewhere, once, and changes nothing", () => {
    const { disk, file } = afterLoss();
    const target = new Uint8Array(SECTOR);
    strike(disk, { kind: "misread", shift: 1 });
    disk.read(file, target, 0);
    expect(target[0]).toBe(2);
    disk.faults = undefined;
    disk.read(file, target, 0);
    expect(target[0]).toBe(1);
  });
});

describe("a drive that lies", () => {
  it("has what it synced when the system stops, and may not have it when the power fails", () => {
    for (const kind of ["os", "power"] as const) {
      const disk = new VirtualDisk({ profile: PROFILES["lying-drive"] });
      const file = disk.open("/file", "create");
      disk.write(file, filled(1, 1), 0);
      disk.sync(file, "sync");
      disk.syncDirectory("/");
      disk.crash(kind, new PrngChoices("x"), { kind: "none" });
      expect([kind, disk.files("durable").length]).toEqual([kind, kind === "os" ? 1 : 0]);
    }
  });

  it("comes to write what it was told eight syncs ago", () => {
    const disk = new VirtualDisk({ profile: PROFILES["lying-drive"] });
    const file = disk.open("/file", "create");
    for (let sync = 1; sync <= 10; sync += 1) {
      disk.write(file, filled(1, sync), 0);
      disk.sync(file, "sync");
    }
    disk.crash("power", new PrngChoices("x"), { kind: "none" });
    expect(sectorsOf(disk, "durable")).toBe("2");
  });
});
