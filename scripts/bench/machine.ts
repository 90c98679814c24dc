import os from "node:os";
import process from "node:process";

/** What figures depend on. No host name, no user, no path: a report may be shown to anyone. */
export interface MachineFacts {
  readonly date: string;
  readonly cores: number;
  readonly processor: string;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
  /** Work that waited for a core in the last minute, at the start: above 0 something else was running. */
  readonly loadAverage: number;
}

export function machineFacts(): MachineFacts {
  return {
    date: new Date().toISOString(),
    cores: os.availableParallelism(),
    processor: os.cpus()[0]?.model ?? "unknown",
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    loadAverage: Math.round((os.loadavg()[0] ?? 0) * 100) / 100,
  };
}
