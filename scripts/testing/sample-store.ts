import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { nodePlatform, open, type Platform } from "../../engine/platform/node/index.ts";

/** Where a store for a test lives. */
export function scratchDirectory(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), "seawall-store-"));
}

/** The real disk, with the same time and the same chance in every run. */
function repeatable(): Platform {
  const { files, clock } = nodePlatform();
  let drawn = 0;
  return {
    files,
    clock: { ...clock, nowMs: () => Date.UTC(2026, 0, 1) },
    entropy: { uint32: () => (drawn += 1) },
  };
}

const SMALL = { segmentBytes: 64 * 1024, sectorBytes: 512, pageBytes: 4096 } as const;

export interface SampleOptions {
  /** Its log files are those of a process that died after its last commits. @defaultValue false */
  readonly crashed?: boolean;
  /** @defaultValue 1 */
  readonly copies?: 1 | 2;
}

/**
 * Makes a small store with every kind of page and most kinds of records: the same bytes in every run. Closed in good
 * order, unless `crashed`.
 */
export async function makeSampleStore(
  directory: string,
  { crashed = false, copies = 1 }: SampleOptions = {},
): Promise<void> {
  const platform = repeatable();
  const db = await open(directory, { ...SMALL, platform, copies });
  await db.batch(
    Array.from({ length: 100 }, (_, i) => ({
      type: "put" as const,
      key: `key-${String(i).padStart(3, "0")}`,
      value: { number: i, text: "x".repeat(40) },
    })),
  );
  await db.put("large", "L".repeat(9000));
  await db.put("gone", "g".repeat(9000));
  await db.delete("gone");
  await db.checkpoint();
  await db.put("text", "some text");
  await db.put(Uint8Array.of(1, 2), Uint8Array.of(255, 0));
  await db.delete("key-050");
  await db.sync();
  await untilQuiet(directory);
  if (!crashed) {
    await db.close();
    return;
  }
  const copy = `${directory}.crashed`;
  fs.cpSync(directory, copy, { recursive: true });
  await db.close();
  fs.rmSync(directory, { recursive: true });
  fs.renameSync(copy, directory);
}

/** Log files are made ahead, in the background: two that count, one that is ready, three in reserve. */
async function untilQuiet(directory: string): Promise<void> {
  const isDone = (): boolean => {
    const names = fs.readdirSync(directory);
    return (
      names.filter((name) => name.endsWith(".log")).length >= 6 &&
      !names.some((name) => name.includes(".new"))
    );
  };
  while (!isDone()) {
    await sleep(5);
  }
}

/** Every file of a directory with a hash of its bytes. */
export function contentsOf(directory: string): ReadonlyMap<string, string> {
  const names = fs.readdirSync(directory).toSorted();
  return new Map(names.map((name) => [name, hashOf(path.join(directory, name))]));
}

function hashOf(file: string): string {
  return createHash("sha256").update(fs.readFileSync(file)).digest("hex");
}

export function flipByte(directory: string, name: string, offset: number): void {
  const file = path.join(directory, name);
  const bytes = fs.readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(offset) ^ 0x10, offset);
  fs.writeFileSync(file, bytes);
}
