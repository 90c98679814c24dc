import type { ProgramItem } from "../scenario/client-program.ts";
import type { CrashCycle } from "../scenario/crash-cycle.ts";
import { countOperations, type Scenario } from "../scenario/scenario.ts";
import { simplerItems } from "./simpler-items.ts";
import type { Case, Passing, Shrinking } from "./shrinking.ts";

/** Fewer clients, fewer items, fewer steps, simpler items. */
export function* shrinkPrograms(state: Shrinking): Passing<boolean> {
  let progress = yield* withoutClients(state);
  progress = (yield* withoutItems(state)) || progress;
  progress = (yield* withoutSteps(state)) || progress;
  return progress;
}

function* withoutClients(state: Shrinking): Passing<boolean> {
  let progress = false;
  for (let index = state.best.scenario.clients.length - 1; index >= 0; index -= 1) {
    if (state.best.scenario.clients.length > 1) {
      const removed = withoutClient(state.best, index);
      progress = (yield* state.attemptAny(aimedAnew(state.best, removed))) || progress;
    }
  }
  return progress;
}

/** The clients behind it move up, with what they drew. */
function withoutClient({ scenario, tapes, offTape }: Case, index: number): Case {
  const moved = Object.entries(tapes).flatMap(([name, tape]) => {
    const [stream, client = ""] = name.split("/");
    if (stream !== "pace" || client === "" || Number(client) < index) {
      return [[name, tape] as const];
    }
    return Number(client) === index ? [] : [[`pace/${Number(client) - 1}`, tape] as const];
  });
  return {
    scenario: { ...scenario, clients: scenario.clients.toSpliced(index, 1) },
    tapes: Object.fromEntries(moved),
    offTape,
  };
}

/**
 * A crash is planned so many calls into its life: with fewer calls it would come later than it did. Nobody
 * knows how many of those that were removed had been made before it, so that several aims are tried.
 */
function* aimedAnew(before: Case, after: Case): Generator<Case, void> {
  yield after;
  const all = countOperations(before.scenario);
  const left = countOperations(after.scenario);
  const { cycles } = after.scenario;
  for (const [index, cycle] of cycles.slice(0, 3).entries()) {
    const afterOperations = Math.max(0, cycle.afterOperations - (all - left));
    if (afterOperations < cycle.afterOperations) {
      yield withCycles(after, cycles.with(index, { ...cycle, afterOperations }));
    }
  }
  if (cycles.length > 0 && left < all) {
    const inProportion: CrashCycle[] = [];
    for (const cycle of cycles) {
      const afterOperations = Math.floor((cycle.afterOperations * left) / all);
      inProportion.push({ ...cycle, afterOperations });
    }
    yield withCycles(after, inProportion);
  }
}

function withCycles(into: Case, cycles: Scenario["cycles"]): Case {
  return { ...into, scenario: { ...into.scenario, cycles } };
}

/** Where an item is. */
interface Position {
  readonly client: number;
  readonly item: number;
}

/** All items, about in the order in which they are reached, so that neighbours go together. */
function positionsOf({ clients }: Scenario): readonly Position[] {
  const positions = clients.flatMap(({ items }, client) =>
    items.map((_, item) => ({ client, item, at: (item + 1) / (items.length + 1) })),
  );
  return positions.toSorted((one, other) => one.at - other.at || one.client - other.client);
}

/** Halves, quarters, ... single items, from the end, which a failure in the middle never reached. */
function* withoutItems(state: Shrinking): Passing<boolean> {
  let progress = false;
  let positions = positionsOf(state.best.scenario);
  for (let size = positions.length; size > 0; size >>= 1) {
    for (let to = positions.length; to > 0; to -= size) {
      const gone = positions.slice(Math.max(0, to - size), to);
      const { best } = state;
      const removed = { ...best, scenario: withoutThese(best.scenario, gone) };
      if (yield* state.attemptAny(aimedAnew(best, removed))) {
        progress = true;
        positions = positionsOf(state.best.scenario);
      }
    }
  }
  return progress;
}

function withoutThese(scenario: Scenario, gone: readonly Position[]): Scenario {
  const isGone = (client: number, item: number): boolean =>
    gone.some((position) => position.client === client && position.item === item);
  const clients = scenario.clients.map(({ items }, client) => ({
    items: items.filter((_, item) => !isGone(client, item)),
  }));
  return { ...scenario, clients };
}

/** Single steps, and then whatever is simpler than an item. */
function* withoutSteps(state: Shrinking): Passing<boolean> {
  let progress = false;
  for (const client of state.best.scenario.clients.keys()) {
    for (let item = 0; item < itemsOf(state, client).length; item += 1) {
      progress = (yield* simplifyItem(state, { client, item })) || progress;
    }
  }
  return progress;
}

function* simplifyItem(state: Shrinking, position: Position): Passing<boolean> {
  let progress = false;
  for (;;) {
    const item = itemsOf(state, position.client)[position.item];
    if (item === undefined || !(yield* simplifyOnce(state, position, item))) {
      return progress;
    }
    progress = true;
  }
}

function* simplifyOnce(
  state: Shrinking,
  { client, item }: Position,
  now: ProgramItem,
): Passing<boolean> {
  for (const simpler of simplerItems(now)) {
    const { best } = state;
    const clients = best.scenario.clients.map(({ items }, index) => ({
      items: index === client ? items.toSpliced(item, 1, ...simpler) : items,
    }));
    const changed = { ...best, scenario: { ...best.scenario, clients } };
    if (yield* state.attemptAny(aimedAnew(best, changed))) {
      return true;
    }
  }
  return false;
}

function itemsOf(state: Shrinking, client: number): readonly ProgramItem[] {
  return state.best.scenario.clients[client]?.items ?? [];
}
