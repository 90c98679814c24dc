import type { ChoiceTapes } from "../core/streams.ts";
import type { CrashCycle, NestedCrash } from "../scenario/crash-cycle.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Strike } from "./moment.ts";

/** A run that does what an exploration did on one of its paths. */
export interface Replayable {
  readonly scenario: Scenario;
  readonly tapes: ChoiceTapes;
}

/**
 * The path to a broken property as a scenario of its own, with the choices of all its worlds put behind each
 * other. `begun`: how many items of its program each client has begun; the rest is left out, because a run
 * would go on with it where the exploration stopped.
 */
export function replayOf(
  scenario: Scenario,
  path: readonly Strike[],
  begun: readonly number[],
): Replayable {
  const creation: NestedCrash[] = [];
  const cycles: (CrashCycle & { nested: NestedCrash[] })[] = [];
  for (const { phase, kind, steps } of path) {
    if (phase === "creation" || phase === "recovery") {
      (cycles.at(-1)?.nested ?? creation).push({ kind, recoverySteps: steps });
    } else {
      cycles.push({ kind, afterOperations: 0, plusSteps: steps, nested: [] });
    }
  }
  const clients = scenario.clients.map(({ items }, client) => ({
    items: items.slice(0, begun[client] ?? 0),
  }));
  return { scenario: { ...scenario, clients, creation, cycles }, tapes: tapesOf(path) };
}

function tapesOf(path: readonly Strike[]): ChoiceTapes {
  const tapes = new Map<string, number[]>();
  const add = (name: string, taken: readonly number[]): void => {
    tapes.set(name, [...(tapes.get(name) ?? []), ...taken]);
  };
  for (const [index, { world, landing, survival }] of path.entries()) {
    for (const [name, taken] of Object.entries(world.streams.tapes())) {
      // Each world of an exploration asks anew whether its timers are exact; a run asks once.
      add(name, name === "timers" && index > 0 ? taken.slice(1) : taken);
    }
    add(
      "survival",
      Array.from({ length: landing }, () => 0),
    );
    add("survival", survival);
  }
  return Object.fromEntries(tapes);
}
