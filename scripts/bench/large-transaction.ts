import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "../../engine/index.ts";
import { nodePlatform } from "../../engine/platform/node/index.ts";

/*
 * A transaction far larger than memory commits, and another one is rolled back, while a reader keeps its
 * snapshot. Run with a heap that could not hold it:
 *
 *   node --max-old-space-size=256 dist/scripts/bench/large-transaction.js [MiB] [directory]
 */
const VALUE_BYTES = 1000;
const READS = 1000;

const mebibytes = Number(process.argv[2] ?? 2048);
const count = Math.floor((mebibytes * 1024 * 1024) / VALUE_BYTES);

function keyOf(n: number): string {
  return `key ${String(n).padStart(10, "0")}`;
}

function mib(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}

function say(what: string, sinceMs: number): void {
  const { rss, heapUsed } = process.memoryUsage();
  const seconds = ((performance.now() - sinceMs) / 1000).toFixed(1);
  process.stdout.write(`${what}: ${seconds} s, heap ${mib(heapUsed)}, resident ${mib(rss)}\n`);
}

async function write(db: Database, fill: number, ending: "commit" | "rollback"): Promise<void> {
  const startMs = performance.now();
  const value = new Uint8Array(VALUE_BYTES).fill(fill);
  const tx = db.begin();
  for (let n = 0; n < count; n += 1) {
    await tx.put(keyOf(n), value);
  }
  say(`${count} puts of ${VALUE_BYTES} bytes`, startMs);
  const endMs = performance.now();
  await tx[ending]();
  say(ending, endMs);
}

/** Every so many-th value, as one snapshot sees it. */
async function firstBytes(read: (key: string) => Promise<unknown>): Promise<Set<unknown>> {
  const seen = new Set<unknown>();
  const step = Math.max(1, Math.floor(count / READS));
  for (let n = 0; n < count; n += step) {
    const value = await read(keyOf(n));
    seen.add(value instanceof Uint8Array ? value[0] : value);
  }
  return seen;
}

async function run(directory: string): Promise<void> {
  const db = await Database.open({ directory, platform: nodePlatform() });
  const reader = db.begin({ isolation: "snapshot" });
  await write(db, 1, "commit");
  const second = db.begin({ isolation: "snapshot" });
  await write(db, 2, "rollback");
  const seen = [
    await firstBytes((key) => reader.get(key)),
    await firstBytes((key) => second.get(key)),
    await firstBytes((key) => db.get(key)),
  ];
  process.stdout.write(
    `seen before the commit, after it, and after the rollback: ${seen.map((values) => [...values].join("/") || "nothing").join(", ")}\n`,
  );
  await reader.rollback();
  await second.rollback();
  const closeMs = performance.now();
  await db.close();
  say("close", closeMs);
}

const directory = process.argv[3] ?? (await mkdtemp(join(tmpdir(), "seawall-large-")));
try {
  await run(directory);
} finally {
  await rm(directory, { recursive: true });
}
