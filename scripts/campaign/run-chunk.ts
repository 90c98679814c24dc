import type { Cell } from "./cell.ts";
import type { Chunk, ChunkResult, FoundFailure, FoundUntrusted } from "./chunk.ts";
import { CellCounts, addProbes } from "./counts.ts";
import type { FinishedRun, RecordedRun, Simulation } from "./simulation.ts";
import { TraceSum } from "./trace-sum.ts";

/** Of the seeds that hold, one in this many runs twice. By seed, so that it does not depend on workers. */
const REPEAT_EVERY = 20;

/** Runs every seed of a chunk. Never throws for what a seed does: that is in the result. */
export async function runChunk(
  chunk: Chunk,
  simulation: Simulation,
  onSeed: (seed: number) => void,
): Promise<ChunkResult> {
  const findings = new Findings();
  for (let seed = chunk.first; seed < chunk.first + chunk.count; seed += 1) {
    onSeed(seed);
    await runSeed({ seed, chunk, simulation, findings });
  }
  return findings.result();
}

interface SeedTask {
  readonly seed: number;
  readonly chunk: Chunk;
  readonly simulation: Simulation;
  readonly findings: Findings;
}

async function runSeed({ seed, chunk, simulation, findings }: SeedTask): Promise<void> {
  try {
    const run = await simulation.run(seed, chunk.selection);
    const repeat = run.verdict === "broken" || seed % REPEAT_EVERY === 0;
    findings.finished(seed, run, repeat);
    if (repeat) {
      findings.repeated(seed, run, await simulation.runRecorded(seed, chunk.selection));
    }
  } catch (error) {
    const cell = { policy: chunk.selection.policy ?? "?", profile: chunk.selection.profile ?? "?" };
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    findings.untrusted({ seed, cell }, "error", message);
  }
}

interface SeedCell {
  readonly seed: number;
  readonly cell: Cell;
}

class Findings {
  readonly #counts = new CellCounts();
  readonly #probes: Record<string, number> = {};
  readonly #ledger: Record<string, number> = {};
  readonly #traces = new TraceSum();
  readonly #failures: FoundFailure[] = [];
  readonly #untrusted: FoundUntrusted[] = [];

  finished(seed: number, run: FinishedRun, repeat: boolean): void {
    const broken = run.verdict === "broken" && run.violation?.property !== "harness";
    this.#counts.add(run.cell, {
      seeds: 1,
      repeated: repeat ? 1 : 0,
      crashes: run.crashes,
      operations: run.operations,
      checks: run.checks,
      unchecked: run.checks === 0 ? 1 : 0,
      steps: run.steps,
      virtualMs: run.virtualMs,
      broken: broken ? 1 : 0,
    });
    addProbes(this.#probes, run.probes);
    addProbes(this.#ledger, run.ledger ?? {});
    this.#traces.add(seed, run.traceHash);
    if (run.verdict === "held" && run.checks === 0 && run.refused !== true) {
      this.untrusted({ seed, cell: run.cell }, "vacuous", "the run ended without a single check");
    }
  }

  repeated(seed: number, first: FinishedRun, again: RecordedRun): void {
    const at = { seed, cell: first.cell };
    if (again.run.traceHash !== first.traceHash) {
      const hashes = `${first.traceHash} and then ${again.run.traceHash}`;
      this.untrusted(at, "diverged", `two runs of one seed left different traces: ${hashes}`);
    }
    const { violation } = first;
    if (violation?.property === "harness") {
      this.untrusted(at, "error", [violation.message, ...violation.details].join("\n"));
    } else if (first.verdict === "broken") {
      this.#failures.push({
        seed,
        ...first.cell,
        property: violation?.property ?? "unnamed",
        message: violation?.message ?? "broken without a violation",
        details: violation?.details ?? [],
        traceHash: first.traceHash,
        ...(again.recordText === undefined ? {} : { recordText: again.recordText }),
      });
    }
  }

  untrusted({ seed, cell }: SeedCell, kind: FoundUntrusted["kind"], message: string): void {
    this.#untrusted.push({ seed, ...cell, kind, message });
  }

  result(): ChunkResult {
    return {
      cells: this.#counts.inOrder({ policies: [], profiles: [] }),
      probes: this.#probes,
      ledger: this.#ledger,
      traceSum: this.#traces.hex,
      failures: this.#failures,
      untrusted: this.#untrusted,
    };
  }
}
