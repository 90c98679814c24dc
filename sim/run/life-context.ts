import type { Database } from "../../engine/database.ts";
import type { Life } from "../oracle/history.ts";
import type { World } from "./world.ts";

/** The store while it is open, as the clients of one life share it. */
export class LifeContext {
  readonly world: World;
  readonly db: Database;
  readonly life: Life;
  /** The store takes no more: clients stop where they are. */
  spent = false;
  /** An orderly close was called: calls may be refused from then on. */
  closing = false;
  private readonly number: number;
  private calls = 0;

  constructor(world: World, db: Database, life: Life, number: number) {
    this.world = world;
    this.db = db;
    this.life = life;
    this.number = number;
  }

  /** Calls made since the open. */
  get operations(): number {
    return this.calls;
  }

  /** A client makes another call: what the plan has for this moment happens. */
  countOperation(): void {
    const { clock, probes, scenario } = this.world;
    for (const fault of scenario.faults) {
      const isDue = fault.kind === "clock-jump" && fault.life === this.number;
      if (isDue && fault.afterOperations === this.calls) {
        clock.jumpWall(fault.ms);
        probes.hit("clock-jumped");
      }
    }
    this.calls += 1;
  }
}
