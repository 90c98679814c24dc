import type { Database } from "../../engine/database.ts";
import { violation } from "../oracle/verdict.ts";
import { Streams } from "../core/streams.ts";
import type { VirtualDisk } from "../disk/virtual-disk.ts";
import { describeError } from "../run/engine-port.ts";
import { readBack } from "../run/read-back.ts";
import {
  type Outcome as PromiseOutcome,
  type Quiescence,
  settled,
  watch,
} from "../run/stepping.ts";
import { checkStructure } from "../run/structure.ts";
import { World, type WorldOptions } from "../run/world.ts";
import type { Recovered } from "./outcome-book.ts";
import { type Question, ReadObserver } from "./read-set.ts";

/** A store that opens what a crash left, in a world that begins where another one was struck. */
export class Recovery {
  readonly world: World;
  readonly opening: PromiseOutcome<Database>;
  readonly #observer: ReadObserver;

  /** The image becomes this recovery's own. */
  constructor(struck: World, image: VirtualDisk, options: WorldOptions) {
    this.world = worldAfter(struck, image, options);
    this.#observer = new ReadObserver(this.world.injector);
    image.faults = this.#observer;
    this.opening = watch(this.world.open());
  }

  /** What was asked of the image so far. */
  get asked(): readonly Question[] {
    return this.#observer.asked;
  }

  /** Waits for the open, reads everything back and lets the store check itself. */
  *finish(): Quiescence<Recovered> {
    const { world } = this;
    const db = yield* this.#opened();
    const back = db === undefined ? undefined : yield* readBack(world, db);
    if (db !== undefined && back?.kind === "state") {
      yield* checkStructure(world, db);
      if (world.violation === undefined) {
        return { kind: "state", state: back.state, report: db.recovery };
      }
    }
    const broken = world.violation ?? violation("P8", "the store opened and cannot be read");
    return { kind: "broken", violation: broken };
  }

  *#opened(): Quiescence<Database | undefined> {
    const { world, opening } = this;
    const isOver = (): boolean => opening.result !== undefined;
    const result = (yield* settled(world, "open", isOver)) ? opening.result : undefined;
    if (result === undefined || "value" in result) {
      return result?.value;
    }
    const details = [describeError(result.error), "nothing but a crash struck it"];
    world.broken(violation("P8", "the store did not open", details));
    return undefined;
  }
}

/** Every world of an exploration has exact timers, so that going on in another one changes nothing. */
export const EXACT_TIMERS: Readonly<Record<string, readonly number[]>> = { timers: [0] };

/** Always the same choices: the same image has the same recovery, wherever it comes from. */
function worldAfter(struck: World, disk: VirtualDisk, options: WorldOptions): World {
  const { scenario, values, authors, scheduler } = struck;
  const streams = new Streams(`${scenario.seed}/recovery`, {
    record: true,
    tapes: EXACT_TIMERS,
    offTape: "seed",
  });
  const { nowUs, steps } = scheduler;
  return new World(scenario, {
    ...options,
    continues: { disk, streams, values, authors, nowUs, steps },
  });
}
