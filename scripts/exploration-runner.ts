import {
  exploreScenario,
  exploreScenarioAsync,
  makeRecord,
  type Exploration,
  type ExploreSettings,
  type FailureRecord,
  type FoundViolation,
  type Scenario,
} from "../sim/index.ts";
import { createDrain, inMacroTask, settle } from "./micro-tasks.ts";
import { ScenarioRunner } from "./scenario-runner.ts";
import { withTripwire } from "./tripwire.ts";

export type RunnerSettings = Omit<ExploreSettings, "drain">;

/** Explores workloads the fastest way that this runtime has, and turns what broke into records. */
export class ExplorationRunner {
  readonly #runner: ScenarioRunner;

  constructor(runner: ScenarioRunner) {
    this.#runner = runner;
  }

  static async create(): Promise<ExplorationRunner> {
    return new ExplorationRunner(new ScenarioRunner(await inMacroTask(createDrain)));
  }

  explore(scenario: Scenario, settings: RunnerSettings): Promise<Exploration> {
    const { drain } = this.#runner;
    if (drain === undefined) {
      return exploreScenarioAsync(scenario, { ...settings, settle });
    }
    const explore = (): Exploration => exploreScenario(scenario, { ...settings, drain });
    return inMacroTask(() => withTripwire(explore));
  }

  /**
   * The record of a run that goes the same path and breaks the same property; undefined when none does, and
   * then either the exploration or the run is wrong.
   */
  async recordOf(
    { replayable, violation, path }: FoundViolation,
    settings: Pick<RunnerSettings, "engine" | "wrapFiles">,
    engineVersion: string,
  ): Promise<FailureRecord | undefined> {
    const { scenario, tapes } = replayable;
    const result = await this.#runner.run(scenario, { ...settings, tapes, record: true });
    if (result.violation?.property !== violation.property) {
      return undefined;
    }
    const note = `found by exploration: ${path.join(", then ")}`;
    return makeRecord(scenario, result, { engineVersion, note });
  }
}
