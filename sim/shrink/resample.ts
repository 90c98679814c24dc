import type { Choices } from "../core/choices.ts";
import type { CrashCycle } from "../scenario/crash-cycle.ts";
import type { FaultPlan } from "../scenario/fault-plan.ts";
import { countOperations, type Scenario } from "../scenario/scenario.ts";
import type { Case, Passing, Shrinking } from "./shrinking.ts";

/** Sizes to aim at, in items, the smallest first: a small run costs least, and succeeding ends all work. */
const SIZES: readonly number[] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];

/** Tries per size before the next one. */
const TRIES = 10;

/**
 * Smaller scenarios made from parts of this one, with crashes at other moments and another outcome of
 * everything that chance decides. It gets far in one leap where step by step nothing gets smaller: a
 * failure that needs one rare outcome is often as likely in a small scenario as in a large one. True when
 * one of them fails in the same way.
 */
export function* resample(state: Shrinking, choices: Choices): Passing<boolean> {
  const { scenario } = state.best;
  const items = scenario.clients.reduce((sum, client) => sum + client.items.length, 0);
  for (const size of SIZES.filter((few) => few < items)) {
    if (yield* state.attemptAny(samples(scenario, size, choices))) {
      return true;
    }
  }
  return false;
}

function* samples(scenario: Scenario, size: number, choices: Choices): Generator<Case, void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const sample = sampleOf(scenario, size, choices);
    if (countOperations(sample) < countOperations(scenario)) {
      yield { scenario: sample, tapes: {}, offTape: "seed" };
    }
  }
}

function sampleOf(scenario: Scenario, size: number, choices: Choices): Scenario {
  const clients = sampleItems(scenario, size, choices);
  const sample = { ...scenario, clients, seed: `${scenario.seed}~${choices.below(1_000_000)}` };
  const operations = countOperations(sample);
  const cycles: CrashCycle[] = [];
  for (const cycle of scenario.cycles) {
    if (choices.below(2) === 0) {
      const afterOperations = choices.below(operations + 1);
      cycles.push({ ...cycle, afterOperations, plusSteps: choices.below(12) });
    }
  }
  const allFaults = choices.below(2) === 0;
  const faults = scenario.faults
    .filter(() => allFaults || choices.below(2) === 0)
    .map((fault) => (choices.below(2) === 0 ? fault : earlierFault(fault, choices)));
  return { ...sample, cycles, faults };
}

/** A small run makes few calls, in few lives: what strikes the fortieth of the third never strikes it. */
function earlierFault(fault: FaultPlan, choices: Choices): FaultPlan {
  const life = "life" in fault ? { life: choices.below(fault.life + 1) } : {};
  const nth = "nth" in fault ? { nth: choices.below(fault.nth + 1) } : {};
  return { ...fault, ...life, ...nth };
}

/** Neighbours from one client or several: what belongs together is often asked for at one time. */
function sampleItems(scenario: Scenario, size: number, choices: Choices): Scenario["clients"] {
  const fewest = choices.below(2) === 0 ? 1 : scenario.clients.length;
  const start = choices.below(1000);
  const first = choices.below(scenario.clients.length);
  return scenario.clients
    .map(({ items }, client) => {
      const share =
        client === first ? Math.ceil(size / fewest) : fewest === 1 ? 0 : Math.floor(size / fewest);
      const from = Math.floor((Math.max(0, items.length - share) * start) / 1000);
      return { items: items.slice(from, from + share) };
    })
    .filter(({ items }) => items.length > 0);
}
