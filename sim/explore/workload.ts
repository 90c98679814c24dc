import type { Database } from "../../engine/database.ts";
import { Life } from "../oracle/history.ts";
import { Client } from "../run/client.ts";
import { describeError } from "../run/engine-port.ts";
import { violation } from "../oracle/verdict.ts";
import { LifeContext } from "../run/life-context.ts";
import { readBack } from "../run/read-back.ts";
import { type Outcome, type Quiescence, watch } from "../run/stepping.ts";
import { checkStructure } from "../run/structure.ts";
import type { World } from "../run/world.ts";

/** The first life of a store on an empty disk, step for step as a run has it. */
export class Workload {
  readonly world: World;
  readonly #clients: readonly Client[];
  readonly #working: Set<Client>;
  #opening: Outcome<Database> | undefined;

  constructor(world: World) {
    this.world = world;
    this.#clients = world.scenario.clients.map((program, index) => new Client(index, program));
    this.#working = new Set(this.#clients);
  }

  /** How many items of its program each client has begun. */
  get begun(): readonly number[] {
    return this.#clients.map(({ begun }) => begun);
  }

  get isDone(): boolean {
    return this.#working.size === 0;
  }

  open(): Outcome<Database> {
    this.#opening = watch(this.world.open());
    return this.#opening;
  }

  /** Once it is open: looks at what is there, and lets the clients begin. Undefined when a property broke. */
  *begin(): Quiescence<Life | undefined> {
    const { world } = this;
    const result = this.#opening?.result;
    if (result === undefined || "error" in result) {
      const details = result === undefined ? [] : [describeError(result.error)];
      world.broken(violation("P8", "the store could not be made", details));
      return undefined;
    }
    const db = result.value;
    const back = yield* readBack(world, db);
    if (back?.kind !== "state" || (yield* checkStructure(world, db)) !== "sound") {
      return undefined;
    }
    const life = new Life(db.recovery.lastCommitNumber, back.state);
    const context = new LifeContext(world, db, life, 0);
    for (const client of this.#clients) {
      void client.live(context).then(() => this.#working.delete(client));
    }
    return life;
  }
}
