import { setImmediate } from "node:timers/promises";
import { Database } from "../../engine/database.ts";
import type { OpenOptions } from "../../engine/options.ts";
import { FileIOError, type FileHandle, type FileIO } from "../../engine/platform/file-io.ts";
import type { Entry, ScanOptions } from "../../engine/transactions/range-scan.ts";
import { type Choices, GentleChoices, PrngChoices } from "../../sim/core/choices.ts";
import { Scheduler } from "../../sim/core/scheduler.ts";
import { VirtualClock } from "../../sim/core/virtual-clock.ts";
import { VirtualEntropy } from "../../sim/core/virtual-entropy.ts";
import type { CrashStyle } from "../../sim/disk/crash-style.ts";
import type { CrashKind } from "../../sim/disk/crash-summary.ts";
import type { DiskFaults, DiskOperation, Fault } from "../../sim/disk/disk-faults.ts";
import { PROFILES, type ProfileName } from "../../sim/disk/profiles.ts";
import { VirtualDisk } from "../../sim/disk/virtual-disk.ts";
import { VirtualFileIO } from "../../sim/disk/virtual-file-io.ts";

export const DIRECTORY = "/store";

/** Lets everything go on that waits neither for the disk nor for the clock. */
export async function goOn(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) {
    await Promise.resolve();
  }
}

/** More steps at one instant of virtual time are no progress. */
const STEPS_AT_ONCE_MAX = 2000;

export interface LoggedEvent {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly event: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface VirtualStoreOptions {
  /** @defaultValue "paranoid" */
  readonly profile?: ProfileName;
  /** Draws latencies and the store's id. @defaultValue the least latency */
  readonly seed?: string;
}

/** A store on a virtual disk under virtual time, for tests that say exactly what goes wrong and when. */
export class VirtualStore {
  readonly disk: VirtualDisk;
  readonly scheduler: Scheduler = new Scheduler();
  readonly clock: VirtualClock = new VirtualClock(this.scheduler);
  /** Every diagnostic event of every open. */
  readonly events: LoggedEvent[] = [];
  /** While true, closing a segment file fails. */
  failingCloses = false;
  readonly #choices: Choices;
  readonly #open = new Set<FileHandle>();

  constructor(options: VirtualStoreOptions = {}, disk?: VirtualDisk) {
    const { profile = "paranoid", seed } = options;
    this.disk = disk ?? new VirtualDisk({ profile: PROFILES[profile] });
    this.#choices = seed === undefined ? new GentleChoices() : new PrngChoices(seed);
  }

  /** The same disk contents in a world of its own: what crashes here does not crash there. */
  fork(): VirtualStore {
    return new VirtualStore({}, this.disk.clone());
  }

  /** Opens with small segments, so that little work meets every border; waits for it. */
  async open(options: Partial<OpenOptions> = {}): Promise<Database> {
    return await this.run(async () => await Database.open(this.options(options)));
  }

  options(options: Partial<OpenOptions> = {}): OpenOptions {
    const log =
      (level: LoggedEvent["level"]) =>
      (details: Record<string, unknown>): void => {
        this.events.push({ level, event: String(details["event"]), details });
      };
    return {
      directory: DIRECTORY,
      platform: {
        files: this.#files(),
        clock: this.clock,
        entropy: new VirtualEntropy(this.#choices),
      },
      segmentBytes: 4096,
      sectorBytes: 512,
      logger: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
      ...options,
    };
  }

  /**
   * Runs the world until the work is done. Fails when nothing is left to happen and the work still waits
   * (in real life: a promise that never settles), and when time stands still.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const state = { settled: false };
    const result = work().finally(() => {
      state.settled = true;
    });
    result.catch(() => {});
    let sinceUs = this.scheduler.nowUs;
    for (let stepsAtOnce = 0; stepsAtOnce < STEPS_AT_ONCE_MAX; stepsAtOnce += 1) {
      await setImmediate();
      if (state.settled) {
        return await result;
      }
      if (!this.scheduler.step()) {
        throw new Error("stalled: nothing is left to happen, and the work has not ended");
      }
      if (this.scheduler.nowUs !== sinceUs) {
        sinceUs = this.scheduler.nowUs;
        stepsAtOnce = 0;
      }
    }
    throw new Error(`going in circles: time stands still at ${sinceUs} us`);
  }

  /**
   * Runs the world for at most so many steps. False when the work did not end in time: it is left where it
   * is, for a crash.
   */
  async runSteps(stepsMax: number, work: () => Promise<unknown>): Promise<boolean> {
    const state = { settled: false };
    const settle = (): void => {
      state.settled = true;
    };
    work().then(settle, settle);
    await setImmediate();
    for (let steps = 0; steps < stepsMax && !state.settled; steps += 1) {
      this.scheduler.step();
      // What runs after the last step belongs to it: a dead program runs nothing any more.
      await setImmediate();
    }
    return state.settled;
  }

  /** Lets everything that is under way come to its end. */
  async settle(): Promise<void> {
    do {
      await setImmediate();
    } while (this.scheduler.step());
  }

  /** Lets virtual time pass, and what happens in it. */
  async pass(ms: number): Promise<void> {
    await this.run(
      async () =>
        await new Promise<void>((resolve) => {
          this.clock.setTimer(ms, resolve);
        }),
    );
  }

  /** Makes all that the disk was told durable, as a system does that has nothing else to do. */
  writeBack(): void {
    for (const { path } of this.disk.files()) {
      this.disk.sync(this.disk.open(path, "write"), "sync");
      this.disk.syncDirectory(path.slice(0, path.lastIndexOf("/")));
    }
  }

  /** What ran is dead. Without a style, nothing that was not synced survives. */
  crash(kind: CrashKind = "power", style: CrashStyle | Choices = { kind: "none" }): void {
    this.scheduler.clear();
    this.#open.clear();
    if ("below" in style) {
      this.disk.crash(kind, style);
    } else {
      this.disk.crash(kind, new GentleChoices(), style);
    }
  }

  /** Answers each call of the disk with a fault or none. Undefined: no more faults. */
  fault(answer: ((operation: DiskOperation) => Fault | undefined) | undefined): void {
    const faults: DiskFaults | undefined =
      answer === undefined ? undefined : { beforeOperation: answer };
    this.disk.faults = faults;
  }

  /** Everything in the store, in key order. */
  async entries(db: Database, range: ScanOptions = {}): Promise<[Entry["key"], unknown][]> {
    return await this.run(async () => {
      const found: [Entry["key"], unknown][] = [];
      for await (const { key, value } of db.scan(range)) {
        found.push([key, value]);
      }
      return found;
    });
  }

  /** Files that were opened and not closed since the last crash. */
  openFiles(): number {
    return this.#open.size;
  }

  eventNames(): string[] {
    return this.events.map(({ event }) => event);
  }

  segmentPaths(): string[] {
    return this.disk.files().flatMap(({ path }) => (path.endsWith(".log") ? [path] : []));
  }

  /** The virtual disk's files, with an eye on who closes them. */
  #files(): FileIO {
    const files = new VirtualFileIO({
      disk: this.disk,
      scheduler: this.scheduler,
      latency: this.#choices,
    });
    const open = files.open.bind(files);
    files.open = async (path, mode) => {
      const file = await open(path, mode);
      const close = file.close.bind(file);
      file.close = async () => {
        if (this.failingCloses && mode !== "read") {
          throw new FileIOError("EIO", { operation: "close", path });
        }
        await close();
        this.#open.delete(file);
      };
      this.#open.add(file);
      return file;
    };
    return files;
  }
}
