import type { Database } from "../../engine/database.ts";
import type { CrashKind } from "../disk/crash-summary.ts";
import type { Life } from "../oracle/history.ts";
import { violation } from "../oracle/verdict.ts";
import type { NestedCrash } from "../scenario/crash-cycle.ts";
import { Client } from "./client.ts";
import { crash, isDamagePlan, rot } from "./crashing.ts";
import { describeError } from "./engine-port.ts";
import { LifeContext } from "./life-context.ts";
import { OpenExcuses } from "./open-excuses.ts";
import { leavePredecessor } from "./predecessor.ts";
import { proveLiveness } from "./liveness.ts";
import { noteDamagedPage, type Opened, openThrough } from "./opening.ts";
import { cannotRollBack } from "./rejections.ts";
import { type ReadBack, readBack } from "./read-back.ts";
import { Referee } from "./referee.ts";
import { ended, type Quiescence, settled } from "./stepping.ts";
import { noteStats } from "./storage-probes.ts";
import { checkStructure } from "./structure.ts";
import { Trigger } from "./trigger.ts";
import type { World } from "./world.ts";

/** A place in a run at which two runs can be compared. */
export interface TraceMark {
  readonly step: number;
  readonly hash: string;
}

type Ending = CrashKind | "close";

/** How a life ended, and what is to strike the opens that follow. */
interface Ended {
  readonly life: Life;
  readonly ending: Ending;
  readonly nested: readonly NestedCrash[];
  /** It was closed, and the disk had not failed nor been full: nothing may be left to recover. */
  readonly inGoodOrder: boolean;
}

/** What was found after an open, and what came before it. */
interface Examined {
  readonly before: Ended | undefined;
  readonly endings: readonly Ending[];
  /** Nothing struck an open since the end of the life before. */
  readonly isUntouched: boolean;
  readonly state: Int32Array;
}

/** Every run ends with these, one life each. */
const FINAL_ENDINGS: readonly Ending[] = ["power", "close"];

/**
 * One run: lives of the store, each opened, used by the clients and ended by a crash or a close, until
 * the programs are done; then a last power cut, a close, and proof that the store still works. After
 * every open the referee compares what is there with what the history allows.
 */
export class Storm {
  readonly marks: TraceMark[] = [];
  readonly referee: Referee;
  crashes = 0;
  operations = 0;
  private readonly world: World;
  private readonly clients: readonly Client[];
  private lives = 0;
  private cycle = 0;
  private finals = 0;

  constructor(world: World) {
    this.world = world;
    this.referee = new Referee(world);
    this.clients = world.scenario.clients.map((program, index) => new Client(index, program));
  }

  *run(): Quiescence<void> {
    let before: Ended | undefined;
    if (this.world.scenario.afterAnother === true && !(yield* leavePredecessor(this.world))) {
      return;
    }
    for (;;) {
      const context = yield* this.openAndJudge(before);
      if (context === undefined) {
        return;
      }
      if (this.finals === FINAL_ENDINGS.length) {
        yield* proveLiveness(this.world, context.db);
        this.referee.checks += 1;
        this.world.ledger.judged();
        return;
      }
      before = yield* this.live(context);
      this.operations += context.operations;
      if (before === undefined) {
        return;
      }
    }
  }

  /** Opens the store as often as that takes. Undefined when a property broke. */
  private *openAndJudge(before: Ended | undefined): Quiescence<LifeContext | undefined> {
    const { world } = this;
    const endings = endingsOf(before);
    const creating = before === undefined;
    let nested = before?.nested ?? world.scenario.creation;
    let isFirst = true;
    const excuses = new OpenExcuses(world);
    for (;;) {
      const opened = yield* openThrough(world, { life: this.lives, nested, creating, excuses });
      const back = opened === undefined ? undefined : yield* this.examine(opened.db);
      if (opened === undefined || back === undefined) {
        return undefined;
      }
      endings.push(...opened.crashes);
      this.crashes += opened.crashes.length;
      if (back.kind === "state") {
        isFirst &&= endings.length === 1 && opened.tries === 1;
        const isUntouched = isFirst && !world.injector.hasFailed;
        return this.judge(opened, { before, endings, isUntouched, state: back.state });
      }
      if (!(yield* this.closeRefusing(opened.db, back.kind))) {
        return undefined;
      }
      excuses.keepTrims();
      // This open and its close, in which something failed, came between.
      isFirst = false;
      nested = [];
    }
  }

  /** Closes a store that cannot be read for damage, which is undone then, or for a failure. */
  private *closeRefusing(db: Database, reason: "damaged" | "failed"): Quiescence<boolean> {
    const { world } = this;
    if (reason === "damaged" && world.atlas.inDoubt) {
      world.conclude("refused");
      return false;
    }
    if ((yield* this.close(db)) === undefined) {
      return false;
    }
    if (reason === "damaged") {
      noteDamagedPage(world);
      world.disk.healAll();
    }
    return true;
  }

  private judge(
    { db, damage }: Opened,
    { before, endings, isUntouched, state }: Examined,
  ): LifeContext | undefined {
    const life = this.referee.judgeOpen({
      ended: before?.life,
      endings,
      damage,
      afterClose: before?.inGoodOrder === true && isUntouched,
      report: db.recovery,
      state,
    });
    return life === undefined ? undefined : this.begin(db, life);
  }

  /** Everything that the store holds, when its pages are sound. */
  private *examine(db: Database): Quiescence<ReadBack | undefined> {
    const back = yield* readBack(this.world, db);
    if (back?.kind !== "state") {
      return back;
    }
    this.world.mirror.examined(db);
    const { disk, streams } = this.world;
    // Damage that no read has met yet may stay, and be met while the store is used.
    if (disk.damages().length > 0 && streams.stream("rot").below(2) === 0) {
      return back;
    }
    const structure = yield* checkStructure(this.world, db);
    switch (structure) {
      case "sound":
        return back;
      case "damaged":
      case "failed":
        return { kind: structure };
      case "broken":
        return undefined;
    }
  }

  private begin(db: Database, life: Life): LifeContext {
    const { world } = this;
    world.trace.event("life", this.lives, life.base);
    this.marks.push({ step: world.scheduler.steps, hash: world.trace.hash });
    this.lives += 1;
    return new LifeContext(world, db, life, this.lives - 1);
  }

  /** Lets the clients work until something ends this life. */
  private *live(context: LifeContext): Quiescence<Ended | undefined> {
    const { world, clients } = this;
    const working = new Set(clients);
    for (const client of clients) {
      void client.live(context).then(() => working.delete(client));
    }
    const trigger = new Trigger(context, world.scenario.cycles[this.cycle]);
    const allIdle = (): boolean => working.size === 0;
    const until = (): boolean => allIdle() || trigger.due() !== undefined;
    if (!(yield* settled(world, "the clients' work", until))) {
      return undefined;
    }
    const { life } = context;
    noteStats(world, context.db);
    const next = this.chooseEnding(context, trigger.due());
    world.probes.when(life.commits.some(isInFlight), "crash-with-commit-in-flight");
    if (next.ending === "close") {
      if (!(yield* this.closeUnderLoad(context, allIdle))) {
        return undefined;
      }
    } else {
      this.crashes += 1;
      noteFailures(context);
      crash(world, next.ending);
    }
    const inGoodOrder = next.ending === "close" && !world.injector.hasFailed;
    this.damage();
    return { life, ...next, inGoodOrder };
  }

  private chooseEnding(
    context: LifeContext,
    due: "crash" | "restart" | undefined,
  ): Pick<Ended, "ending" | "nested"> {
    const cycle = this.world.scenario.cycles[this.cycle];
    if (due === "crash" && cycle !== undefined) {
      this.cycle += 1;
      return { ending: cycle.kind, nested: cycle.nested };
    }
    if (due === "restart" || context.spent) {
      return { ending: this.world.injector.struck?.ending ?? "process", nested: [] };
    }
    const ending = FINAL_ENDINGS[this.finals] ?? "power";
    this.finals += 1;
    return { ending, nested: [] };
  }

  /** An orderly close, whatever the clients are doing. Every call they made must be answered. */
  private *closeUnderLoad(context: LifeContext, allIdle: () => boolean): Quiescence<boolean> {
    const { world } = this;
    context.closing = true;
    const { acked } = context.life;
    const closed = yield* this.close(context.db);
    if (closed === undefined) {
      return false;
    }
    noteFailures(context);
    // A close that failed has promised nothing, whatever it was that failed.
    if (!context.life.syncFailed && !world.injector.seen.stopped && closed === "closed") {
      context.life.barrierPassed(acked);
    }
    world.probes.hit("clean-close");
    return yield* settled(world, "calls that were open when the store closed", allIdle);
  }

  /** Undefined when a property broke. */
  private *close(db: Database): Quiescence<"closed" | "failed" | undefined> {
    const { world } = this;
    const result = yield* ended(world, "close", db.close());
    if (result === undefined || "value" in result) {
      world.trace.event("closed");
      return result === undefined ? undefined : "closed";
    }
    const { anySyncFailure, writeError, stopped } = world.injector.seen;
    const failed = anySyncFailure || writeError || stopped || cannotRollBack({ world });
    if (!failed && !world.atlas.mayRefuse) {
      const details = [describeError(result.error)];
      world.broken(violation("P5", "the store could not be closed", details));
      return undefined;
    }
    world.trace.event("close-failed");
    return "failed";
  }

  /** Damage that the plan has for the life that just ended. */
  private damage(): void {
    for (const fault of this.world.scenario.faults) {
      if (isDamagePlan(fault) && fault.life === this.lives - 1) {
        rot(this.world, fault);
      } else if (fault.kind === "mixed-snapshot" && fault.life === this.lives - 1) {
        this.world.snapshots.restore(fault);
      }
    }
  }
}

function endingsOf(before: Ended | undefined): Ending[] {
  return before === undefined ? [] : [before.ending];
}

function isInFlight({ state }: Life["commits"][number]): boolean {
  return state === "committing";
}

/** What the disk reported decides what a later recovery owes. */
function noteFailures({ life, world }: LifeContext): void {
  life.syncFailed = world.injector.seen.logFailure;
  life.spilled = world.logger.phase.spilled;
}
