import { assert, defined } from "../../engine/base/assert.ts";
import type { Choices } from "../core/choices.ts";

/** How long a sync of the log takes on a device, and where that is known from. */
export interface DeviceModel {
  readonly title: string;
  /** Latency of a sync that overwrites little, in microseconds, by thousandths of all syncs; ascending. */
  readonly syncUs: readonly (readonly [perMille: number, us: number])[];
  /** Bytes a microsecond that a sync brings to the medium. */
  readonly bytesPerUs: number;
  /** Where the numbers are from, and which of them are assumed. */
  readonly source: string;
}

export const DEVICE_NAMES = ["hdd", "ssd", "nvme", "nvme-plp", "cloud"] as const;

export type DeviceName = (typeof DEVICE_NAMES)[number];

export const DEVICES: Readonly<Record<DeviceName, DeviceModel>> = {
  hdd: {
    title: "hard disk, 7,200 rpm",
    syncUs: [
      [0, 4200],
      [500, 8600],
      [900, 16_700],
      [990, 25_000],
      [1000, 60_000],
    ],
    bytesPerUs: 150,
    source:
      "Geometry: an overwrite behind the last one waits for a turn of the disk, 8.3 ms at 7,200 rpm; a " +
      "seek of the journal adds one or two. The tail is assumed.",
  },
  ssd: {
    title: "SATA SSD without power-loss protection",
    syncUs: [
      [0, 500],
      [500, 1200],
      [900, 3500],
      [990, 6000],
      [1000, 40_000],
    ],
    bytesPerUs: 450,
    source:
      "Between the 0.45 and 5.4 ms that M. Callaghan measured for syncs of consumer drives (Small Datum, " +
      "7 January 2026); quantiles and tail are assumed.",
  },
  nvme: {
    title: "consumer NVMe without power-loss protection",
    syncUs: [
      [0, 400],
      [500, 890],
      [900, 1500],
      [990, 3500],
      [1000, 20_000],
    ],
    bytesPerUs: 1500,
    source:
      "Median: 891 us for a Samsung 990 Pro (M. Callaghan, Small Datum, 7 January 2026); p99: the 3.5 ms " +
      "that P. Zaitsev reports for a Samsung 960 Pro (Percona, 18 July 2018). The rest is assumed.",
  },
  "nvme-plp": {
    title: "NVMe with power-loss protection",
    syncUs: [
      [0, 12],
      [500, 30],
      [900, 58],
      [990, 150],
      [1000, 2000],
    ],
    bytesPerUs: 1500,
    source:
      "12 to 58 us on drives with power-loss protection (M. Callaghan, Small Datum, 7 January 2026). The " +
      "tail beyond is assumed.",
  },
  cloud: {
    title: "cloud block volume",
    syncUs: [
      [0, 327],
      [500, 680],
      [900, 1000],
      [990, 2000],
      [1000, 5100],
    ],
    bytesPerUs: 125,
    source:
      "fio with fdatasync on an AWS gp3 volume: least 327, mean 700, most 5,087 us, deviation 240 (MaGe " +
      "Linux Operations, besthub.dev); 125 MB/s is gp3's base throughput. The quantiles are fitted to that.",
  },
};

/** Draws the latency of one sync of so many bytes, in whole microseconds. */
export function drawSyncUs(device: DeviceModel, bytes: number, choices: Choices): number {
  const at = choices.below(1000);
  const upper = device.syncUs.findIndex(([perMille]) => perMille > at);
  assert(upper > 0, `the latencies of ${device.title} do not cover ${at} thousandths`);
  const [fromPart, fromUs] = defined(device.syncUs[upper - 1], "a lower quantile");
  const [toPart, toUs] = defined(device.syncUs[upper], "an upper quantile");
  const us = fromUs + Math.floor(((toUs - fromUs) * (at - fromPart)) / (toPart - fromPart));
  return us + Math.ceil(bytes / device.bytesPerUs);
}
