import {
  CorruptSubjectError,
  RunawaySubjectError,
  type SubjectWorld,
} from "../../../sim/subjects/subject.ts";
import { DiskMount } from "./disk-mount.ts";
import type { EmscriptenModule, EmscriptenOptions, WasmImports, WasmMemory } from "./emscripten.ts";
import {
  loadPglite,
  type PgliteDatabase,
  type PgliteFileSystem,
  type PgliteResult,
} from "./pglite-package.ts";
import { WasmMemories } from "./wasm-memory.ts";
import { WorkBudget } from "./work-budget.ts";
import { replaceWorld } from "./world-imports.ts";

const DATA_DIRECTORY = "/pglite/data";
/** The one database that a cluster of ours has. */
const DATABASE = "template1";
/** What PGlite takes for itself is thrown away at once, and one of our memories put in its place. */
const OWN_MEMORY_BYTES = 65_536;
const LINES_KEPT = 40;

/** What PostgreSQL is started with that has nothing to do with durability. */
const START_PARAMETERS: readonly string[] = [
  // Every line of its log begins with an SQLSTATE, by which damage is told from other failures.
  "log_line_prefix=%e ",
  // fdatasync never leaves the WebAssembly module.
  "wal_sync_method=fsync",
  // So few pages that they are written back while transactions go on.
  "shared_buffers=256kB",
  "dynamic_shared_memory_type=posix",
  "log_startup_progress_interval=0",
];

const memories = new WasmMemories();

/** How an instance is run. */
export interface InstanceOptions {
  /** As `name=value`. */
  readonly settings: readonly string[];
  /** For making a cluster where there is none. */
  readonly initDbParameters?: readonly string[];
}

/** PostgreSQL, compiled to WebAssembly, over a virtual disk. */
export class PgliteInstance {
  readonly #files: DiskFiles;
  readonly #log: string[] = [];
  readonly #budget = new WorkBudget();
  #database: PgliteDatabase | undefined;

  private constructor(world: SubjectWorld) {
    this.#files = new DiskFiles(world, this.#budget);
  }

  static async open(world: SubjectWorld, options: InstanceOptions): Promise<PgliteInstance> {
    const instance = new PgliteInstance(world);
    await instance.#start(options);
    return instance;
  }

  /** @throws CorruptSubjectError, RunawaySubjectError, or whatever PostgreSQL says. */
  async run(sql: string): Promise<readonly PgliteResult[]> {
    const database = this.#database;
    if (database === undefined) {
      throw new Error("PostgreSQL is not running");
    }
    return this.#guard(() => database.exec(sql));
  }

  /** An orderly end, with a checkpoint. */
  async close(): Promise<void> {
    const database = this.#database;
    if (database !== undefined) {
      await this.#guard(() => database.close());
      this.abandon();
    }
  }

  /** Frees its memory. Nothing of it runs afterwards. */
  abandon(): void {
    this.#database = undefined;
    this.#files.release();
  }

  async #start({ settings, initDbParameters }: InstanceOptions): Promise<void> {
    const { PGlite, amcheck } = await loadPglite();
    const parameters = [...START_PARAMETERS, ...settings].flatMap((setting) => ["-c", setting]);
    try {
      this.#database = await this.#guard(() =>
        PGlite.create({
          fs: this.#files,
          database: DATABASE,
          // By default fsync is off.
          startParams: [...PGlite.defaultStartParams.filter((one) => one !== "-F"), ...parameters],
          ...(initDbParameters === undefined
            ? { initialMemory: OWN_MEMORY_BYTES }
            : { initDbStartParams: initDbParameters }),
          extensions: { amcheck },
          onStderr: (line) => this.#note(line),
        }),
      );
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  #note(line: string): boolean {
    this.#log.push(line);
    if (this.#log.length > LINES_KEPT) {
      this.#log.shift();
    }
    return false;
  }

  /** What PostgreSQL says of a failure is in its log, and not always in the error that comes out. */
  async #guard<T>(work: () => Promise<T>): Promise<T> {
    this.#log.length = 0;
    this.#budget.renew();
    try {
      const result = await work();
      if (this.#log.some((line) => PANIC.test(line))) {
        throw new Error("PostgreSQL panicked");
      }
      return result;
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #explain(error: unknown): Error {
    const said = [messageOf(error), ...this.#log.filter((line) => SEVERE.test(line))].join("; ");
    if (this.#budget.isSpent) {
      return new RunawaySubjectError(said, { cause: error });
    }
    const isDamage = DAMAGE.test(codeOf(error)) || this.#log.some((line) => DAMAGE.test(line));
    return isDamage || this.#log.some((line) => PANIC.test(line))
      ? new CorruptSubjectError(said, { cause: error })
      : new Error(said, { cause: error });
  }
}

/** `data_corrupted` and `index_corrupted`, in the log and as the code of an error. */
const DAMAGE = /^XX00[12]\b/u;
const PANIC = /\bPANIC: /u;
const SEVERE = /\b(?:PANIC|FATAL|ERROR): /u;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

/** The files of an instance: a mount over its disk, and the memory and the world that come with it. */
class DiskFiles implements PgliteFileSystem {
  readonly #world: SubjectWorld;
  readonly #budget: WorkBudget;
  #memory: WasmMemory | undefined;

  constructor(world: SubjectWorld, budget: WorkBudget) {
    this.#world = world;
    this.#budget = budget;
  }

  init(
    _database: unknown,
    options: EmscriptenOptions,
  ): Promise<{ readonly emscriptenOpts: EmscriptenOptions }> {
    const memory = memories.take();
    this.#memory = memory;
    const { instantiateWasm } = options;
    const emscriptenOpts: EmscriptenOptions = {
      ...options,
      wasmMemory: memory,
      preRun: [...(options.preRun ?? []), (module) => this.#mount(module)],
      instantiateWasm: (imports, success) => {
        for (const part of Object.values(imports)) {
          this.#replace(part, memory);
        }
        return instantiateWasm?.(imports, success) ?? {};
      },
    };
    return Promise.resolve({ emscriptenOpts });
  }

  initialSyncFs(): Promise<void> {
    return Promise.resolve();
  }

  /** Every call has reached the disk already: what makes it durable is PostgreSQL's own fsync. */
  syncToFs(): Promise<void> {
    return Promise.resolve();
  }

  dumpTar(): Promise<never> {
    return Promise.reject(new Error("the files lie on a virtual disk"));
  }

  closeFs(): Promise<void> {
    return Promise.resolve();
  }

  release(): void {
    const memory = this.#memory;
    this.#memory = undefined;
    if (memory !== undefined) {
      memories.giveBack(memory);
    }
  }

  #mount({ FS }: EmscriptenModule): void {
    FS.mkdirTree(DATA_DIRECTORY);
    const mount = new DiskMount(this.#world.disk, FS, () => {
      this.#budget.spend();
    });
    FS.mount(mount, {}, DATA_DIRECTORY);
  }

  #replace(imports: WasmImports, memory: WasmMemory): void {
    if (!("clock_time_get" in imports)) {
      return;
    }
    const world = this.#world;
    const nowMs = (): number => {
      this.#budget.spend();
      return world.nowMs();
    };
    const random = (target: Uint8Array): void => world.random(target);
    replaceWorld(imports, { nowMs, random }, () => new Uint8Array(memory.buffer));
  }
}
