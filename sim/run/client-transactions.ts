import type { Transaction } from "../../engine/transactions/transaction.ts";
import { Attempt, type Vantage } from "../oracle/history.ts";
import { violation } from "../oracle/verdict.ts";
import type { TransactionItem, TransactionStep } from "../scenario/client-program.ts";
import { ABSENT } from "../scenario/values.ts";
import { type ClientCalls, scribble } from "./client-calls.ts";
import { noteAcknowledged, noteCall } from "./client-commits.ts";

/** Thrown by managed work to give up: the store rejected one of its calls. */
class GivenUp extends Error {
  override readonly name = "GivenUp";
}

/** Runs a transaction to its end, whatever that is. */
export async function transaction(calls: ClientCalls, item: TransactionItem): Promise<void> {
  await (item.managed ? managed(calls, item) : unmanaged(calls, item));
}

async function unmanaged(calls: ClientCalls, item: TransactionItem): Promise<void> {
  const begun = begin(calls, item);
  if (begun === undefined || !(await runSteps(calls, item, begun))) {
    return;
  }
  await calls.before();
  const { tx, attempt } = begun;
  switch (item.end) {
    case "commit":
    case "commit-sync":
      await commit(calls, begun, item.end === "commit-sync");
      break;
    case "rollback":
      await rollback(calls, tx, attempt);
      break;
    case "leave":
      attempt.state = "rolled-back";
      calls.context.world.probes.hit("left-open");
      break;
  }
}

interface Begun {
  readonly tx: Transaction;
  readonly attempt: Attempt;
}

function begin(calls: ClientCalls, item: TransactionItem): Begun | undefined {
  const call = calls.callOf("begin");
  try {
    return noteBegin(calls, calls.context.db.begin({ isolation: item.isolation }), item);
  } catch (error) {
    calls.rejected(error, call);
    return undefined;
  }
}

function noteBegin(calls: ClientCalls, tx: Transaction, item: TransactionItem): Begun {
  const { life, world } = calls.context;
  const attempt = new Attempt(calls.client, item.isolation);
  attempt.source = tx;
  life.began(attempt, tx.snapshot);
  world.trace.event("begin", calls.client, tx.snapshot);
  if (tx.snapshot < life.acked) {
    world.broken(
      violation("isolation", "a transaction began without seeing an acknowledged commit", [
        `client ${calls.client} sees commit ${tx.snapshot}, and ${life.acked} was acknowledged`,
      ]),
    );
  }
  return { tx, attempt };
}

/** False when a call was rejected: the transaction is over. */
async function runSteps(calls: ClientCalls, item: TransactionItem, begun: Begun): Promise<boolean> {
  for (const step of item.steps) {
    await calls.before();
    if (calls.context.spent || (await runStep(calls, step, begun)) !== "answered") {
      return false;
    }
  }
  return true;
}

async function runStep(
  calls: ClientCalls,
  step: TransactionStep,
  { tx, attempt }: Begun,
): Promise<string> {
  switch (step.do) {
    case "sleep":
      await calls.sleepUs(step.ms * 1000);
      return "answered";
    case "get":
      return await calls.get(tx, step.key, vantageOf(calls, attempt), attempt);
    case "scan":
      return await calls.scan(tx, step, vantageOf(calls, attempt), attempt);
    case "put":
    case "delete":
      break;
  }
  const call = calls.callOf(step.do, attempt);
  const { rank, content } = calls.registerWrite(attempt, step);
  const key = calls.context.world.keys.key(rank);
  try {
    if (content === ABSENT) {
      await tx.delete(key);
    } else {
      const value = calls.context.world.values.materialise(content);
      await tx.put(key, value);
      scribble(value);
    }
  } catch (error) {
    return calls.rejected(error, call);
  }
  return "answered";
}

function vantageOf(calls: ClientCalls, attempt: Attempt): Vantage {
  return attempt.level === "read-committed"
    ? calls.latest()
    : { kind: "snapshot", low: attempt.snapshot ?? 0 };
}

async function commit(calls: ClientCalls, { tx, attempt }: Begun, durable: boolean): Promise<void> {
  const call = calls.callOf("commit", attempt);
  noteCall(calls, attempt);
  try {
    const { commitNumber } = await tx.commit(durable ? { sync: true } : {});
    noteAcknowledged(calls, attempt, commitNumber, durable);
  } catch (error) {
    calls.rejected(error, call);
  }
}

async function rollback(calls: ClientCalls, tx: Transaction, attempt: Attempt): Promise<void> {
  const call = calls.callOf("rollback", attempt);
  attempt.state = "rolled-back";
  try {
    await tx.rollback();
    calls.context.world.probes.hit("rolled-back");
    calls.context.world.trace.event("rolled-back", calls.client);
  } catch (error) {
    calls.rejected(error, call);
  }
}

/** Through `db.transaction`, which runs the work again when the commit conflicts. */
async function managed(calls: ClientCalls, item: TransactionItem): Promise<void> {
  const { db, world } = calls.context;
  const state: { begun: Begun | undefined } = { begun: undefined };
  const call = calls.callOf("transaction");
  try {
    await db.transaction(
      async (tx) => {
        noteRetry(calls, state.begun);
        const begun = noteBegin(calls, tx, item);
        state.begun = begun;
        if (!(await runSteps(calls, item, begun))) {
          throw new GivenUp("a call was rejected");
        }
        await calls.before();
        noteCall(calls, begun.attempt);
      },
      { isolation: item.isolation },
    );
  } catch (error) {
    if (!(error instanceof GivenUp)) {
      calls.rejected(error, { ...call, attempt: state.begun?.attempt });
    } else if (state.begun !== undefined) {
      state.begun.attempt.state = "rolled-back";
    }
    return;
  }
  const { begun } = state;
  if (begun === undefined) {
    const details = [`client ${calls.client}`];
    world.broken(violation("P5", "a transaction succeeded without running its work", details));
    return;
  }
  noteAcknowledged(calls, begun.attempt, begun.tx.commitNumber ?? 0, false);
}

/** The work runs again: what the attempt before did was refused. */
function noteRetry(calls: ClientCalls, before: Begun | undefined): void {
  if (before !== undefined) {
    before.attempt.state = "refused";
    calls.context.world.probes.hit("conflict-retried");
  }
}
