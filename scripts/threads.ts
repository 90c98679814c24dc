import { Piscina } from "piscina";

/** How tasks are run on threads that last: one task at a time on each, and none that has ended is replaced. */
export function createThreads<Task, Answer>(options: {
  /** Threads load JavaScript only: a built file. */
  readonly file: URL;
  /** The function that it exports. */
  readonly name: string;
  readonly workers: number;
  /** @defaultValue the runtime's */
  readonly heapMiBMax?: number;
}): Piscina<Task, Answer> {
  const { file, name, workers, heapMiBMax } = options;
  const pool = new Piscina<Task, Answer>({
    filename: file.href,
    name,
    minThreads: workers,
    maxThreads: workers,
    idleTimeout: Infinity,
    // Workers wait on messages, not in Atomics.wait: a run needs the event loop's macro-tasks.
    atomics: "disabled",
    concurrentTasksPerWorker: 1,
    ...(heapMiBMax === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMiBMax } }),
  });
  // A worker that fails while it has no task: the next task meets the same failure and reports it.
  pool.on("error", () => {});
  return pool;
}
