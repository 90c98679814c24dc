import { unreachable } from "../../engine/base/assert.ts";
import type { DiskOperationKind } from "./disk-faults.ts";

/** How long a device takes, in microseconds of virtual time. */
export interface DeviceTiming {
  readonly name: string;
  /** A call that only touches the operating system's memory: most reads and all writes. */
  readonly memoryUs: number;
  /** A call that changes or reads names. */
  readonly nameUs: number;
  /** A sync of data that only overwrites. */
  readonly syncUs: number;
  /** What a sync costs on top when the file has grown: the journal is written too. */
  readonly growthUs: number;
  /** Bytes that reach the medium per microsecond. */
  readonly bytesPerUs: number;
}

export type DeviceTimingName = "nvme" | "nvme-plp" | "ssd" | "hdd";

export const DEVICE_TIMINGS: Readonly<Record<DeviceTimingName, DeviceTiming>> = {
  nvme: { name: "NVMe", memoryUs: 8, nameUs: 12, syncUs: 80, growthUs: 300, bytesPerUs: 1500 },
  "nvme-plp": {
    name: "NVMe with power-loss protection",
    memoryUs: 8,
    nameUs: 12,
    syncUs: 20,
    growthUs: 60,
    bytesPerUs: 1500,
  },
  ssd: { name: "SATA SSD", memoryUs: 8, nameUs: 15, syncUs: 900, growthUs: 1500, bytesPerUs: 450 },
  hdd: {
    name: "hard disk",
    memoryUs: 8,
    nameUs: 20,
    syncUs: 8500,
    growthUs: 17_000,
    bytesPerUs: 150,
  },
};

/** What each call has to wait for. */
const WHERE: Readonly<Record<DiskOperationKind, "medium" | "names" | "memory">> = {
  "sync-directory": "medium",
  sync: "medium",
  datasync: "medium",
  open: "names",
  "read-directory": "names",
  "make-directory": "names",
  "remove-directory": "names",
  rename: "names",
  unlink: "names",
  lock: "names",
  stat: "memory",
  read: "memory",
  write: "memory",
  truncate: "memory",
  preallocate: "memory",
  size: "memory",
  close: "memory",
};

/** What a sync has to do. */
export interface SyncWork {
  readonly bytes: number;
  readonly grows: boolean;
}

/** The least that a call takes; draws may double it. `work` is given for syncs of files. */
export function latencyUs(
  timing: DeviceTiming,
  kind: DiskOperationKind,
  work: SyncWork | undefined,
): number {
  if (work !== undefined) {
    const transferUs = Math.ceil(work.bytes / timing.bytesPerUs);
    return timing.syncUs + transferUs + (work.grows ? timing.growthUs : 0);
  }
  switch (WHERE[kind]) {
    case "medium":
      return timing.syncUs + timing.growthUs;
    case "names":
      return timing.nameUs;
    case "memory":
      return timing.memoryUs;
    default:
      return unreachable(WHERE[kind]);
  }
}
