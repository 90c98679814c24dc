import type { ChunkResult } from "./chunk.ts";
import { runChunk } from "./run-chunk.ts";
import { createSeawallSimulation } from "./seawall-simulation.ts";
import type { WorkerTask } from "./worker-pool.ts";
import { WorkerProgress } from "./worker-progress.ts";

const simulation = await createSeawallSimulation();

/** What a pool's thread runs. */
export async function runWorkerChunk({ chunk, progress }: WorkerTask): Promise<ChunkResult> {
  const shared = new WorkerProgress(progress);
  return runChunk(chunk, simulation, (seed) => shared.begin(seed));
}
