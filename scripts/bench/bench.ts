import { WORKLOADS, type PeerName, type Start, type WorkloadSpec } from "./catalog.ts";
import type { BenchSettings, Sample } from "./report.ts";
import { runTask } from "./run-task.ts";
import type { StageDirectory } from "./stage-directory.ts";
import { rotated } from "./statistics.ts";
import type { Outcome, Task } from "./task.ts";

export interface BenchOptions {
  readonly settings: BenchSettings;
  readonly stage: StageDirectory;
  readonly signal: AbortSignal;
  readonly onStep: (step: BenchStep) => void;
  /** All that was measured so far, after every measurement. */
  readonly onSamples: (samples: readonly Sample[]) => void;
}

/** What is about to run, for whoever waits. */
export interface BenchStep {
  readonly done: number;
  readonly of: number;
  readonly what: string;
}

/**
 * Runs every chosen workload on every peer, round by round: all peers meet the machine in the same moods,
 * and none is always first. Stores that several workloads start from are made once, before the rounds.
 */
export class Bench {
  readonly #options: BenchOptions;
  readonly #specs: readonly WorkloadSpec[];
  readonly #samples: Sample[] = [];
  /** Directories of stores that were made beforehand, by peer. */
  readonly #loaded = new Map<PeerName, string>();
  readonly #crashed = new Map<PeerName, string>();
  #done = 0;

  constructor(options: BenchOptions) {
    this.#options = options;
    this.#specs = WORKLOADS.filter(({ name }) => options.settings.workloads.includes(name));
  }

  /** Resolves to what was measured until the end, or until the signal was aborted. */
  async run(): Promise<readonly Sample[]> {
    const { settings } = this.#options;
    await this.#load();
    await this.#crash();
    const inRounds = this.#specs.filter(({ start }) => start !== "loading");
    for (let round = 0; round < settings.rounds; round += 1) {
      for (const [index, spec] of inRounds.entries()) {
        for (const peer of rotated(this.#peersOf(spec), round + index)) {
          await this.#measure(spec, peer, round);
        }
      }
    }
    return this.#samples;
  }

  #peersOf({ absent }: WorkloadSpec): PeerName[] {
    return this.#options.settings.peers.filter((peer) => absent[peer] === undefined);
  }

  /** L1 is measured here, once: what it leaves is what the readers need. */
  async #load(): Promise<void> {
    const load = this.#specs.find(({ start }) => start === "loading");
    const readers = this.#specs.filter(({ start }) => start.startsWith("loaded"));
    const needed = new Set(readers.flatMap((spec) => this.#peersOf(spec)));
    const loaders = new Set<PeerName>(load === undefined ? [] : this.#peersOf(load));
    for (const peer of this.#options.settings.peers) {
      const makes = sourceOf(peer) === peer && peer !== "floor";
      if (loaders.has(peer) || (makes && [...needed].some((each) => sourceOf(each) === peer))) {
        const directory = this.#options.stage.fresh();
        const outcome = await this.#run(`loading ${peer}`, peer, "L1", directory);
        this.#loaded.set(peer, directory);
        this.#keep({ workload: "L1", peer, round: 0, outcome });
      }
    }
  }

  async #crash(): Promise<void> {
    const spec = this.#specs.find(({ start }) => start === "crashed-copy");
    for (const peer of spec === undefined ? [] : this.#peersOf(spec)) {
      const directory = this.#options.stage.fresh();
      const outcome = await this.#run(`crashing ${peer}`, peer, "crash", directory);
      if (outcome.kind === "measured") {
        this.#crashed.set(peer, directory);
      } else {
        this.#keep({ workload: "O2", peer, round: 0, outcome });
      }
    }
  }

  async #measure(spec: WorkloadSpec, peer: PeerName, round: number): Promise<void> {
    if (this.#options.signal.aborted) {
      return;
    }
    const directory = this.#directoryFor(spec.start, peer);
    if (directory === undefined) {
      this.#done += 1;
      return;
    }
    const { rounds } = this.#options.settings;
    const what = `round ${round + 1}/${rounds}  ${spec.name}  ${peer}`;
    const outcome = await this.#run(what, peer, spec.name, directory);
    this.#keep({ workload: spec.name, peer, round, outcome });
    if (spec.start !== "loaded") {
      this.#options.stage.remove(directory);
    }
  }

  /** Undefined when the store to start from could not be made; that has been noted then. */
  #directoryFor(start: Start, peer: PeerName): string | undefined {
    const { stage } = this.#options;
    if (start === "empty" || start === "loading") {
      return stage.fresh();
    }
    const base =
      start === "crashed-copy" ? this.#crashed.get(peer) : this.#loaded.get(sourceOf(peer));
    if (base === undefined) {
      return peer === "floor" && start !== "crashed-copy" ? stage.fresh() : undefined;
    }
    return start === "loaded" ? base : stage.copyOf(base);
  }

  /** What an interrupt cut short says nothing. */
  #keep(sample: Sample): void {
    if (!this.#options.signal.aborted) {
      this.#samples.push(sample);
      this.#options.onSamples(this.#samples);
    }
  }

  async #run(what: string, peer: PeerName, job: Task["job"], directory: string): Promise<Outcome> {
    const { settings, signal, onStep } = this.#options;
    const { keys, budgetMs, logBytes } = settings;
    onStep({ done: this.#done, of: this.#total(), what });
    const outcome = await runTask({ peer, job, directory, keys, budgetMs, logBytes }, signal);
    this.#done += 1;
    return outcome;
  }

  /** About how many processes there will be; loading and crashing count as one step a peer. */
  #total(): number {
    const { rounds, peers } = this.#options.settings;
    const perRound = this.#specs.reduce((sum, spec) => sum + this.#peersOf(spec).length, 0);
    return perRound * rounds + peers.length * 2;
  }
}

/** Both Seawalls read the same store: they differ in how they commit. */
function sourceOf(peer: PeerName): PeerName {
  return peer === "seawall-async" ? "seawall" : peer;
}
