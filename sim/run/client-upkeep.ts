import { violation } from "../oracle/verdict.ts";
import type { UpkeepItem } from "../scenario/client-program.ts";
import type { ClientCalls } from "./client-calls.ts";
import type { FailedCall } from "./rejections.ts";
import { judgeProblems, judgeScrub } from "./structure.ts";

const WORK: Readonly<Record<UpkeepItem["do"], (calls: ClientCalls) => Promise<void>>> = {
  sync,
  checkpoint,
  verify,
  compact,
  scrub,
};

export async function upkeep(calls: ClientCalls, work: UpkeepItem["do"]): Promise<void> {
  await WORK[work](calls);
}

/** A barrier: what was acknowledged before the call is durable afterwards. */
async function sync(calls: ClientCalls): Promise<void> {
  const { db, life, world } = calls.context;
  const owed = { acked: life.acked, writes: life.writesWhenAcked };
  const call: FailedCall = calls.callOf("sync");
  try {
    await db.sync();
  } catch (error) {
    calls.rejected(error, call);
    return;
  }
  world.trace.event("synced", calls.client, owed.acked);
  passed(calls, owed);
}

/** What a barrier covers: commits up to a number, and how many writes there were when it was acknowledged. */
interface Owed {
  readonly acked: number;
  readonly writes: number;
}

/** A failed sync has left nothing of it behind when the first write that it was to store came later. */
function passed({ client, context }: ClientCalls, { acked, writes }: Owed): void {
  const { life, world } = context;
  if (world.injector.seen.unsyncedFrom <= writes && acked > life.durable) {
    const details = [`client ${client}; the barrier covers commit ${acked}`];
    world.broken(violation("P10", "a barrier succeeded after a failed sync", details));
  }
  life.barrierPassed(acked);
}

/** A barrier, too: what was acknowledged before the call is on the disk in pages, and the log says so. */
async function checkpoint(calls: ClientCalls): Promise<void> {
  const { db, life, world } = calls.context;
  const owed = { acked: life.acked, writes: life.writesWhenAcked };
  const call = calls.callOf("checkpoint");
  try {
    await db.checkpoint();
  } catch (error) {
    calls.rejected(error, call);
    return;
  }
  world.trace.event("checkpointed", calls.client);
  passed(calls, owed);
}

/** Reads everything on the disk. What was damaged in one copy before is mended then. */
async function scrub(calls: ClientCalls): Promise<void> {
  const { db, world } = calls.context;
  const call = calls.callOf("scrub");
  const { mark } = world.atlas;
  try {
    const { repaired, notRepaired, problems } = await db.scrub();
    world.trace.event("scrubbed", calls.client, repaired, notRepaired, problems.length);
    world.probes.when(repaired > 0, "scrub-repaired");
    judgeScrub(world, problems);
    world.mirror.scrubbed(db, mark);
  } catch (error) {
    calls.rejected(error, call);
  }
}

/** Checks the pages of a store that others are using. */
async function verify(calls: ClientCalls): Promise<void> {
  const { db, world } = calls.context;
  const call = calls.callOf("verify");
  try {
    const problems = await db.verify();
    world.trace.event("verified", calls.client, problems.length);
    judgeProblems(world, problems, `client ${calls.client} verified`);
  } catch (error) {
    calls.rejected(error, call);
  }
}

/** The store moves its pages together and gives the end of the file back. */
async function compact(calls: ClientCalls): Promise<void> {
  const { db, world } = calls.context;
  const call = calls.callOf("compact");
  try {
    await db.compact();
    world.trace.event("compacted", calls.client);
    world.probes.hit("compacted");
  } catch (error) {
    calls.rejected(error, call);
  }
}
