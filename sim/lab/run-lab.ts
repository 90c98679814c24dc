import { assert } from "../../engine/base/assert.ts";
import type { Database } from "../../engine/database.ts";
import * as seawall from "../../engine/index.ts";
import type { Choices } from "../core/choices.ts";
import { DEVICE_TIMINGS } from "../disk/device-timing.ts";
import type { CrashKind, CrashSummary } from "../disk/crash-summary.ts";
import { describeError, type EnginePort } from "../run/engine-port.ts";
import { GuardedPolicy } from "./guarded-policy.ts";
import { describeFound, EXTRA_KEY, interpret, readAll } from "./lab-contents.ts";
import { LabFaults } from "./lab-faults.ts";
import type { LabEvent, LabFound, LabHistory } from "./lab-history.ts";
import type { LabPolicy } from "./lab-policy.ts";
import type { LabScenario } from "./lab-scenario.ts";
import { type LabTeller, LabWorkload } from "./lab-workload.ts";
import { type EmptyStores, type LabSteps, LabWorld } from "./lab-world.ts";
import { withPolicySyncs } from "./omitted-syncs.ts";

export interface LabRunOptions {
  readonly policy: LabPolicy;
  /** Copies of empty stores; keep it from run to run. */
  readonly stores: EmptyStores;
  readonly drain?: (() => void) | undefined;
  /** A mutant, or another build, of the engine. @defaultValue the engine itself */
  readonly engine?: EnginePort;
  /** Told what happens, for a story. */
  readonly onEvent?: ((event: LabEvent) => void) | undefined;
}

/** One experiment in one synchronous call. @throws PolicyError, LabStuckError */
export function runLab(
  scenario: LabScenario,
  options: LabRunOptions & { readonly drain: () => void },
): LabHistory {
  const { done, value } = stepLab(scenario, options).next();
  assert(done === true, "a run that drains micro-tasks itself has no reason to yield");
  return value;
}

/** An experiment that yields whenever the micro-tasks have to be drained, or drains them when told how. */
export function* stepLab(scenario: LabScenario, options: LabRunOptions): LabSteps<LabHistory> {
  const engine = options.engine ?? seawall;
  const { profile, segmentBytes } = scenario;
  const store = { profile, segmentBytes, engine, drain: options.drain };
  const disk = yield* options.stores.copy(store);
  const world = new LabWorld({
    seed: scenario.seed,
    disk,
    segmentBytes,
    timing: DEVICE_TIMINGS[scenario.timing],
    timerLateUs: scenario.timerLateUs,
    engine,
    drain: options.drain,
  });
  const run = new LabRun(scenario, world, options);
  try {
    return yield* run.run();
  } catch (error) {
    // Whatever came of it: a policy at fault is what it came from.
    run.refuseBadPolicy();
    throw error;
  } finally {
    disk.dispose();
  }
}

class LabRun implements LabTeller {
  private readonly scenario: LabScenario;
  private readonly world: LabWorld;
  private readonly options: LabRunOptions;
  private readonly policy: GuardedPolicy;
  private readonly faults: LabFaults;
  private readonly workload: LabWorkload;
  private readonly files: LabWorld["files"];
  private openedUs = 0;

  constructor(scenario: LabScenario, world: LabWorld, options: LabRunOptions) {
    this.scenario = scenario;
    this.world = world;
    this.options = options;
    this.policy = new GuardedPolicy(options.policy);
    this.files = withPolicySyncs(world.files, options.policy);
    this.workload = new LabWorkload(world, scenario.steps, this);
    this.faults = new LabFaults(scenario.slowSyncs, world.streams.stream("faults"));
  }

  *run(): LabSteps<LabHistory> {
    const { world, scenario } = this;
    const db = yield* world.value("opening an empty store", this.open());
    this.openedUs = world.scheduler.nowUs;
    this.follow();
    world.disk.faults = this.faults;
    this.workload.schedule(db);
    yield* this.live();
    if (scenario.crash === "sync-error") {
      yield* this.failSync(db);
    }
    const crashedUs = this.nowUs;
    const survival = world.streams.stream("survival");
    const crash = this.crash(
      scenario.crash === "sync-error" ? "process" : scenario.crash,
      survival,
    );
    const found = yield* this.reopen();
    const history = {
      commits: this.workload.commits,
      upgradedThrough: this.workload.upgradedThrough,
      crashedUs,
      crash,
      found,
      syncFailed: this.faults.failed,
    };
    if (scenario.crash !== "sync-error" || found.kind === "refused") {
      return history;
    }
    this.crash("power", survival);
    return { ...history, foundLater: yield* this.reopen() };
  }

  get nowUs(): number {
    return this.world.scheduler.nowUs - this.openedUs;
  }

  private open(): Promise<Database> {
    return this.world.open(this.policy, this.files);
  }

  tell(text: string): void {
    this.options.onEvent?.({ atUs: this.nowUs, text });
  }

  private follow(): void {
    if (this.options.onEvent !== undefined) {
      this.faults.onSync = ({ path }, slowMs) => {
        const slow = slowMs === 0 ? "" : `; this one takes ${slowMs} ms longer`;
        this.tell(`the store syncs ${path.slice(path.lastIndexOf("/") + 1)}${slow}`);
      };
    }
  }

  /** Steps the world until the moment has come, or the scenario's end. */
  private *live(): LabSteps<void> {
    const { scheduler } = this.world;
    const { moment, endUs } = this.scenario;
    const limitUs = this.openedUs + (moment.after === "time" ? Math.min(moment.us, endUs) : endUs);
    const count = moment.after === "acknowledgements" ? moment.count : Number.POSITIVE_INFINITY;
    for (;;) {
      yield* this.world.quiesce();
      this.refuseBadPolicy();
      const { nextUs } = scheduler;
      if (this.workload.acknowledged >= count || nextUs === undefined || nextUs > limitUs) {
        return;
      }
      scheduler.step();
    }
  }

  /** Lets the next sync fail. When nothing wants one any more, a last durable commit does. */
  private *failSync(db: Database): LabSteps<void> {
    const { scheduler } = this.world;
    this.faults.armed = true;
    // A commit that waits for ever must not keep the store up, whatever timers still ring.
    const limitUs = scheduler.nowUs + this.scenario.endUs + PATIENCE_US;
    while (this.workload.isBusy && scheduler.nowUs < limitUs) {
      yield* this.world.quiesce();
      this.refuseBadPolicy();
      if (this.faults.failed || !scheduler.step()) {
        break;
      }
    }
    if (!this.faults.failed) {
      this.tell("a last durable commit is called");
      yield* this.world.ended("a durable commit", db.put(EXTRA_KEY, "", { sync: true }));
    }
    if (this.faults.failed) {
      this.tell("that sync fails; the store stops, and the program ends");
    }
    // Whatever the store still does about it: acknowledging something now would be wrong, and is judged.
    for (let steps = 0; steps < 20 && scheduler.nextUs !== undefined; steps += 1) {
      yield* this.world.quiesce();
      scheduler.step();
    }
    yield* this.world.quiesce();
    this.refuseBadPolicy();
  }

  private crash(kind: CrashKind, survival: Choices): CrashSummary {
    const { disk, scheduler } = this.world;
    scheduler.clear();
    disk.faults = undefined;
    const summary = disk.crash(kind, survival, this.scenario.survival);
    this.tell(`${CRASH_TEXT[kind]}${kind === "process" ? "" : `: ${summary.style}`}`);
    return summary;
  }

  private *reopen(): LabSteps<LabFound> {
    const opened = yield* this.world.ended("opening after a crash", this.open());
    this.refuseBadPolicy();
    if ("error" in opened) {
      const reason = describeError(opened.error);
      this.tell(`the store does not open: ${reason}`);
      return { kind: "refused", reason };
    }
    const read = yield* this.world.ended("reading everything back", readAll(opened.value));
    if ("error" in read) {
      return { kind: "refused", reason: describeError(read.error) };
    }
    const found = interpret(read.value, this.scenario.steps);
    this.tell(`the store opens again; ${describeFound(found)}`);
    return found;
  }

  /** @throws PolicyError when the policy did something that no policy may do. */
  refuseBadPolicy(): void {
    if (this.policy.error !== undefined) {
      throw this.policy.error;
    }
  }
}

/** Longer than any policy lets a commit wait. */
const PATIENCE_US = 60_000_000;

const CRASH_TEXT = {
  process: "the program dies",
  os: "the operating system dies",
  power: "the power goes",
} as const;
