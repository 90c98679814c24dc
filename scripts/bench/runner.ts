import process from "node:process";
import { loadPeer, MissingPeerError } from "./peers/load-peer.ts";
import { taskOf, type Outcome, type Task } from "./task.ts";
import { RUN_WORKLOAD } from "./workloads/index.ts";
import { crash } from "./workloads/opens.ts";

// A process of its own for each peer and workload: no heap, compiled code or native library of one can help
// or hinder another. The task is the argument, the outcome a message.

const task = taskOf(process.argv[2] ?? "");
// Whoever asked is gone: nobody wants the outcome any more.
process.on("disconnect", () => process.exit(1));
const outcome = await outcomeOf(task);
if (process.send === undefined) {
  // Started by hand, for a profile: node --cpu-prof dist/scripts/bench/runner.js '{"peer":"seawall","job":"W1",...}'
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
} else {
  process.send(outcome, () => process.exit(0));
}

async function outcomeOf(asked: Task): Promise<Outcome> {
  try {
    const context = { task: asked, open: await loadPeer(asked.peer) };
    if (asked.job === "crash") {
      await crash(context);
      return { kind: "failed", message: "outlived kill -9" };
    }
    const figures = await RUN_WORKLOAD[asked.job](context);
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    return { kind: "measured", figures, peakBytes };
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return error instanceof MissingPeerError
      ? { kind: "missing", message: error.message }
      : { kind: "failed", message };
  }
}
