import type {
  CampaignCounts,
  CampaignFailure,
  CampaignReport,
  CampaignVerdict,
  UntrustedRun,
} from "../../reports/index.ts";
import type { Cell, CellNames, Selection } from "./cell.ts";
import {
  LostChunkError,
  type Chunk,
  type ChunkResult,
  type ChunkRunner,
  type FoundFailure,
  type FoundUntrusted,
} from "./chunk.ts";
import { ChunkSizer } from "./chunk-sizer.ts";
import { CellCounts, addProbes, ledgerOf } from "./counts.ts";
import { SeedCursor, type SeedRange } from "./seed-range.ts";
import { TraceSum } from "./trace-sum.ts";

export interface CampaignOptions {
  readonly range: SeedRange;
  readonly shard?: string | undefined;
  /** No chunk begins after this much real time. */
  readonly timeMs?: number | undefined;
  readonly workers: number;
  /** No chunk begins once this many seeds broke a property. */
  readonly bail?: number | undefined;
  readonly selection: Selection;
  readonly cellNames: CellNames;
  /** The cell of a seed whose run was lost. */
  readonly cellOf: (seed: number) => Cell;
  readonly probeNames: readonly string[];
  /** Which probes a campaign of this many seeds has to reach. @defaultValue none */
  readonly demandedProbes?: (seeds: number) => readonly string[];
  /** Faults by name, each with all of its stages, such as "lost-write.fired". @defaultValue none */
  readonly ledgerNames?: readonly string[];
  /** Which entries of the ledger a campaign of this many seeds has to have. @defaultValue none */
  readonly demandedEntries?: (seeds: number) => readonly string[];
  readonly engineVersion: string;
  readonly runner: ChunkRunner;
  /** Keeps what is needed to replay a failure and says how. */
  readonly keepFailure: (found: FoundFailure) => Pick<CampaignFailure, "record" | "replay">;
  readonly replayLine: (found: FoundUntrusted) => string;
  readonly onFailure?: (failure: CampaignFailure) => void;
  readonly onUntrusted?: (run: UntrustedRun) => void;
}

/** A report that lists more failures than this is read by nobody; `totals.broken` counts them all. */
const LISTED_MAX = 1000;

/** A campaign in which more than one seed in this many checked nothing has been fooled, whatever explains each. */
const SEEDS_PER_UNCHECKED_MIN = 100;

/** Workers die of the machine as well as of a seed: after this many the campaign gives up. */
const LOST_CHUNKS_MAX = 10;

/** Runs seeds on workers until they, the time or the patience with failures run out. */
export class Campaign {
  readonly #options: CampaignOptions;
  readonly #cursor: SeedCursor;
  readonly #sizer: ChunkSizer;
  readonly #counts = new CellCounts();
  readonly #probes: Record<string, number>;
  readonly #ledger: Record<string, number>;
  readonly #traces = new TraceSum();
  readonly #failures: CampaignFailure[] = [];
  readonly #untrusted: UntrustedRun[] = [];
  readonly #startMs = performance.now();
  #endMs: number | undefined;
  #lostChunks = 0;
  #stopped = false;
  #complete = false;

  constructor(options: CampaignOptions) {
    this.#options = options;
    this.#cursor = new SeedCursor(options.range);
    this.#sizer = new ChunkSizer(options.workers);
    this.#probes = Object.fromEntries(options.probeNames.map((name) => [name, 0]));
    this.#ledger = Object.fromEntries((options.ledgerNames ?? []).map((name) => [name, 0]));
  }

  /** Resolves to the last report: complete, or partial after `stop`. */
  async run(): Promise<CampaignReport> {
    const lanes = Array.from({ length: this.#options.workers }, () => this.#runLane());
    await Promise.all(lanes);
    this.#complete = !this.#stopped;
    this.#endMs = performance.now();
    return this.report();
  }

  /** Ends the campaign where it stands. What unfinished chunks found is not counted. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#options.runner.close();
  }

  /** What is known by now. */
  report(): CampaignReport {
    const { range, shard, workers, engineVersion, cellNames } = this.#options;
    return {
      schema: "seawall-campaign",
      version: 1,
      engineVersion,
      complete: this.#complete,
      verdict: this.#verdict(),
      seeds: {
        first: range.first,
        ...(range.count === Infinity || this.#options.timeMs !== undefined
          ? {}
          : { planned: range.count }),
        ...(shard === undefined ? {} : { shard }),
      },
      workers,
      elapsedMs: Math.round((this.#endMs ?? performance.now()) - this.#startMs),
      traceHash: this.#traces.hex,
      totals: { ...this.#counts.totals },
      cells: this.#counts.inOrder(cellNames),
      probes: { ...this.#probes },
      ledger: ledgerOf(this.#ledger),
      ...this.#missed(),
      failures: this.#failures.toSorted(bySeed),
      untrusted: this.#untrusted.toSorted(bySeed),
    };
  }

  /** One lane keeps one worker busy. */
  async #runLane(): Promise<void> {
    for (let range = this.#next(); range !== undefined; range = this.#next()) {
      const chunk: Chunk = { ...range, selection: this.#options.selection };
      const startMs = performance.now();
      try {
        const result = await this.#options.runner.run(chunk);
        this.#sizer.took(chunk.count, performance.now() - startMs);
        this.#add(result);
      } catch (error) {
        this.#lose(chunk, error);
      }
    }
  }

  #next(): SeedRange | undefined {
    const { timeMs, bail } = this.#options;
    const late = timeMs !== undefined && performance.now() - this.#startMs >= timeMs;
    const enough = bail !== undefined && this.#counts.totals.broken >= bail;
    if (this.#stopped || late || enough) {
      return undefined;
    }
    return this.#cursor.take(this.#sizer.seeds(this.#cursor.left));
  }

  #add(result: ChunkResult): void {
    if (this.#stopped) {
      return;
    }
    result.cells.forEach((cell) => this.#counts.add(cell, cell));
    addProbes(this.#probes, result.probes);
    addProbes(this.#ledger, result.ledger);
    this.#traces.addSum(result.traceSum);
    result.failures.forEach((found) => this.#addFailure(found));
    result.untrusted.forEach((found) => this.#addUntrusted(found));
  }

  #addFailure(found: FoundFailure): void {
    if (this.#failures.length >= LISTED_MAX) {
      return;
    }
    const { recordText: _, ...rest } = found;
    const failure = { ...rest, ...this.#options.keepFailure(found) };
    this.#failures.push(failure);
    this.#options.onFailure?.(failure);
  }

  #addUntrusted(found: FoundUntrusted): void {
    if (this.#untrusted.length >= LISTED_MAX) {
      return;
    }
    const run = { ...found, replay: this.#options.replayLine(found) };
    this.#untrusted.push(run);
    this.#options.onUntrusted?.(run);
  }

  #lose(chunk: Chunk, error: unknown): void {
    if (this.#stopped) {
      return;
    }
    if (!(error instanceof LostChunkError)) {
      throw error;
    }
    const seed = error.seed ?? chunk.first;
    const cell = this.#options.cellOf(seed);
    this.#addUntrusted({ seed, ...cell, kind: error.kind, message: error.message });
    this.#lostChunks += 1;
    if (error.seed === undefined || this.#lostChunks >= LOST_CHUNKS_MAX) {
      this.#stopped = true;
    } else {
      this.#cursor.giveBackAround(chunk, seed);
    }
  }

  #missed(): Pick<CampaignReport, "missedProbes"> {
    const { demandedProbes, demandedEntries } = this.#options;
    const { seeds } = this.#counts.totals;
    const missed = [
      ...(demandedProbes?.(seeds) ?? []).filter((name) => this.#probes[name] === 0),
      ...(demandedEntries?.(seeds) ?? []).filter((name) => this.#ledger[name] === 0),
    ];
    return this.#complete && missed.length > 0 ? { missedProbes: missed } : {};
  }

  #verdict(): CampaignVerdict {
    const vacuous = this.#complete && isVacuous(this.#counts.totals);
    const blind = this.#missed().missedProbes !== undefined;
    if (this.#untrusted.length > 0 || vacuous || blind) {
      return "untrusted";
    }
    return this.#counts.totals.broken > 0 ? "broken" : "held";
  }
}

function isVacuous({ seeds, checks, unchecked }: CampaignCounts): boolean {
  return checks === 0 || unchecked > Math.max(1, seeds / SEEDS_PER_UNCHECKED_MIN);
}

function bySeed(a: { readonly seed: number }, b: { readonly seed: number }): number {
  return a.seed - b.seed;
}
