import type { Database } from "../../engine/database.ts";
import { violation } from "../oracle/verdict.ts";
import { describeError, storeErrorCode } from "./engine-port.ts";
import { ended, type Quiescence } from "./stepping.ts";
import type { World } from "./world.ts";

/** Of each size: what the log has ready is used up to its last sector. */
const PUTS_MAX = 40;

/** More than there are log files in reserve: each open takes one, and has to give one back. */
const OPENS = 5;

/** The most that eight thousand stores on a disk that runs full took was 5,364 steps, for this and the end before. */
const STEPS_MAX = 50_000;

/**
 * A full disk refuses commits and nothing else: what is on it can be opened, read and closed as often as one
 * likes without more room. The store is closed; nothing else may fail any more.
 */
export function* proveOpensWhenFull(world: World): Quiescence<boolean> {
  const { disk, scheduler, limits } = world;
  world.limits = { ...limits, stepsMax: scheduler.steps + STEPS_MAX };
  disk.capacityBytes = disk.usedBytes;
  const result = yield* ended(world, "opens on a full disk", useWhenFull(world));
  if (result !== undefined && "error" in result) {
    const details = [describeError(result.error)];
    world.broken(violation("P8", "a full disk keeps the store from being opened", details));
    return false;
  }
  disk.capacityBytes = Number.POSITIVE_INFINITY;
  world.probes.hit("opened-on-a-full-disk");
  return result !== undefined;
}

async function useWhenFull(world: World): Promise<void> {
  const first = await world.open();
  const last = await putUntilFull(world, first);
  await first.close();
  for (let opens = 0; opens < OPENS; opens += 1) {
    const db = await world.open();
    const found = await db.get(world.keys.key(0));
    await db.close();
    if (found !== last) {
      world.broken(violation("P1", "a commit on a disk that ran full is lost"));
    }
  }
}

/** Large values, and then small ones for what is left. What was put last. */
async function putUntilFull({ keys, scenario }: World, db: Database): Promise<unknown> {
  const key = keys.key(0);
  let last = await db.get(key);
  for (const bytes of [scenario.engine.segmentBytes >> 2, 0]) {
    for (let puts = 0; puts < PUTS_MAX; puts += 1) {
      const value = `${puts}`.padEnd(bytes, ".");
      if (!(await isRoomFor(db.put(key, value)))) {
        break;
      }
      last = value;
    }
  }
  return last;
}

async function isRoomFor(put: Promise<unknown>): Promise<boolean> {
  try {
    await put;
    return true;
  } catch (error) {
    if (storeErrorCode(error) !== "NO_SPACE") {
      throw error;
    }
    return false;
  }
}
