import type { Database } from "../../engine/database.ts";
import type { SyncPolicy } from "../../engine/log/sync-policy.ts";
import type { FileIO } from "../../engine/platform/file-io.ts";
import { Scheduler } from "../core/scheduler.ts";
import { Streams } from "../core/streams.ts";
import { VirtualClock } from "../core/virtual-clock.ts";
import { VirtualEntropy } from "../core/virtual-entropy.ts";
import { DEVICE_TIMINGS, type DeviceTiming } from "../disk/device-timing.ts";
import { PROFILES, type ProfileName } from "../disk/profiles.ts";
import { VirtualDisk } from "../disk/virtual-disk.ts";
import { VirtualFileIO } from "../disk/virtual-file-io.ts";
import type { EnginePort } from "../run/engine-port.ts";
import { type Outcome, watch } from "../run/stepping.ts";

/** A part of a run: yields where the world cannot drain the micro-tasks itself. */
export type LabSteps<T> = Generator<undefined, T, undefined>;

export interface LabWorldOptions {
  readonly seed: string;
  readonly disk: VirtualDisk;
  readonly segmentBytes: number;
  /** @defaultValue 512, so that small segments hold several batches */
  readonly sectorBytes?: number;
  readonly timing?: DeviceTiming;
  readonly timerLateUs?: number;
  readonly engine: EnginePort;
  /** Runs all micro-tasks. Without it the run yields instead. */
  readonly drain?: (() => void) | undefined;
}

const DIRECTORY = "/store";

/** Steps after which an open, a close or a scan is taken to hang. */
const STEPS_MAX = 1_000_000;

/** Something in the lab never ended: nothing can be said about the policy. */
export class LabStuckError extends Error {
  override readonly name = "LabStuckError";
}

/** The engine on a virtual disk, and nothing else: the lab's experiments need no more of a world. */
export class LabWorld {
  readonly scheduler: Scheduler = new Scheduler();
  readonly streams: Streams;
  readonly clock: VirtualClock;
  readonly disk: VirtualDisk;
  readonly files: FileIO;
  private readonly options: LabWorldOptions;

  constructor(options: LabWorldOptions) {
    this.options = options;
    this.disk = options.disk;
    this.streams = new Streams(options.seed);
    this.clock = new VirtualClock(this.scheduler, {
      lateness: this.streams.stream("timers"),
      latenessUsMax: options.timerLateUs ?? 1,
    });
    this.files = new VirtualFileIO({
      disk: options.disk,
      scheduler: this.scheduler,
      latency: this.streams.stream("latency"),
      timing: options.timing ?? DEVICE_TIMINGS.nvme,
    });
  }

  get nowMs(): number {
    return this.scheduler.nowUs / 1000;
  }

  open(syncPolicy: SyncPolicy, files: FileIO = this.files): Promise<Database> {
    const entropy = new VirtualEntropy(this.streams.stream("entropy"));
    return this.options.engine.Database.open({
      directory: DIRECTORY,
      platform: { files, clock: this.clock, entropy },
      syncPolicy,
      segmentBytes: this.options.segmentBytes,
      sectorBytes: this.options.sectorBytes ?? 512,
      // Blind writes: nothing conflicts, so everything that is refused is the policy's doing.
      isolation: "read-committed",
    });
  }

  /** Runs whatever is ready to run at this moment. */
  *quiesce(): LabSteps<void> {
    const { drain } = this.options;
    if (drain === undefined) {
      yield;
    } else {
      drain();
    }
  }

  /** Steps until a promise has ended. @throws LabStuckError */
  *ended<T>(what: string, promise: Promise<T>): LabSteps<NonNullable<Outcome<T>["result"]>> {
    const outcome = watch(promise);
    const stepsMax = this.scheduler.steps + STEPS_MAX;
    for (;;) {
      yield* this.quiesce();
      if (outcome.result !== undefined) {
        return outcome.result;
      }
      if (this.scheduler.steps > stepsMax || !this.scheduler.step()) {
        throw new LabStuckError(`this never ends: ${what}`);
      }
    }
  }

  /** As `ended`, for what must not fail. @throws what the promise rejected with. */
  *value<T>(what: string, promise: Promise<T>): LabSteps<T> {
    const result = yield* this.ended(what, promise);
    if ("error" in result) {
      throw result.error;
    }
    return result.value;
  }
}

/** Which empty store an experiment begins with. */
export interface EmptyStoreOptions {
  readonly profile: ProfileName;
  readonly segmentBytes: number;
  readonly engine: EnginePort;
  readonly drain?: (() => void) | undefined;
}

/**
 * Empty stores, each made once and then copied: making one takes longer than the experiment that follows.
 * Not to be shared between engines.
 */
export class EmptyStores {
  private readonly made = new Map<string, VirtualDisk>();

  *copy(options: EmptyStoreOptions): LabSteps<VirtualDisk> {
    const name = `${options.profile} ${options.segmentBytes}`;
    let disk = this.made.get(name);
    if (disk === undefined) {
      disk = yield* make(options);
      this.made.set(name, disk);
    }
    return disk.clone();
  }
}

function* make(options: EmptyStoreOptions): LabSteps<VirtualDisk> {
  const disk = new VirtualDisk({ profile: PROFILES[options.profile] });
  const world = new LabWorld({ ...options, seed: "empty store", disk });
  const db = yield* world.value("making a store", world.open(options.engine.syncPolicy()));
  yield* world.value("closing a new store", db.close());
  return disk;
}
