import { keyOf, RECORD_BYTES, Values } from "../records.ts";
import { DEFAULT_NEEDS, type Store, type StoreNeeds } from "../store.ts";
import type { Task } from "../task.ts";
import { checkFound, figuresOf, type Workload, type WorkloadContext } from "./workload.ts";

const MB = 1_000_000;

/** So many puts wait at once while the log for a crash is written; each is a transaction of its own. */
const CRASH_CLIENTS = 256;

/** O1: from the call of open to the first value; closing is not measured. */
export const cleanOpens: Workload = async (context) => {
  const { keys, budgetMs } = context.task;
  let opens = 0;
  let elapsedMs = 0;
  while (elapsedMs < budgetMs) {
    const opened = await timedOpen(context, { ...DEFAULT_NEEDS, keys }, keyOf(keys - 1));
    elapsedMs += opened.elapsedMs;
    opens += 1;
    await opened.store.close();
  }
  return figuresOf({ steps: opens, elapsedMs });
};

/** O2: megabytes of keys and values that are back, per second, however much log the peer wrote for them. */
export const crashedOpen: Workload = async (context) => {
  const puts = crashPuts(context.task);
  const needs = { ...DEFAULT_NEEDS, logBytes: context.task.logBytes };
  const { store, elapsedMs } = await timedOpen(context, needs, keyOf(puts - 1));
  checkFound(await read(store, keyOf(0)));
  await store.close();
  return figuresOf({ steps: 1, elapsedMs }, (puts * RECORD_BYTES) / MB);
};

/** Leaves a log of one-put transactions behind, and dies of kill -9. Never returns. */
export async function crash({ task, open }: WorkloadContext): Promise<void> {
  const puts = crashPuts(task);
  const store = await open(task.directory, {
    ...DEFAULT_NEEDS,
    logBytes: task.logBytes,
    concurrent: true,
  });
  const values = new Values("crash");
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < puts) {
      const index = next;
      next += 1;
      await store.put(keyOf(index), values.of(index));
    }
  };
  await Promise.all(Array.from({ length: CRASH_CLIENTS }, client));
  process.kill(process.pid, "SIGKILL");
}

function crashPuts({ logBytes }: Task): number {
  return Math.floor(logBytes / RECORD_BYTES);
}

async function timedOpen(
  { task, open }: WorkloadContext,
  needs: StoreNeeds,
  key: string,
): Promise<{ readonly store: Store; readonly elapsedMs: number }> {
  const start = performance.now();
  const store = await open(task.directory, needs);
  const value = await read(store, key);
  const elapsedMs = performance.now() - start;
  checkFound(value);
  return { store, elapsedMs };
}

async function read({ get, getSync }: Store, key: string): Promise<unknown> {
  return getSync?.(key) ?? (await get?.(key));
}
