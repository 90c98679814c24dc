import type { Database } from "../../engine/database.ts";
import { violation } from "../oracle/verdict.ts";
import { describeError } from "./engine-port.ts";
import { judgeProblems } from "./structure.ts";
import { ended, type Quiescence } from "./stepping.ts";
import type { World } from "./world.ts";

const ALIVE = "alive";

/** After all that, with a disk that works: the store takes a commit, makes it durable, and closes. */
export function* proveLiveness(world: World, db: Database): Quiescence<void> {
  world.injector.disarm();
  world.disk.healAll();
  const result = yield* ended(world, "the last commit", commitOnce(world, db));
  if (result !== undefined && "error" in result) {
    const details = [describeError(result.error)];
    world.broken(violation("P8", "the store no longer commits", details));
  }
}

async function commitOnce(world: World, db: Database): Promise<void> {
  const key = world.keys.key(0);
  const { commitNumber } = await db.put(key, ALIVE);
  await db.sync();
  const found = await db.get(key);
  const expected = db.recovery.lastCommitNumber + 1;
  if (found !== ALIVE || commitNumber !== expected) {
    world.broken(
      violation("P8", "the store no longer commits as it should", [
        `commit number ${commitNumber}, expected ${expected}; read ${String(found)}`,
      ]),
    );
  }
  judgeProblems(world, await db.verify(), "at the end");
  await db.close();
}
