import type { Database } from "../../engine/database.ts";
import type { Life } from "../oracle/history.ts";
import type { FaultPlan } from "../scenario/fault-plan.ts";
import { rot } from "./crashing.ts";
import type { World } from "./world.ts";

type TimedFault = Extract<FaultPlan, { readonly afterOperations?: number }>;

function isTimed(fault: FaultPlan): fault is TimedFault {
  return "afterOperations" in fault;
}

/** The store while it is open, as the clients of one life share it. */
export class LifeContext {
  readonly world: World;
  readonly db: Database;
  readonly life: Life;
  /** The store takes no more: clients stop where they are. */
  spent = false;
  /** An orderly close was called: calls may be refused from then on. */
  closing = false;
  /** How many lives came before. */
  readonly number: number;
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
    for (const fault of this.world.scenario.faults) {
      if (isTimed(fault) && fault.life === this.number && fault.afterOperations === this.calls) {
        this.strike(fault);
      }
    }
    this.calls += 1;
  }

  private strike(fault: TimedFault): void {
    const { world } = this;
    switch (fault.kind) {
      case "clock-jump":
        world.clock.jumpWall(fault.ms);
        world.probes.hit("clock-jumped");
        world.ledger.struck(fault.kind);
        return;
      case "mixed-snapshot":
        world.snapshots.take(fault);
        return;
      case "bit-flips":
      case "bad-sector":
        rot(world, fault);
    }
  }
}
