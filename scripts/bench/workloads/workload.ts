import { writtenBytes } from "../disk-bytes.ts";
import { keyOf, RECORD_BYTES, VALUE_BYTES } from "../records.ts";
import type { Lap } from "../stopwatch.ts";
import type { OpenStore, Store, StoreNeeds } from "../store.ts";
import type { Figures, Task } from "../task.ts";

export interface WorkloadContext {
  readonly task: Task;
  readonly open: OpenStore;
}

/** Runs inside a process of its own, on a directory in the state that the catalog names. */
export type Workload = (context: WorkloadContext) => Promise<Figures>;

export function figuresOf({ steps, elapsedMs }: Lap, perStep = 1): Figures {
  const operations = steps * perStep;
  return { perSecond: operations / (elapsedMs / 1000), operations, elapsedMs };
}

/** Opens, measures, closes. */
export async function withStore(
  opening: Promise<Store>,
  measure: (store: Store) => Promise<Figures> | Figures,
): Promise<Figures> {
  const store = await opening;
  const figures = await measure(store);
  await store.close();
  return figures;
}

/**
 * Opens a loaded store and reads everything once. What is measured then is a warm store, of which as much is in
 * memory as its owner keeps there.
 */
export async function openWarm(context: WorkloadContext, needs: StoreNeeds): Promise<Store> {
  const { directory, keys } = context.task;
  const store = await context.open(directory, needs);
  checkCount(await store.scan(keyOf(0), keys), keys);
  return store;
}

export function checkCount(found: number, expected: number): void {
  if (found !== expected) {
    throw new Error(`a scan of ${expected} entries found ${found}`);
  }
}

/** A measuring step that also counts what it commits, warm-up included, and what reaches the disk meanwhile. */
export async function countingDisk(
  directory: string,
  measure: (committed: (puts: number) => void) => Promise<Figures>,
): Promise<Figures> {
  const before = writtenBytes(directory);
  let puts = 0;
  const figures = await measure((more) => {
    puts += more;
  });
  const after = writtenBytes(directory);
  const handed = after.handed === undefined ? undefined : after.handed - (before.handed ?? 0);
  const written = { ...after, handed, dirtied: after.dirtied - before.dirtied };
  return { ...figures, committedBytes: puts * RECORD_BYTES, written };
}

/** A peer that finds nothing is fast, and its figures mean nothing. */
export function checkFound(value: unknown): void {
  if (!(value instanceof Uint8Array) || value.length !== VALUE_BYTES) {
    throw new Error("a key that was loaded has no value, or another one");
  }
}
