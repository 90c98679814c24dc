import type { Database } from "../../engine/database.ts";
import { violation } from "../oracle/verdict.ts";
import { describeError, storeErrorCode } from "./engine-port.ts";
import { describeDamage, isExcusedByDamage, isReportedFailure } from "./refusals.ts";
import { ended, type Quiescence } from "./stepping.ts";
import type { World } from "./world.ts";

/** What a store holds; or that it refuses to say: for damage, or for a call of the disk that failed. */
export type ReadBack =
  | { readonly kind: "state"; readonly state: Int32Array }
  | { readonly kind: "damaged" }
  | { readonly kind: "failed" };

/** Reads everything back. Undefined when that broke a property, which the world knows then. */
export function* readBack(world: World, db: Database): Quiescence<ReadBack | undefined> {
  const state = new Int32Array(world.keys.size);
  const result = yield* ended(world, "reading the store back", readAll(world, db, state));
  if (result === undefined || "value" in result) {
    return result === undefined ? undefined : { kind: "state", state };
  }
  if (isExcusedByDamage(world, result.error)) {
    return { kind: "damaged" };
  }
  // A read may have to write a page first, to make room for the one that it needs.
  if (isReportedFailure(world, storeErrorCode(result.error))) {
    return { kind: "failed" };
  }
  const details = [describeError(result.error), ...describeDamage(world)];
  world.broken(violation("P8", "the store opened and cannot be read", details));
  return undefined;
}

async function readAll(world: World, db: Database, state: Int32Array): Promise<void> {
  const { keys, trace, values } = world;
  let before = -1;
  for await (const { key, value } of db.scan()) {
    const rank = keys.rankOfKey(key);
    if (rank === undefined || rank <= before) {
      const what = rank === undefined ? "a key that nobody ever wrote" : "keys out of order";
      world.broken(violation("P6", `the store holds ${what}`, [String(key)]));
      return;
    }
    before = rank;
    state[rank] = values.identify(value);
    trace.event("holds", rank, state[rank] ?? 0);
  }
  await compareGet(world, db, state);
}

/** Gets and scans go different ways to the same data: one key per reading, another each time. */
async function compareGet(world: World, db: Database, state: Int32Array): Promise<void> {
  const { keys, scheduler, values } = world;
  const rank = scheduler.steps % keys.size;
  const content = values.identify(await db.get(keys.key(rank)));
  if (content !== state[rank]) {
    world.broken(
      violation("P6", `a get and a scan of ${keys.describe(rank)} differ`, [
        `get: ${values.describe(content)}`,
        `scan: ${values.describe(state[rank] ?? 0)}`,
      ]),
    );
  }
}
