import {
  type ProgramItem,
  stepsOf,
  type TransactionItem,
  type ValueSpec,
  type WriteStep,
} from "./client-program.ts";
import type { Scenario } from "./scenario.ts";

/**
 * Simpler scenarios, the boldest simplification first: fewer faults, crashes and clients, then halves of
 * programs, single items, single steps, and small plain values. Each is a scenario of its own.
 */
export function* shrinkScenario(scenario: Scenario): Generator<Scenario, void> {
  yield* withoutFaults(scenario);
  yield* withoutClients(scenario);
  yield* withoutItems(scenario);
  yield* withoutSteps(scenario);
  yield* withPlainValues(scenario);
}

function* without<T>(list: readonly T[]): Generator<readonly T[], void> {
  for (const index of list.keys()) {
    yield list.toSpliced(index, 1);
  }
}

function* withoutFaults(scenario: Scenario): Generator<Scenario, void> {
  if (scenario.faults.length > 1) {
    yield { ...scenario, faults: [] };
  }
  for (const faults of without(scenario.faults)) {
    yield { ...scenario, faults };
  }
  if (scenario.creation.length > 0) {
    yield { ...scenario, creation: [] };
  }
  for (const cycles of without(scenario.cycles)) {
    yield { ...scenario, cycles };
  }
  for (const [index, cycle] of scenario.cycles.entries()) {
    for (const nested of without(cycle.nested)) {
      yield { ...scenario, cycles: scenario.cycles.with(index, { ...cycle, nested }) };
    }
    if (cycle.plusSteps > 0) {
      const plusSteps = Math.floor(cycle.plusSteps / 2);
      yield { ...scenario, cycles: scenario.cycles.with(index, { ...cycle, plusSteps }) };
    }
  }
}

function* withoutClients(scenario: Scenario): Generator<Scenario, void> {
  if (scenario.clients.length > 1) {
    for (const clients of without(scenario.clients)) {
      yield { ...scenario, clients };
    }
  }
}

function* withoutItems(scenario: Scenario): Generator<Scenario, void> {
  for (const [client, { items }] of scenario.clients.entries()) {
    for (let size = items.length >> 1; size > 0; size >>= 1) {
      for (let from = 0; from < items.length; from += size) {
        yield withItems(scenario, client, items.toSpliced(from, size));
      }
    }
  }
}

function withItems(scenario: Scenario, client: number, items: readonly ProgramItem[]): Scenario {
  return { ...scenario, clients: scenario.clients.with(client, { items }) };
}

function* withoutSteps(scenario: Scenario): Generator<Scenario, void> {
  for (const [client, { items }] of scenario.clients.entries()) {
    for (const [index, item] of items.entries()) {
      for (const simpler of simplerItems(item)) {
        yield withItems(scenario, client, items.with(index, simpler));
      }
    }
  }
}

function* simplerItems(item: ProgramItem): Generator<ProgramItem, void> {
  if (item.do === "transaction") {
    yield* simplerTransactions(item);
  } else if ((item.do === "batch" || item.do === "burst") && item.writes.length > 1) {
    for (const writes of without<WriteStep>(item.writes)) {
      yield { ...item, writes };
    }
  }
}

function* simplerTransactions(item: TransactionItem): Generator<ProgramItem, void> {
  if (item.managed) {
    yield { ...item, managed: false };
  }
  for (const steps of without(item.steps)) {
    yield { ...item, steps };
  }
}

function* withPlainValues(scenario: Scenario): Generator<Scenario, void> {
  if (valuesOf(scenario).every(isPlain)) {
    return;
  }
  yield {
    ...scenario,
    clients: scenario.clients.map(({ items }) => ({ items: items.map((item) => plainItem(item)) })),
  };
}

const PLAIN_BYTES = 8;

function isPlain({ form, bytes }: ValueSpec): boolean {
  return form === "text" && bytes === PLAIN_BYTES;
}

function plainItem(item: ProgramItem): ProgramItem {
  switch (item.do) {
    case "transaction":
      return {
        ...item,
        steps: item.steps.map((step) => (step.do === "put" ? plainStep(step) : step)),
      };
    case "batch":
    case "burst":
      return { ...item, writes: item.writes.map(plainStep) };
    case "put":
      return { ...item, value: plainValue(item.value) };
    default:
      return item;
  }
}

function plainStep(step: WriteStep): WriteStep {
  return step.do === "put" ? { ...step, value: plainValue(step.value) } : step;
}

function plainValue({ id }: ValueSpec): ValueSpec {
  return { id, form: "text", bytes: PLAIN_BYTES };
}

function valuesOf(scenario: Scenario): readonly ValueSpec[] {
  return scenario.clients
    .flatMap(({ items }) => items)
    .flatMap(stepsOf)
    .flatMap((step) => (step.do === "put" ? [step.value] : []));
}
