import type { Database } from "../../engine/database.ts";
import { violation } from "../oracle/verdict.ts";
import { describeError } from "./engine-port.ts";
import { proveOpensWhenFull } from "./full-disk.ts";
import { judgeProblems } from "./structure.ts";
import { ended, type Quiescence } from "./stepping.ts";
import type { World } from "./world.ts";

const ALIVE = "alive";

/** Commits that have to succeed, at once: enough to begin a checkpoint in most stores. */
const COMMITS = 8;

/**
 * What the last opening, its commits and their checkpoint may take on a disk that works. The most that
 * fifteen hundred seeds took was 365 steps and 3.2 seconds of virtual time.
 */
const STEPS_MAX = 5000;
const VIRTUAL_MS_MAX = 60_000;

/**
 * After all that, with a disk that works: the store closes, opens again, takes commits, makes them durable,
 * writes its pages and closes; and all that soon.
 */
export function* proveLiveness(world: World, db: Database): Quiescence<void> {
  const { disk, injector, scheduler, limits } = world;
  if (disk.damages().some(({ kind }) => kind !== "unreadable")) {
    // Healing would bring back bytes that the store has not seen since, and has replaced by others elsewhere.
    return;
  }
  injector.disarm();
  disk.healAll();
  world.limits = {
    stepsMax: Math.min(limits.stepsMax, scheduler.steps + STEPS_MAX),
    virtualMsMax: Math.min(limits.virtualMsMax, world.nowMs + VIRTUAL_MS_MAX),
  };
  const last = db.recovery.lastCommitNumber;
  if (
    (yield* works(world, "the last close", db.close())) &&
    (yield* works(world, "the last commits", useOnce(world, last))) &&
    (!runsFull(world) || (yield* proveOpensWhenFull(world)))
  ) {
    world.probes.hit("alive-in-the-end");
  }
}

function* works(world: World, what: string, work: Promise<void>): Quiescence<boolean> {
  const result = yield* ended(world, what, work);
  if (result !== undefined && "error" in result) {
    const details = [what, describeError(result.error)];
    world.broken(violation("P8", "the store no longer commits", details));
  }
  return result !== undefined && "value" in result;
}

/** The disk is one that runs full. */
function runsFull({ scenario }: World): boolean {
  return scenario.faults.some(({ kind }) => kind === "no-space");
}

async function useOnce(world: World, last: number): Promise<void> {
  const db = await world.open();
  const key = world.keys.key(0);
  const receipts = await Promise.all(Array.from({ length: COMMITS }, () => db.put(key, ALIVE)));
  await db.sync();
  const found = await db.get(key);
  const commitNumber = receipts.reduce((most, receipt) => Math.max(most, receipt.commitNumber), 0);
  const expected = last + COMMITS;
  if (found !== ALIVE || commitNumber !== expected) {
    world.broken(
      violation("P8", "the store no longer commits as it should", [
        `commit number ${commitNumber}, expected ${expected}; read ${String(found)}`,
      ]),
    );
  }
  await db.checkpoint();
  judgeProblems(world, await db.verify(), "at the end");
  await db.close();
}
