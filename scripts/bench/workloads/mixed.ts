import { createRandom } from "../random.ts";
import { KeySequence, Values } from "../records.ts";
import { timeSteps } from "../stopwatch.ts";
import { DEFAULT_NEEDS, readerOf } from "../store.ts";
import { createZipfian, scatter } from "../zipfian.ts";
import { figuresOf, openWarm, withStore, type Workload } from "./workload.ts";

const SEQUENCE_LENGTH = 200_000;

/**
 * M1a, M1b: one client that reads and updates. A peer with both kinds of get uses the synchronous one where it
 * answers, as its users would.
 */
export function readsAndUpdates(readShare: number): Workload {
  return async (context) => {
    const { task } = context;
    const needs = { ...DEFAULT_NEEDS, keys: task.keys };
    return await withStore(openWarm(context, needs), async (store) => {
      const random = createRandom("mixed");
      const rank = createZipfian(task.keys, random);
      const keys = new KeySequence(SEQUENCE_LENGTH, () => scatter(rank(), task.keys));
      const isRead = Uint8Array.from({ length: SEQUENCE_LENGTH }, () =>
        random.share() < readShare ? 1 : 0,
      );
      const values = new Values("mixed");
      const read = readerOf(store);
      const lap = await timeSteps(task.budgetMs, (step) =>
        isRead[step % SEQUENCE_LENGTH] === 1
          ? read(keys.at(step))
          : store.put(keys.at(step), values.of(step)),
      );
      return figuresOf(lap);
    });
  };
}
