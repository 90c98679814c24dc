import type { CrashCycle } from "../scenario/crash-cycle.ts";
import type { FaultPlan } from "../scenario/fault-plan.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { minimise, type Place } from "./numbers.ts";
import { withCrashGone } from "./renumber-crashes.ts";
import type { Passing, Shrinking } from "./shrinking.ts";

/** Fewer faults and crashes, and gentler ones. */
export function* shrinkCrashes(state: Shrinking): Passing<boolean> {
  let progress = yield* attemptWithout(state, inEmptyDirectory(state.best.scenario));
  progress = (yield* withoutFaults(state)) || progress;
  progress = (yield* withoutCycles(state)) || progress;
  progress = (yield* withoutNested(state)) || progress;
  return progress;
}

function* inEmptyDirectory(scenario: Scenario): Generator<Scenario, void> {
  if (scenario.afterAnother === true) {
    const { afterAnother: _removed, ...alone } = scenario;
    yield alone;
  }
}

function* withoutFaults(state: Shrinking): Passing<boolean> {
  const { scenario } = state.best;
  if (scenario.faults.length === 0) {
    return false;
  }
  if (yield* attemptWithout(state, [{ ...scenario, faults: [] }])) {
    return true;
  }
  let progress = false;
  for (let index = scenario.faults.length - 1; index >= 0; index -= 1) {
    const faults = state.best.scenario.faults.toSpliced(index, 1);
    const without = { ...state.best.scenario, faults };
    progress = (yield* attemptWithout(state, [without])) || progress;
  }
  return progress;
}

function* attemptWithout(state: Shrinking, scenarios: Iterable<Scenario>): Passing<boolean> {
  return yield* state.attemptAny(withCrashGone(state.best, scenarios));
}

function* withoutCycles(state: Shrinking): Passing<boolean> {
  const { scenario } = state.best;
  if (scenario.cycles.length === 0) {
    return false;
  }
  if (yield* attemptWithout(state, [{ ...scenario, cycles: [] }])) {
    return true;
  }
  let progress = false;
  for (let index = scenario.cycles.length - 1; index >= 0; index -= 1) {
    progress = (yield* attemptWithout(state, withoutCycle(state.best.scenario, index))) || progress;
  }
  return progress;
}

/**
 * The life that the crash ended becomes one with the next: that one's crash comes as many calls later, or
 * stays where it is; faults of later lives move up, or stay.
 */
function* withoutCycle(scenario: Scenario, index: number): Generator<Scenario, void> {
  const gone = scenario.cycles[index];
  const next = scenario.cycles[index + 1];
  const cycles = scenario.cycles.toSpliced(index, 1);
  const moved = { ...scenario, faults: scenario.faults.map((fault) => earlier(fault, index)) };
  yield { ...moved, cycles };
  yield { ...scenario, cycles };
  if (gone !== undefined && next !== undefined) {
    const afterOperations = gone.afterOperations + next.afterOperations;
    yield { ...moved, cycles: cycles.with(index, { ...next, afterOperations }) };
  }
}

function earlier(fault: FaultPlan, life: number): FaultPlan {
  return "life" in fault && fault.life > life ? { ...fault, life: fault.life - 1 } : fault;
}

function* withoutNested(state: Shrinking): Passing<boolean> {
  let progress = false;
  for (let at = state.best.scenario.creation.length - 1; at >= 0; at -= 1) {
    const creation = state.best.scenario.creation.toSpliced(at, 1);
    const without = { ...state.best.scenario, creation };
    progress = (yield* attemptWithout(state, [without])) || progress;
  }
  for (const index of state.best.scenario.cycles.keys()) {
    const cycle = state.best.scenario.cycles[index];
    for (let at = (cycle?.nested.length ?? 0) - 1; at >= 0; at -= 1) {
      progress = (yield* attemptWithout(state, withoutOneNested(state, index, at))) || progress;
    }
  }
  return progress;
}

function* withoutOneNested(state: Shrinking, index: number, at: number): Generator<Scenario, void> {
  const { scenario } = state.best;
  const cycle = scenario.cycles[index];
  if (cycle !== undefined) {
    const nested = cycle.nested.toSpliced(at, 1);
    yield { ...scenario, cycles: scenario.cycles.with(index, { ...cycle, nested }) };
  }
}

/** Crashes and faults that come earlier, last shorter, and take less with them. */
export function* shrinkMoments(state: Shrinking): Passing<boolean> {
  const earlierCrashes = yield* shrinkCrashMoments(state);
  return (yield* shrinkFaultMoments(state)) || earlierCrashes;
}

function* shrinkCrashMoments(state: Shrinking): Passing<boolean> {
  let progress = false;
  for (const index of state.best.scenario.cycles.keys()) {
    for (const field of ["plusSteps", "afterOperations"] as const) {
      progress = (yield* minimise(state, cycleNumber(index, field))) || progress;
    }
    progress = (yield* state.attemptScenarios(atAnyCall(state.best.scenario, index))) || progress;
    progress = (yield* minimise(state, cycleCall(index))) || progress;
    progress =
      (yield* state.attemptScenarios(gentlerKinds(state.best.scenario, index))) || progress;
    for (const nested of (state.best.scenario.cycles[index]?.nested ?? []).keys()) {
      progress =
        (yield* state.attemptScenarios(withoutPhase(state.best.scenario, index, nested))) ||
        progress;
      progress = (yield* minimise(state, nestedMoment(index, nested))) || progress;
    }
  }
  return progress;
}

/** A fault that does nothing is none: a record of it could not be read. */
const NOT_ZERO: ReadonlySet<string> = new Set(["calls", "flips", "ms"]);

function* shrinkFaultMoments(state: Shrinking): Passing<boolean> {
  let progress = false;
  for (const index of state.best.scenario.faults.keys()) {
    progress = (yield* state.attemptScenarios(onAnyFile(state.best.scenario, index))) || progress;
    for (const field of ["nth", "calls", "plusSteps", "flips", "ms", "life"]) {
      const least = NOT_ZERO.has(field) ? 1 : 0;
      progress = (yield* minimise(state, faultNumber(index, field), least)) || progress;
    }
  }
  return progress;
}

function withCycle(scenario: Scenario, index: number, change: Partial<CrashCycle>): Scenario {
  const cycles = scenario.cycles.map((cycle, at) =>
    at === index ? { ...cycle, ...change } : cycle,
  );
  return { ...scenario, cycles };
}

function cycleNumber(index: number, field: "plusSteps" | "afterOperations"): Place {
  return {
    read: ({ scenario }) => scenario.cycles[index]?.[field],
    write: (into, value) => ({
      ...into,
      scenario: withCycle(into.scenario, index, { [field]: value }),
    }),
  };
}

function nestedMoment(index: number, at: number): Place {
  return {
    read: ({ scenario }) => scenario.cycles[index]?.nested[at]?.recoverySteps,
    write: (into, recoverySteps) => {
      const before = into.scenario.cycles[index]?.nested ?? [];
      const crash = before[at];
      const nested = crash === undefined ? before : before.with(at, { ...crash, recoverySteps });
      return { ...into, scenario: withCycle(into.scenario, index, { nested }) };
    },
  };
}

function cycleCall(index: number): Place {
  return {
    read: ({ scenario }) => scenario.cycles[index]?.at?.nth,
    write: (into, nth) => {
      const at = into.scenario.cycles[index]?.at;
      return at === undefined
        ? into
        : { ...into, scenario: withCycle(into.scenario, index, { at: { ...at, nth } }) };
    },
  };
}

/** A crash waits for a call only where the failure needs that. */
function* atAnyCall(scenario: Scenario, index: number): Generator<Scenario, void> {
  const cycle = scenario.cycles[index];
  if (cycle?.at !== undefined) {
    const { at: _call, ...anywhere } = cycle;
    yield { ...scenario, cycles: scenario.cycles.with(index, anywhere) };
  }
  if (cycle?.notBefore !== undefined) {
    const { notBefore: _life, ...anyLife } = cycle;
    yield { ...scenario, cycles: scenario.cycles.with(index, anyLife) };
  }
}

/** Nested crashes are aimed at a phase, or at a call, only where the failure needs that. */
function* withoutPhase(scenario: Scenario, index: number, at: number): Generator<Scenario, void> {
  const { nested = [] } = scenario.cycles[index] ?? {};
  const crash = nested[at];
  if (crash?.during !== undefined) {
    const { during: _phase, ...anywhere } = crash;
    yield withCycle(scenario, index, { nested: nested.with(at, anywhere) });
  }
  if (crash?.at !== undefined) {
    const { at: _call, ...anywhere } = crash;
    yield withCycle(scenario, index, { nested: nested.with(at, anywhere) });
  }
}

/** Faults are meant for one group of files only where the failure needs that. */
function* onAnyFile(scenario: Scenario, index: number): Generator<Scenario, void> {
  const fault = scenario.faults[index];
  if (fault !== undefined && "on" in fault && fault.kind !== "mixed-snapshot") {
    const { on: _group, ...anywhere } = fault;
    yield { ...scenario, faults: scenario.faults.with(index, anywhere) };
  }
}

function faultNumber(index: number, field: string): Place {
  return {
    read: ({ scenario }) => {
      const found = new Map<string, unknown>(Object.entries(scenario.faults[index] ?? {}));
      const value = found.get(field);
      return typeof value === "number" ? value : undefined;
    },
    write: (into, value) => {
      const faults = into.scenario.faults.map((fault, at) =>
        at === index ? { ...fault, [field]: value } : fault,
      );
      return { ...into, scenario: { ...into.scenario, faults } };
    },
  };
}

/** What a process crash already breaks needs no power cut to be understood. */
const GENTLER: Readonly<Record<CrashCycle["kind"], readonly CrashCycle["kind"][]>> = {
  close: [],
  process: ["close"],
  os: ["close", "process"],
  power: ["close", "process", "os"],
};

function* gentlerKinds(scenario: Scenario, index: number): Generator<Scenario, void> {
  const kind = scenario.cycles[index]?.kind;
  for (const gentler of kind === undefined ? [] : GENTLER[kind]) {
    yield withCycle(scenario, index, { kind: gentler });
  }
}
