import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Chunk } from "./chunk.ts";
import { WorkerPool } from "./worker-pool.ts";

vi.setConfig({ testTimeout: 60_000 });

let directory: string;
let workerUrl: URL;

/** Seeds of the fake worker: 1 hangs in a loop, 2 ends its process, 3 throws, others finish. */
const WORKER = `
export async function runWorkerChunk({ chunk, progress }) {
  const cells = new BigInt64Array(progress);
  for (let seed = chunk.first; seed < chunk.first + chunk.count; seed += 1) {
    Atomics.store(cells, 0, BigInt(seed));
    Atomics.add(cells, 1, 1n);
    if (seed === 1) for (;;);
    if (seed === 2) process.exit(7);
    if (seed === 3) throw new Error("thrown");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { ran: chunk.count };
}
`;

beforeAll(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "seawall-pool-"));
  const file = path.join(directory, "worker.mjs");
  fs.writeFileSync(file, WORKER);
  workerUrl = pathToFileURL(file);
});

afterAll(() => {
  fs.rmSync(directory, { recursive: true });
});

function chunk(first: number, count: number): Chunk {
  return { first, count, selection: {} };
}

test("a hanging, a dying and a throwing worker are named by seed, and the pool works on", async () => {
  const pool = new WorkerPool({ workers: 2, workerUrl, hangMsMax: 400 });
  try {
    await expect(pool.run(chunk(0, 5))).rejects.toMatchObject({ kind: "hung", seed: 1 });
    await expect(pool.run(chunk(2, 5))).rejects.toMatchObject({ kind: "worker-crash", seed: 2 });
    await expect(pool.run(chunk(3, 5))).rejects.toMatchObject({
      kind: "worker-crash",
      seed: 3,
      message: "the worker died: thrown",
    });
    // Longer in all than a hang, but no single seed is.
    expect(await pool.run(chunk(10, 6))).toEqual({ ran: 6 });
  } finally {
    await pool.close();
  }
});

test("a worker that cannot be loaded is lost before its first seed", async () => {
  const nowhere = new URL("missing.mjs", workerUrl);
  const pool = new WorkerPool({ workers: 1, workerUrl: nowhere });
  await expect(pool.run(chunk(1, 1))).rejects.toMatchObject({
    kind: "worker-crash",
    seed: undefined,
  });
  await pool.close();
});

test("closing the pool ends what runs, and closing twice is harmless", async () => {
  const pool = new WorkerPool({ workers: 1, workerUrl });
  const running = pool.run(chunk(1, 1)).catch((error: unknown) => error);
  await new Promise((resolve) => {
    setTimeout(resolve, 200);
  });
  await pool.close();
  await pool.close();
  expect(await running).toMatchObject({ kind: "worker-crash" });
});
