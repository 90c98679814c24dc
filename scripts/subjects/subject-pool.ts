import type { Piscina } from "piscina";
import { createThreads } from "../threads.ts";
import type { SubjectAnswer, SubjectTask } from "./subject-worker.ts";

/** Real time after which a seed that has not ended never will: most take less than a second. */
const HANG_MS_MAX = 120_000;
/** An engine that a damaged image makes allocate without bound ends with its thread. */
const HEAP_MIB_MAX = 2048;

/** What became of a seed: an answer, or that its thread had to be stopped. */
export type PoolAnswer = SubjectAnswer | { readonly kind: "hung"; readonly message: string };

/** Runs seeds of subjects on threads, so that an engine that runs away ends with its thread. */
export class SubjectPool {
  private readonly pool: Piscina<SubjectTask, SubjectAnswer>;
  private readonly hangMsMax: number;

  constructor(workers: number, hangMsMax: number = HANG_MS_MAX) {
    this.hangMsMax = hangMsMax;
    const file = new URL("subject-worker.js", import.meta.url);
    const name = "runSubjectTask";
    this.pool = createThreads({ file, name, workers, heapMiBMax: HEAP_MIB_MAX });
  }

  /** Whoever gives tasks gives no more at a time than there are threads: its time begins at once. */
  async run(task: SubjectTask): Promise<PoolAnswer> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), this.hangMsMax);
    try {
      return await this.pool.run(task, { signal: abort.signal });
    } catch (error) {
      const message = abort.signal.aborted
        ? `it did not come to an end within ${this.hangMsMax / 1000} s`
        : `its thread died: ${error instanceof Error ? error.message : String(error)}`;
      return { kind: "hung", message };
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }
}
