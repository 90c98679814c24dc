import process from "node:process";
import { Argument, Command } from "commander";
import { Bench } from "../bench/bench.ts";
import { createBenchProgress } from "../bench/bench-progress.ts";
import { PEER_NAMES, WORKLOADS, WORKLOAD_NAMES, type WorkloadName } from "../bench/catalog.ts";
import { machineFacts } from "../bench/machine.ts";
import { reportText } from "../bench/report-text.ts";
import { rowsOf, type BenchReport, type BenchSettings, type Sample } from "../bench/report.ts";
import { StageDirectory } from "../bench/stage-directory.ts";
import { writeWhole } from "../campaign/atomic-file.ts";
import { parseCount } from "../cli/arguments.ts";
import { screenHasColors } from "../cli/colors.ts";
import type { CreateCommand } from "../cli/command.ts";
import { EXIT, type ExitStatus } from "../cli/exit-status.ts";
import { Interrupts } from "../cli/interrupts.ts";
import { packageInfo } from "../cli/package-info.ts";

interface BenchCommandOptions {
  readonly rounds?: number;
  readonly keys?: number;
  readonly quick?: true;
  readonly json?: string;
}

const MIB = 2 ** 20;

/** Long enough for a store that writes to be in its stride: its first log files made, its first checkpoint taken. */
const FULL = { keys: 1_000_000, rounds: 3, budgetMs: 1500, logBytes: 64 * MIB } as const;
/** Enough to see that everything runs and where an order of magnitude went; not for comparing. */
const QUICK = { keys: 50_000, rounds: 1, budgetMs: 250, logBytes: 8 * MIB } as const;

const HELP = `
Workloads (all when none is given):
${WORKLOADS.map(({ name, title }) => `  ${name.padEnd(4)} ${title}`).join("\n")}

The floor is no store: it writes and syncs the same bytes through the same calls, or reads a plain Map.
"seawall" acknowledges commits that need not be durable once the system has them (policy os, as the peers
do); "seawall-async" from memory. Compare ratios of one run, never figures of two.
`;

export const createBenchCommand: CreateCommand = (finish) =>
  new Command("bench")
    .description("Measure Seawall beside LevelDB, LMDB and SQLite on the real disk.")
    .addArgument(new Argument("[workload...]", "only these").choices(WORKLOAD_NAMES))
    .option("--rounds <n>", `how often each is measured (default: ${FULL.rounds})`, parseCount)
    .option("--keys <n>", `keys in a loaded store (default: ${FULL.keys})`, parseCount)
    .option("--quick", `${QUICK.keys} keys, ${QUICK.rounds} short round`)
    .option("--json <file>", "also write every figure of every round to a file")
    .addHelpText("after", HELP)
    .action(async (workloads: WorkloadName[], options: BenchCommandOptions) =>
      finish(await bench(settingsOf(workloads, options), options.json)),
    );

/** The zipfian constants and a scan of a hundred need some keys to choose from. */
const KEYS_MIN = 1000;

function settingsOf(chosen: readonly WorkloadName[], options: BenchCommandOptions): BenchSettings {
  const size = options.quick === true ? QUICK : FULL;
  return {
    ...size,
    keys: Math.max(KEYS_MIN, options.keys ?? size.keys),
    rounds: options.rounds ?? size.rounds,
    workloads: chosen.length === 0 ? WORKLOAD_NAMES : [...new Set(chosen)],
    peers: PEER_NAMES,
  };
}

async function bench(settings: BenchSettings, file: string | undefined): Promise<ExitStatus> {
  const machine = machineFacts();
  const reportOf = (samples: readonly Sample[]): BenchReport => ({
    machine,
    seawallVersion: packageInfo().version,
    settings,
    rows: rowsOf(settings, samples),
    samples,
  });
  const abort = new AbortController();
  const interrupts = new Interrupts(() => abort.abort());
  const progress = createBenchProgress(process.stderr);
  const stage = new StageDirectory();
  const onStep = progress.step;
  // However this process ends, the file says what was known then: a full run is long.
  const onSamples = (samples: readonly Sample[]): void => {
    if (file !== undefined) {
      writeWhole(file, `${JSON.stringify(reportOf(samples), null, 2)}\n`);
    }
  };
  let samples: readonly Sample[] = [];
  try {
    const { signal } = abort;
    samples = await new Bench({ settings, stage, signal, onStep, onSamples }).run();
  } finally {
    progress.stop();
    stage.close();
    interrupts.close();
  }
  process.stdout.write(reportText(reportOf(samples), screenHasColors()));
  if (interrupts.status !== undefined) {
    return interrupts.status;
  }
  return samples.some(({ outcome }) => outcome.kind === "failed") ? EXIT.untrusted : EXIT.held;
}
