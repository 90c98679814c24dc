import { PolicyError } from "../../sim/lab/index.ts";
import { Experimenter } from "./experimenter.ts";
import type { LabTask, PolicyFault, PriceResult, ShrinkResult, StormResult } from "./lab-task.ts";

const experimenter = await Experimenter.create();

/** What a pool's thread runs. */
export async function runLabTask(
  task: LabTask,
): Promise<StormResult | ShrinkResult | PriceResult | PolicyFault> {
  try {
    switch (task.kind) {
      case "storm":
        return await experimenter.storm(task);
      case "shrink":
        return await experimenter.shrink(task);
      case "price":
        return { kind: "price", price: await experimenter.price(task) };
      default:
        return task satisfies never;
    }
  } catch (error) {
    if (error instanceof PolicyError) {
      return { kind: "policy-fault", message: error.message };
    }
    throw error;
  }
}
