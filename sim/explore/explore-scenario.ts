import { assert } from "../../engine/base/assert.ts";
import { finish, type Quiescence } from "../run/stepping.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Exploration } from "./exploration.ts";
import { Explorer, type ExploreSettings } from "./explorer.ts";

/** Explores every crash of a workload within a bound, in one synchronous call. */
export function exploreScenario(
  scenario: Scenario,
  settings: ExploreSettings & { readonly drain: () => boolean },
): Exploration {
  const { done, value } = stepExploration(scenario, settings).next();
  assert(done === true, "an exploration that drains micro-tasks itself has no reason to yield");
  return value;
}

/** The same for platforms that cannot drain micro-tasks synchronously; see `runScenarioAsync`. */
export async function exploreScenarioAsync(
  scenario: Scenario,
  settings: ExploreSettings & { readonly settle: () => Promise<void> },
): Promise<Exploration> {
  return await finish(stepExploration(scenario, settings), settings.settle);
}

function stepExploration(scenario: Scenario, settings: ExploreSettings): Quiescence<Exploration> {
  return new Explorer(scenario, settings).run();
}
