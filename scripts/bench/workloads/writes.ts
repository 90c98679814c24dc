import process from "node:process";
import { createRandom } from "../random.ts";
import { KeySequence, keyOf, Values } from "../records.ts";
import { timeClients, timeSteps } from "../stopwatch.ts";
import { DEFAULT_NEEDS, type Put } from "../store.ts";
import type { Figures } from "../task.ts";
import { countingDisk, figuresOf, withStore, type Workload } from "./workload.ts";

const CLIENTS = 64;
const BATCH_PUTS = 1000;
const SEQUENCE_MAX = 200_000;

/** W1, W3a: one put after the other. */
export function singlePuts(durable: boolean): Workload {
  return async ({ task, open }) => {
    const { keys, values } = inputs(task.keys);
    return await withStore(open(task.directory, { ...DEFAULT_NEEDS, durable }), (store) =>
      countingDisk(task.directory, async (committed) => {
        const lap = await timeSteps(task.budgetMs, (step) => {
          committed(1);
          return store.put(keys.at(step), values.of(step));
        });
        return figuresOf(lap);
      }),
    );
  };
}

/** W2: each of the clients waits for its own put. */
export const concurrentPuts: Workload = async ({ task, open }) => {
  const { keys, values } = inputs(task.keys);
  const needs = { ...DEFAULT_NEEDS, durable: true, concurrent: true };
  return await withStore(open(task.directory, needs), (store) =>
    countingDisk(task.directory, async (committed) => {
      const lap = await timeClients(CLIENTS, task.budgetMs, (step) => {
        committed(1);
        return store.put(keys.at(step), values.of(step));
      });
      return figuresOf(lap);
    }),
  );
};

/** W3b: random keys, as a batch finds them in life. */
export const batches: Workload = async ({ task, open }) => {
  const { keys, values } = inputs(task.keys);
  return await withStore(open(task.directory, DEFAULT_NEEDS), (store) =>
    countingDisk(task.directory, async (committed) => {
      const lap = await timeSteps(task.budgetMs, (step) => {
        committed(BATCH_PUTS);
        return store.putBatch(batchOf(step * BATCH_PUTS, keys, values));
      });
      return figuresOf(lap, BATCH_PUTS);
    }),
  );
};

/**
 * L1: every key in order, and closed. What it leaves is the store that the reading workloads open, so what
 * a peer puts off is done at the end, outside the measurement.
 */
export const bulkLoad: Workload = async ({ task, open }) => {
  const values = new Values("bulk load");
  let peakHeapBytes = 0;
  const figures = await countingDisk(task.directory, async (committed): Promise<Figures> => {
    const start = performance.now();
    const store = await open(task.directory, DEFAULT_NEEDS);
    for (let first = 0; first < task.keys; first += BATCH_PUTS) {
      const puts = ascending(first, Math.min(BATCH_PUTS, task.keys - first), values);
      committed(puts.length);
      await store.putBatch(puts);
      // Some microseconds in a batch of a thousand: nobody's figure shows it.
      peakHeapBytes = Math.max(peakHeapBytes, process.memoryUsage().heapUsed);
    }
    await store.close();
    return figuresOf({ steps: task.keys, elapsedMs: performance.now() - start });
  });
  const store = await open(task.directory, DEFAULT_NEEDS);
  await store.settle();
  await store.close();
  return { ...figures, peakHeapBytes };
};

interface Inputs {
  readonly keys: KeySequence;
  readonly values: Values;
}

function inputs(keys: number): Inputs {
  const random = createRandom("writes");
  return {
    keys: new KeySequence(Math.min(keys, SEQUENCE_MAX), () => random.below(keys)),
    values: new Values("writes"),
  };
}

function batchOf(first: number, keys: KeySequence, values: Values): Put[] {
  return Array.from({ length: BATCH_PUTS }, (_, i) => ({
    key: keys.at(first + i),
    value: values.of(first + i),
  }));
}

function ascending(first: number, length: number, values: Values): Put[] {
  return Array.from({ length }, (_, i) => ({ key: keyOf(first + i), value: values.of(first + i) }));
}
