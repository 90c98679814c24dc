import type { Piscina } from "piscina";
import { PolicyError } from "../../sim/lab/index.ts";
import { createThreads } from "../threads.ts";
import type {
  LabRunner,
  LabTask,
  PolicyFault,
  PriceResult,
  PriceTask,
  ShrinkResult,
  ShrinkTask,
  StormResult,
  StormTask,
} from "./lab-task.ts";

/** Real time after which a task that has not ended never will: most take a fraction of a second. */
const HANG_MS_MAX = 60_000;

type Answer = StormResult | ShrinkResult | PriceResult | PolicyFault;

/** Runs tasks on threads, so that a policy that loops for ever ends with its thread. */
export class LabPool implements LabRunner {
  private readonly pool: Piscina<LabTask, Answer>;
  private readonly hangMsMax: number;

  constructor(workers: number, hangMsMax: number = HANG_MS_MAX) {
    this.hangMsMax = hangMsMax;
    const file = new URL("lab-worker.js", import.meta.url);
    this.pool = createThreads({ file, name: "runLabTask", workers });
  }

  async storm(task: Omit<StormTask, "kind">): Promise<StormResult> {
    const answer = await this.run({ kind: "storm", ...task });
    return answer.kind === "storm" ? answer : unexpected(answer);
  }

  async shrink(task: Omit<ShrinkTask, "kind">): Promise<ShrinkResult> {
    const answer = await this.run({ kind: "shrink", ...task });
    return answer.kind === "shrink" ? answer : unexpected(answer);
  }

  async price(task: Omit<PriceTask, "kind">): Promise<PriceResult> {
    const answer = await this.run({ kind: "price", ...task });
    return answer.kind === "price" ? answer : unexpected(answer);
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }

  /** Whoever gives tasks gives no more at a time than there are threads: its time begins at once. */
  private async run(task: LabTask): Promise<Exclude<Answer, PolicyFault>> {
    const abort = new AbortController();
    const answer = await this.watched(task, abort);
    if (answer.kind === "policy-fault") {
      throw new PolicyError(answer.message);
    }
    return answer;
  }

  private async watched(task: LabTask, abort: AbortController): Promise<Answer> {
    const timer = setTimeout(() => abort.abort(), this.hangMsMax);
    try {
      return await this.pool.run(task, { signal: abort.signal });
    } catch (error) {
      if (abort.signal.aborted) {
        throw new PolicyError(
          `policy "${task.policy.name}" did not come to an end within ${this.hangMsMax / 1000} s: ` +
            "does decide() loop?",
        );
      }
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

function unexpected(answer: { readonly kind: string }): never {
  throw new TypeError(`a worker answered with ${answer.kind} to another task`);
}
