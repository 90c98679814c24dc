import { violation } from "../oracle/verdict.ts";
import { describeError } from "./engine-port.ts";
import { ended, type Quiescence } from "./stepping.ts";
import { DIRECTORY, type World } from "./world.ts";

/** Enough for a log, pages and a checkpoint of them. */
const COMMITS = 6;
const VALUE = "of the store that was removed";

/** Calls of no life: no fault is planned for it. */
const BEFORE_ALL = -1;

/**
 * A store is made, used and closed in the directory, and all of its files are removed, durably. Their blocks
 * are free, and still hold what they held: a block of a new file may show it until the file's own contents
 * are durable. False when that broke a property.
 */
export function* leavePredecessor(world: World): Quiescence<boolean> {
  const { disk, injector, probes, trace, streams } = world;
  injector.begin(BEFORE_ALL);
  const used = yield* ended(world, "the store before this one", use(world));
  if (used === undefined || "error" in used) {
    const details = used === undefined ? [] : [describeError(used.error)];
    world.broken(violation("P5", "the store before this one could not be used", details));
    return false;
  }
  // What was freed last is what shows: the files of the log, or the others.
  const files = disk.files();
  for (const { path } of streams.stream("removal").below(2) === 0 ? files : files.toReversed()) {
    disk.unlink(path);
  }
  disk.syncDirectory(DIRECTORY);
  trace.event("removed");
  probes.hit("store-made-where-one-was-removed");
  return true;
}

async function use(world: World): Promise<void> {
  const { keys } = world;
  const db = await world.open();
  for (let number = 0; number < COMMITS; number += 1) {
    await db.put(keys.key(number % keys.size), VALUE);
  }
  await db.close();
}
