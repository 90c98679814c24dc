import type { Experimenter } from "../experimenter.ts";
import type { LabRunner } from "../lab-task.ts";

/** Runs tasks in this thread, for tests: threads load JavaScript only. */
export function localRunner(experimenter: Experimenter): LabRunner {
  return {
    storm: (task) => experimenter.storm(task),
    shrink: (task) => experimenter.shrink(task),
    price: async (task) => ({ kind: "price", price: await experimenter.price(task) }),
    close: () => Promise.resolve(),
  };
}
