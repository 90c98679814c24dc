import type { BatchOperation } from "../../engine/transactions/batch-operation.ts";
import type { CommitReceipt } from "../../engine/transactions/transaction-manager.ts";
import { Attempt } from "../oracle/history.ts";
import { violation } from "../oracle/verdict.ts";
import type { BatchItem, WriteStep } from "../scenario/client-program.ts";
import { ABSENT } from "../scenario/values.ts";
import { type ClientCalls, scribble } from "./client-calls.ts";
import { describeError, stackOf } from "./engine-port.ts";
import type { FailedCall } from "./rejections.ts";

/** Commit is about to be called. */
export function noteCall(calls: ClientCalls, attempt: Attempt): void {
  const { life, world } = calls.context;
  for (const content of attempt.writes.values()) {
    attempt.bytes += world.values.bytesOf(content);
  }
  life.called(attempt, world.scheduler.steps);
  world.trace.event("commit", calls.client, attempt.writes.size);
}

/** The store acknowledged; judges whether it may. `durable`: the call asked for a sync. */
export function noteAcknowledged(
  calls: ClientCalls,
  attempt: Attempt,
  number: number,
  durable: boolean,
): void {
  const { life, world } = calls.context;
  const synced = durable || world.policy.acknowledgeAt === "synced";
  const { acked } = life;
  life.acknowledged(attempt, { number, durable: synced }, world.nowMs);
  if (life.acked > acked) {
    life.writesWhenAcked = world.injector.coverage.writes;
  }
  world.trace.event("acknowledged", calls.client, number);
  if (attempt.writes.size > 0 && world.injector.seen.syncFailure) {
    world.broken(
      violation("P10", `commit ${number} was acknowledged after a failed sync`, [
        `client ${calls.client}`,
      ]),
    );
  }
}

/** One put or delete through the store itself. */
export async function oneShot(calls: ClientCalls, step: WriteStep): Promise<void> {
  const { db, world } = calls.context;
  const attempt = new Attempt(calls.client, "read-committed");
  const { rank, content } = calls.registerWrite(attempt, step);
  const key = world.keys.key(rank);
  await settle(calls, calls.callOf(step.do, attempt, rank), attempt, () => {
    if (content === ABSENT) {
      return db.delete(key);
    }
    const value = world.values.materialise(content);
    const receipt = db.put(key, value);
    // The call has been made; what becomes of the caller's buffer now is none of the store's business.
    world.probes.when(scribble(value), "value-changed-by-its-owner");
    return receipt;
  });
}

/** Several writes that are one commit. */
export async function batch(calls: ClientCalls, item: BatchItem): Promise<void> {
  const { db, world } = calls.context;
  const attempt = new Attempt(calls.client, "read-committed");
  const operations = item.writes.map((step): BatchOperation => {
    const { rank, content } = calls.registerWrite(attempt, step);
    const key = world.keys.key(rank);
    return content === ABSENT
      ? { type: "delete", key }
      : { type: "put", key, value: world.values.materialise(content) };
  });
  await settle(calls, calls.callOf("batch", attempt), attempt, () => db.batch(operations));
}

async function settle(
  calls: ClientCalls,
  call: FailedCall,
  attempt: Attempt,
  work: () => Promise<CommitReceipt>,
): Promise<void> {
  noteCall(calls, attempt);
  try {
    const { commitNumber } = await work();
    noteAcknowledged(calls, attempt, commitNumber, false);
  } catch (error) {
    calls.rejected(error, call);
  }
}

/** An exception of the client itself, which no call of the store threw. */
export function clientFailed(calls: ClientCalls, error: unknown): void {
  const details = [describeError(error), stackOf(error)];
  calls.context.world.broken(violation("harness", `client ${calls.client} failed`, details));
}
