import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { createNodeFileIO, nodePlatform, open } from "../../engine/platform/node/index.ts";
import {
  type LabPolicy,
  MeteredFiles,
  PolicyError,
  type Price,
  PRICE_LOAD,
  quantile,
  withPolicySyncs,
} from "../../sim/lab/index.ts";

/** How long the load runs under each policy. */
const REAL_MS = 1500;

/**
 * The same load as on the simulated devices, on this machine's disk: in the directory for temporary files,
 * which `TMPDIR` moves. Figures of a machine that does other things as well; read them as ratios.
 *
 * @throws PolicyError when commits wait for ever.
 */
export async function measureReal(policy: LabPolicy): Promise<Price> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "seawall-policies-"));
  const remove = (): void => fs.rmSync(directory, { recursive: true, force: true });
  // A second interrupt ends the process at once, past every `finally`.
  process.on("exit", remove);
  try {
    return await measureIn(path.join(directory, "store"), policy);
  } finally {
    process.off("exit", remove);
    remove();
  }
}

async function measureIn(directory: string, policy: LabPolicy): Promise<Price> {
  const meter = new MeteredFiles(createNodeFileIO());
  const files = withPolicySyncs(meter.files(), policy);
  const db = await open(directory, {
    platform: { ...nodePlatform(), files },
    syncPolicy: policy,
    isolation: "read-committed",
  });
  const before = { syncs: meter.syncs, bytes: meter.bytesWritten };
  const value = "v".repeat(PRICE_LOAD.valueBytes);
  const latenciesMs: number[] = [];
  const beganMs = performance.now();
  let endedMs = beganMs;
  const client = async (index: number): Promise<void> => {
    for (let round = 0; performance.now() - beganMs < REAL_MS; round += 1) {
      const calledMs = performance.now();
      await db.put(
        `${String(round % 1000).padStart(14, "0")}${String(index).padStart(2, "0")}`,
        value,
      );
      endedMs = performance.now();
      latenciesMs.push(endedMs - calledMs);
    }
  };
  const clients = Array.from({ length: PRICE_LOAD.clients }, (_, index) => client(index));
  await withDeadline(policy, Promise.all(clients));
  await db.sync();
  const { syncs, bytesWritten } = meter;
  await db.close();
  const commits = latenciesMs.length;
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return {
    commitsPerSecond: (commits * 1000) / (endedMs - beganMs),
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    syncsPerCommit: (syncs - before.syncs) / commits,
    bytesPerByte: (bytesWritten - before.bytes) / (commits * (PRICE_LOAD.valueBytes + 16)),
  };
}

async function withDeadline<T>(policy: LabPolicy, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new PolicyError(`policy "${policy.name}" leaves commits waiting on the real disk`));
    }, REAL_MS * 10);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
