import { Piscina } from "piscina";
import { LostChunkError, type Chunk, type ChunkResult, type ChunkRunner } from "./chunk.ts";
import { WorkerProgress } from "./worker-progress.ts";

/** What a worker is given; it exports an async function `runWorkerChunk` that takes this. */
export interface WorkerTask {
  readonly chunk: Chunk;
  readonly progress: SharedArrayBuffer;
}

export interface WorkerPoolOptions {
  readonly workers: number;
  /** A JavaScript file: workers cannot load TypeScript. */
  readonly workerUrl: URL;
  /**
   * Real time after which a seed that has not ended is stopped. Its runs take milliseconds, and are cut off
   * by themselves when they have no end; this is for threads in which that does not work.
   *
   * @defaultValue 30000
   */
  readonly hangMsMax?: number;
}

const HANG_MS_MAX = 30_000;

/** Runs chunks on threads; survives threads that hang or die, and says on which seed. */
export class WorkerPool implements ChunkRunner {
  readonly #pool: Piscina<WorkerTask, ChunkResult>;
  readonly #hangMsMax: number;

  constructor(options: WorkerPoolOptions) {
    this.#hangMsMax = options.hangMsMax ?? HANG_MS_MAX;
    this.#pool = new Piscina<WorkerTask, ChunkResult>({
      filename: options.workerUrl.href,
      name: "runWorkerChunk",
      minThreads: options.workers,
      maxThreads: options.workers,
      idleTimeout: Infinity,
      // Workers wait on messages, not in Atomics.wait: a run needs the event loop's macro-tasks.
      atomics: "disabled",
    });
    // A worker that fails while it has no task, such as one that cannot be loaded: the next run meets the same
    // failure and reports it. Without a listener it would end this process instead.
    this.#pool.on("error", () => {});
  }

  async run(chunk: Chunk): Promise<ChunkResult> {
    const shared = WorkerProgress.allocate();
    const progress = new WorkerProgress(shared);
    const abort = new AbortController();
    const watch = this.#watch(progress, abort);
    try {
      return await this.#pool.run({ chunk, progress: shared }, { signal: abort.signal });
    } catch (error) {
      if (abort.signal.aborted) {
        const message = `the run did not end within ${this.#hangMsMax / 1000} s and was stopped`;
        throw new LostChunkError("hung", progress.seed, message);
      }
      const reason = error instanceof Error ? error.message : String(error);
      throw new LostChunkError("worker-crash", progress.seed, `the worker died: ${reason}`);
    } finally {
      clearInterval(watch);
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  /** Aborting a task that runs makes the pool terminate its thread and start another. */
  #watch(progress: WorkerProgress, abort: AbortController): NodeJS.Timeout {
    let begun = 0;
    let sinceMs = performance.now();
    return setInterval(() => {
      const nowMs = performance.now();
      if (progress.begun !== begun) {
        begun = progress.begun;
        sinceMs = nowMs;
      } else if (nowMs - sinceMs > this.#hangMsMax) {
        abort.abort();
      }
    }, this.#hangMsMax / 20);
  }
}
