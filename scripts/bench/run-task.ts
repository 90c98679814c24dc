import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { isOutcome, type Outcome, type Task } from "./task.ts";

/** The built file beside this one's: a plain Node.js process loads JavaScript only. */
const RUNNER = fileURLToPath(new URL("runner.js", import.meta.url));

/** Runs a task in a process of its own, which is killed when the signal is aborted. Never rejects. */
export function runTask(task: Task, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    let outcome: Outcome | undefined;
    const child = fork(RUNNER, [JSON.stringify(task)], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const kill = (): void => {
      child.kill("SIGKILL");
    };
    if (signal.aborted) {
      kill();
    }
    signal.addEventListener("abort", kill);
    child.on("message", (message) => {
      outcome = isOutcome(message) ? message : undefined;
    });
    child.on("error", (error) => {
      outcome ??= { kind: "failed", message: error.message };
    });
    child.on("close", (status, killedBy) => {
      signal.removeEventListener("abort", kill);
      resolve(outcome ?? endedSilently(task, status, killedBy));
    });
  });
}

function endedSilently(task: Task, status: number | null, killedBy: string | null): Outcome {
  if (task.job === "crash" && killedBy === "SIGKILL") {
    return {
      kind: "measured",
      figures: { perSecond: 0, operations: 0, elapsedMs: 0 },
      peakBytes: 0,
    };
  }
  return { kind: "failed", message: `ended with ${killedBy ?? `status ${String(status)}`}` };
}
