import {
  runScenario,
  runScenarioAsync,
  type RunResult,
  type RunSettings,
  type Scenario,
} from "../sim/index.ts";
import { withTripwire } from "./tripwire.ts";
import { createDrain, inMacroTask, settle, type Drain } from "./micro-tasks.ts";

/** Runs scenarios, one at a time, the fastest way that this runtime has. */
export class ScenarioRunner {
  /** Undefined where micro-tasks cannot be drained synchronously. */
  readonly drain: Drain | undefined;

  constructor(drain: Drain | undefined) {
    this.drain = drain;
  }

  static async create(): Promise<ScenarioRunner> {
    return new ScenarioRunner(await inMacroTask(createDrain));
  }

  async run(scenario: Scenario, settings: RunSettings = {}): Promise<RunResult> {
    const { drain } = this;
    if (drain === undefined) {
      return runScenarioAsync(scenario, { ...settings, settle });
    }
    return inMacroTask(() => withTripwire(() => runScenario(scenario, { ...settings, drain })));
  }
}
