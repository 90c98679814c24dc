import type { CrashCycle } from "../scenario/crash-cycle.ts";
import { CallMark } from "./call-mark.ts";
import type { LifeContext } from "./life-context.ts";

const NEVER = Number.POSITIVE_INFINITY;

/**
 * Decides when a life has to end before its clients are done: at the plan's crash, or some steps after a
 * sync failed, when somebody restarts the store or the machine.
 */
export class Trigger {
  private readonly context: LifeContext;
  private readonly cycle: CrashCycle | undefined;
  /** When enough operations were started: the call that is waited for, counted from then. */
  private call: CallMark | undefined;
  private crashAt = NEVER;
  private restartAt = NEVER;

  constructor(context: LifeContext, cycle: CrashCycle | undefined) {
    this.context = context;
    this.cycle = cycle;
  }

  /** Asked after every step. */
  due(): "crash" | "restart" | undefined {
    const { world, operations } = this.context;
    const { steps } = world.scheduler;
    const { cycle } = this;
    if (this.crashAt === NEVER && cycle !== undefined && this.isMeant(cycle, operations)) {
      this.call ??= new CallMark(world.injector, cycle.at);
      if (this.call.isMade) {
        this.crashAt = steps + cycle.plusSteps;
        world.probes.when(cycle.at !== undefined, "crash-at-a-call");
      }
    }
    const { struck } = world.injector;
    if (this.restartAt === NEVER && struck !== undefined) {
      this.restartAt = steps + struck.plusSteps;
    }
    if (steps >= this.crashAt) {
      return "crash";
    }
    return steps >= this.restartAt ? "restart" : undefined;
  }

  private isMeant({ notBefore = 0, afterOperations }: CrashCycle, operations: number): boolean {
    return this.context.number >= notBefore && operations >= afterOperations;
  }
}
