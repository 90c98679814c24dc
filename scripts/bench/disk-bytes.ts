import fs from "node:fs";
import path from "node:path";
import type { WrittenBytes } from "./task.ts";

const PROC_IO = "/proc/self/io";

/**
 * What this process has written so far, by two measures, because neither is right alone. `handed` misses
 * that a disk writes whole sectors, and writes through mapped memory. `dirtied` counts whole folios of the
 * page cache: since Linux 6.16 an ext4 file that was written in large pieces, as preallocation does, has
 * folios of up to 1 MiB, and a 4 KiB overwrite counts as one although only 4 KiB go to the disk.
 */
export function writtenBytes(directory: string): WrittenBytes {
  if (!fs.existsSync(PROC_IO)) {
    return { handed: undefined, dirtied: bytesIn(directory), dirtiedFrom: "file sizes" };
  }
  const counters = fs.readFileSync(PROC_IO, "utf8");
  return {
    handed: counter(counters, "wchar"),
    dirtied: counter(counters, "write_bytes"),
    dirtiedFrom: "/proc/self/io write_bytes",
  };
}

function counter(counters: string, name: string): number {
  return Number(new RegExp(`^${name}: (\\d+)$`, "m").exec(counters)?.[1] ?? 0);
}

function bytesIn(directory: string): number {
  const names = fs.existsSync(directory) ? fs.readdirSync(directory) : [];
  return names.reduce((sum, name) => sum + fs.statSync(path.join(directory, name)).size, 0);
}
