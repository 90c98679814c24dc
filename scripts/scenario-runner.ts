import {
  runScenario,
  runScenarioAsync,
  type RunResult,
  type RunSettings,
  type Scenario,
} from "../sim/index.ts";
import { withTripwire } from "./tripwire.ts";
import { createDrain, inMacroTask, settle, type Drain } from "./micro-tasks.ts";
import { Watchdog } from "./watchdog.ts";

/** Runs take milliseconds; a stretch of one that takes this long never ends. */
const RUN_MS_MAX = 8000;

/** Runs scenarios, one at a time, the fastest way that this runtime has. */
export class ScenarioRunner {
  /** Undefined where micro-tasks cannot be drained synchronously. */
  readonly drain: Drain | undefined;
  readonly #watchdog: Watchdog | undefined;

  /** `runMsMax`: real time after which a run is cut off. */
  constructor(drain: Drain | undefined, runMsMax: number = RUN_MS_MAX) {
    this.drain = drain;
    this.#watchdog = drain === undefined ? undefined : new Watchdog(drain, runMsMax);
  }

  static async create(): Promise<ScenarioRunner> {
    return new ScenarioRunner(await inMacroTask(createDrain));
  }

  /** A run whose code never ends is cut off, and has broken P11; without a drain it holds its thread. */
  async run(scenario: Scenario, settings: RunSettings = {}): Promise<RunResult> {
    const watchdog = this.#watchdog;
    if (watchdog === undefined) {
      return runScenarioAsync(scenario, { ...settings, settle });
    }
    const watched = {
      ...settings,
      drain: watchdog.drain,
      watch: (work: () => void) => watchdog.watch(work),
    };
    return inMacroTask(() => withTripwire(() => runScenario(scenario, watched)));
  }
}
