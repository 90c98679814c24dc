import { createRandom } from "../random.ts";
import { KeySequence, keyOf } from "../records.ts";
import { timeSteps, timeSyncSteps } from "../stopwatch.ts";
import { DEFAULT_NEEDS, type Store } from "../store.ts";
import {
  checkCount,
  checkFound,
  figuresOf,
  openWarm,
  withStore,
  type Workload,
  type WorkloadContext,
} from "./workload.ts";

const SEQUENCE_MAX = 200_000;
const SCAN_ENTRIES = 100;

/** R1: as the asynchronous API has it, the next get after the one before. */
export const asyncGets: Workload = async (context) =>
  await withStore(openLoaded(context), async (store) => {
    const keys = randomKeys(context.task.keys);
    const get = needed(store.get, "an asynchronous get");
    checkFound(await get(keys.at(0)));
    return figuresOf(await timeSteps(context.task.budgetMs, (step) => get(keys.at(step))));
  });

/** R1s */
export const syncGets: Workload = async (context) =>
  await withStore(openLoaded(context), (store) => {
    const keys = randomKeys(context.task.keys);
    const get = needed(store.getSync, "a synchronous get");
    checkFound(get(keys.at(0)));
    return figuresOf(
      timeSyncSteps(context.task.budgetMs, (step) => get(keys.at(step)) !== undefined),
    );
  });

/** R2: whole scans, as many as the budget takes, at least one. */
export const fullScan: Workload = async (context) =>
  await withStore(openLoaded(context), async (store) => {
    const { keys, budgetMs } = context.task;
    const start = performance.now();
    let scans = 0;
    let elapsedMs = 0;
    while (elapsedMs < budgetMs) {
      checkCount(await store.scan(keyOf(0), keys), keys);
      scans += 1;
      elapsedMs = performance.now() - start;
    }
    return figuresOf({ steps: scans, elapsedMs }, keys);
  });

/** R3 */
export const shortScans: Workload = async (context) =>
  await withStore(openLoaded(context), async (store) => {
    const keys = randomKeys(context.task.keys - SCAN_ENTRIES);
    checkCount(await store.scan(keys.at(0), SCAN_ENTRIES), SCAN_ENTRIES);
    const lap = await timeSteps(context.task.budgetMs, async (step) =>
      store.scan(keys.at(step), SCAN_ENTRIES),
    );
    return figuresOf(lap);
  });

function openLoaded(context: WorkloadContext): Promise<Store> {
  return openWarm(context, { ...DEFAULT_NEEDS, keys: context.task.keys, readOnly: true });
}

function randomKeys(keys: number): KeySequence {
  const random = createRandom("reads");
  return new KeySequence(Math.min(keys, SEQUENCE_MAX), () => random.below(keys));
}

function needed<T>(call: T | undefined, what: string): T {
  if (call === undefined) {
    throw new Error(`the catalog promises ${what}, and the peer has none`);
  }
  return call;
}
