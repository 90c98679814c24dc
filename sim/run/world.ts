import type { Logger } from "../../engine/base/logger.ts";
import type { SyncPolicy } from "../../engine/log/sync-policy.ts";
import type { OpenOptions } from "../../engine/options.ts";
import type { FileIO } from "../../engine/platform/file-io.ts";
import type { Choices } from "../core/choices.ts";
import { PriorityOrder } from "../core/priority-order.ts";
import { Scheduler } from "../core/scheduler.ts";
import { type ChoiceTapes, type OffTape, Streams } from "../core/streams.ts";
import { Trace } from "../core/trace.ts";
import { VirtualClock } from "../core/virtual-clock.ts";
import { VirtualEntropy } from "../core/virtual-entropy.ts";
import { PROFILES } from "../disk/profiles.ts";
import { VirtualDisk } from "../disk/virtual-disk.ts";
import { VirtualFileIO } from "../disk/virtual-file-io.ts";
import { Authors } from "../oracle/history.ts";
import type { Wording } from "../oracle/recovery-case.ts";
import type { Violation } from "../oracle/verdict.ts";
import { Keyspace } from "../scenario/keyspace.ts";
import type { FaultPlan } from "../scenario/fault-plan.ts";
import type { RunLimits, Scenario } from "../scenario/scenario.ts";
import { type EngineSpec, pageBytesOf } from "../scenario/store-spec.ts";
import { Values } from "../scenario/values.ts";
import { Atlas } from "./atlas.ts";
import type { EnginePort } from "./engine-port.ts";
import { FaultInjector } from "./fault-injector.ts";
import { Ledger } from "./ledger.ts";
import { Path } from "./path.ts";
import { MirrorJudge } from "./mirror-judge.ts";
import { ProbeLogger } from "./probe-logger.ts";
import { Probes } from "./probes.ts";
import { Snapshots } from "./snapshots.ts";

export interface WorldOptions {
  readonly engine: EnginePort;
  readonly policy: SyncPolicy;
  readonly tapes?: ChoiceTapes;
  readonly offTape?: OffTape;
  readonly fresh?: { readonly step: number; readonly seed: string };
  readonly record?: boolean;
  readonly keepTrace?: boolean;
  /** Runs all micro-tasks; false when there was no end to them. Without it the run yields instead. */
  readonly drain?: () => boolean;
  /** Puts something between the store and the disk; for planted bugs. */
  readonly wrapFiles?: (files: FileIO) => FileIO;
  /** Begin where another world was struck, and not with an empty disk. */
  readonly continues?: Continuation;
}

/** What is left of a world that was struck: its disk, and what is known of what was ever written. */
export interface Continuation {
  readonly disk: VirtualDisk;
  readonly streams: Streams;
  readonly values: Values;
  readonly authors: Authors;
  readonly nowUs: number;
  readonly steps: number;
}

/** How a run ends in which the device took what no store can miss: unnoticed, or refused. */
export type Ending = "silent" | "refused";

export const DIRECTORY = "/store";

/** Everything that a run's store can see or touch, all of it under one seed. */
export class World {
  readonly scenario: Scenario;
  readonly engine: EnginePort;
  readonly policy: SyncPolicy;
  readonly drain: (() => boolean) | undefined;
  readonly streams: Streams;
  readonly trace: Trace;
  readonly scheduler: Scheduler;
  readonly clock: VirtualClock;
  readonly disk: VirtualDisk;
  readonly injector: FaultInjector;
  readonly atlas: Atlas;
  readonly probes: Probes = new Probes();
  readonly ledger: Ledger;
  readonly values: Values;
  readonly keys: Keyspace;
  readonly authors: Authors;
  /** Kept for records and their replays. */
  readonly path: Path | undefined;
  readonly wording: Wording;
  readonly snapshots: Snapshots;
  readonly logger: ProbeLogger;
  readonly mirror: MirrorJudge;
  /** The first property found broken; the run ends there. */
  violation: Violation | undefined;
  /** Why the run ends early although every property held: nothing more can be asked of the store. */
  over: Ending | undefined;
  /** For people: what the run is waiting for. */
  waitsFor = "the run";
  /** More than this is a hang. */
  limits: RunLimits;
  /** What went unnoticed, when that is why. */
  excused: Violation | undefined;
  private readonly openOptions: OpenOptions;
  private readonly fresh: WorldOptions["fresh"];

  constructor(scenario: Scenario, options: WorldOptions) {
    this.scenario = scenario;
    this.limits = scenario.limits;
    this.engine = options.engine;
    this.policy = options.policy;
    this.drain = options.drain;
    this.fresh = options.fresh;
    this.trace = new Trace({ keep: options.keepTrace ?? false });
    this.path = options.record === true ? new Path(this.trace) : undefined;
    const begun = options.continues ?? beginning(scenario, options, this.trace);
    this.streams = begun.streams;
    this.values = begun.values;
    this.authors = begun.authors;
    this.scheduler = new Scheduler(orderOf(scenario, begun.streams));
    this.scheduler.nowUs = begun.nowUs;
    this.scheduler.steps = begun.steps;
    this.keys = new Keyspace(scenario.keys, scenario.keyForm);
    const faults = legalFaults(scenario);
    this.ledger = new Ledger(faults);
    if (faults.some(({ kind }) => kind === "late-timers")) {
      this.ledger.struck("late-timers");
    }
    this.clock = makeClock(this.scheduler, this.streams.stream("timers"), scenario);
    this.injector = new FaultInjector(faults, this.streams.stream("faults"), {
      probes: this.probes,
      ledger: this.ledger,
    });
    this.disk = begun.disk;
    this.disk.faults = this.injector;
    this.injector.fullness.attach(this.disk);
    this.atlas = new Atlas(this.disk, pageBytesOf(scenario.engine));
    this.snapshots = new Snapshots(this);
    this.injector.onReplaced = (range) => this.atlas.chartReplaced(range);
    this.injector.onMet = (range) => this.atlas.noteMet(range);
    this.injector.onMisread = (range) => this.atlas.chartMisread(range);
    this.wording = {
      key: (rank) => this.keys.describe(rank),
      content: (content) => this.values.describe(content),
    };
    this.logger = new ProbeLogger(this.probes, this.trace);
    this.mirror = new MirrorJudge(this);
    this.injector.onDamage = (range) => {
      this.mirror.noteMet(range);
    };
    this.logger.onRepaired = (place) => {
      this.mirror.repaired(place);
    };
    this.openOptions = this.makeOpenOptions(options, this.logger);
  }

  /** The scheduler is about to step. */
  beforeStep(): void {
    if (this.fresh?.step === this.scheduler.steps) {
      this.streams.leaveTapes(this.fresh.seed);
    }
  }

  open(): ReturnType<EnginePort["Database"]["open"]> {
    return this.engine.Database.open(this.openOptions);
  }

  /** Notes a broken property; the first one counts. */
  broken(violation: Violation): void {
    if (this.isEnded) {
      return;
    }
    if (this.atlas.inDoubt && isExcusable(violation)) {
      this.excused = violation;
      this.conclude("silent");
      return;
    }
    this.violation = violation;
    this.trace.event("broken", violation.property, violation.message);
  }

  /** Ends the run without a broken property. */
  conclude(over: Ending): void {
    this.over ??= over;
    this.trace.event("over", over);
    this.ledger.judged();
    this.probes.hit(
      over === "silent" ? "undetectable-loss-unnoticed" : "undetectable-loss-refused",
    );
  }

  /** A property broke, or nothing more can be asked. */
  get isEnded(): boolean {
    return this.violation !== undefined || this.over !== undefined;
  }

  get nowMs(): number {
    return this.scheduler.nowUs / 1000;
  }

  private makeOpenOptions(options: WorldOptions, logger: Logger): OpenOptions {
    const { engine, keyForm } = this.scenario;
    const files = new VirtualFileIO({
      disk: this.disk,
      scheduler: this.scheduler,
      latency: this.streams.stream("latency"),
    });
    return {
      directory: DIRECTORY,
      platform: {
        files: options.wrapFiles?.(files) ?? files,
        clock: this.clock,
        entropy: new VirtualEntropy(this.streams.stream("entropy")),
      },
      syncPolicy: this.policy,
      isolation: engine.isolation,
      segmentBytes: engine.segmentBytes,
      sectorBytes: engine.sectorBytes,
      batchBytesMax: engine.batchBytesMax,
      ...pageOptions(engine),
      keyEncoding: keyForm === "bytes" ? "bytes" : "utf8",
      logger,
    };
  }
}

/** Draws only where the scenario has an order of its own: without one, time decides. */
function orderOf({ schedule }: Scenario, streams: Streams): PriorityOrder | undefined {
  return schedule === undefined
    ? undefined
    : new PriorityOrder(streams.stream("schedule"), schedule);
}

function beginning(scenario: Scenario, options: WorldOptions, trace: Trace): Continuation {
  const profile = profileOf(scenario);
  return {
    disk: new VirtualDisk({ profile, trace, sectorBytes: scenario.diskSectorBytes }),
    streams: new Streams(scenario.seed, streamsOptions(options)),
    values: new Values(),
    authors: new Authors(),
    nowUs: 0,
    steps: 0,
  };
}

/** What old pages may lead to. Never to an exception, to a hang, or to an acknowledgement out of place. */
function isExcusable({ property, message }: Violation): boolean {
  const isBug = property === "P5" && message.startsWith("a bug surfaced");
  return !isBug && property !== "P10" && property !== "P11" && property !== "harness";
}

/** In half of all worlds timers are exact, in the others late: a store may depend on neither. */
function makeClock(scheduler: Scheduler, choices: Choices, { faults }: Scenario): VirtualClock {
  const late = faults.find(({ kind }) => kind === "late-timers");
  if (late?.kind === "late-timers") {
    return new VirtualClock(scheduler, { lateness: choices, latenessUsMax: late.ms * 1000 });
  }
  return choices.below(2) === 0
    ? new VirtualClock(scheduler)
    : new VirtualClock(scheduler, { lateness: choices, latenessUsMax: 200 });
}

/** What the scenario leaves open stays undefined, and so the engine's default. */
function pageOptions(engine: EngineSpec): Partial<OpenOptions> {
  const { pageBytes, cacheBytes, checkpointBytes, transactionBytesMax, copies } = engine;
  return {
    ...(pageBytes === undefined ? {} : { pageBytes }),
    ...(cacheBytes === undefined ? {} : { cacheBytes }),
    ...(checkpointBytes === undefined ? {} : { checkpointBytes }),
    ...(transactionBytesMax === undefined ? {} : { transactionBytesMax }),
    ...(copies === undefined ? {} : { copies }),
  };
}

function streamsOptions(options: WorldOptions): ConstructorParameters<typeof Streams>[1] {
  const { tapes, record = false, offTape = "seed" } = options;
  return { record, ...(tapes === undefined ? {} : { tapes, offTape }) };
}

/** What the profile rules out does not strike. */
function legalFaults(scenario: Scenario): readonly FaultPlan[] {
  const isAtOnce = profileOf(scenario).failedSyncReports === "at-once";
  return scenario.faults.filter(({ kind }) => kind !== "late-error" || !isAtOnce);
}

function profileOf({ profile }: Scenario): (typeof PROFILES)[keyof typeof PROFILES] {
  const found = Object.entries(PROFILES).find(([name]) => name === profile);
  if (found === undefined) {
    throw new RangeError(`there is no disk profile "${profile}"`);
  }
  return found[1];
}
