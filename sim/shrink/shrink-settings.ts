import type {
  ClientProgram,
  ProgramItem,
  TransactionStep,
  ValueSpec,
} from "../scenario/client-program.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { EngineSpec, PolicySpec } from "../scenario/store-spec.ts";
import { minimise, type Place } from "./numbers.ts";
import type { Passing, Shrinking } from "./shrinking.ts";

/** Plain keys, values and options, wherever the failure does not depend on odd ones. */
export function* shrinkSettings(state: Shrinking): Passing<boolean> {
  let progress = yield* state.attemptScenarios(simplerOptions(state.best.scenario));
  for (const simpler of [simplerPolicies, simplerProfiles]) {
    const { scenario } = state.best;
    const simplestFirst = [...simpler(scenario)].map((change) => change(scenario));
    progress = (yield* state.attemptScenarios(simplestFirst)) || progress;
  }
  for (const simpler of [simplerEngines, simplerKeys, simplerValues]) {
    // Each gets its turn on what the one before it left.
    for (const scenario of simpler(state.best.scenario)) {
      const changes = changesFrom(scenario);
      progress = (yield* state.attemptScenarios([changes(state.best.scenario)])) || progress;
    }
  }
  progress = (yield* shorterValues(state)) || progress;
  return progress;
}

/** A function that gives another scenario what this one has. */
type Change = (into: Scenario) => Scenario;

function changesFrom(change: Change | Scenario): Change {
  return typeof change === "function" ? change : () => change;
}

function* simplerOptions(scenario: Scenario): Generator<Scenario, void> {
  yield {
    ...scenario,
    engine: { ...PLAIN_ENGINE },
    diskSectorBytes: PLAIN_ENGINE.sectorBytes,
  };
}

/** What it does not name has the engine's default. */
const PLAIN_ENGINE = {
  segmentBytes: 65_536,
  sectorBytes: 512,
  batchBytesMax: 1_048_576,
  isolation: "serializable",
} as const;

function* simplerEngines(): Generator<Change, void> {
  yield (into) => ({ ...into, diskSectorBytes: 512 });
  yield (into) => ({ ...into, diskSectorBytes: 512, engine: { ...into.engine, sectorBytes: 512 } });
  const { segmentBytes, batchBytesMax, isolation } = PLAIN_ENGINE;
  yield (into) => ({ ...into, engine: { ...into.engine, batchBytesMax } });
  yield (into) => ({ ...into, engine: { ...into.engine, isolation } });
  yield (into) => ({ ...into, engine: { ...into.engine, segmentBytes } });
  for (const option of PAGE_OPTIONS) {
    yield (into) => ({ ...into, engine: withoutOption(into.engine, option) });
  }
}

const PAGE_OPTIONS = [
  "transactionBytesMax",
  "checkpointBytes",
  "cacheBytes",
  "pageBytes",
  "copies",
] as const;

function withoutOption(engine: EngineSpec, option: (typeof PAGE_OPTIONS)[number]): EngineSpec {
  const { [option]: _default, ...others } = engine;
  return others;
}

function* simplerPolicies({ policy }: Scenario): Generator<Change, void> {
  const simpler: readonly PolicySpec[] = [
    { kind: "sync" },
    { kind: "os" },
    { kind: "batch", commits: 2, bytes: 65_536, delayMs: 1 },
    { kind: "async", intervalMs: 5, bytes: 262_144 },
  ];
  const rank = simpler.findIndex(({ kind }) => kind === policy.kind);
  for (const other of simpler.slice(0, rank + 1)) {
    yield (into) => ({ ...into, policy: other });
  }
}

/** The most ordinary file system first; the failure should need as little oddness as possible. */
function* simplerProfiles({ profile }: Scenario): Generator<Change, void> {
  const ordinary = ["ext4-ordered", "xfs", "ext4-writeback", "btrfs"];
  const rank = ordinary.indexOf(profile);
  for (const other of rank < 0 ? ordinary : ordinary.slice(0, rank)) {
    yield (into) => ({ ...into, profile: other });
  }
}

function* simplerKeys(scenario: Scenario): Generator<Change, void> {
  yield onlyUsedKeys;
  const used = usedKeys(scenario);
  for (const key of used.slice(1).toReversed()) {
    yield (into) => withKeys(into, (index) => (index === key ? (used[0] ?? 0) : index));
  }
  yield onlyUsedKeys;
  yield (into) => ({ ...into, keyForm: "text", keys: into.keys.map((_, index) => `k${index}`) });
}

function usedKeys({ clients }: Scenario): readonly number[] {
  const used = new Set<number>();
  mapPrograms(clients, {
    key: (index) => {
      used.add(index);
      return index;
    },
  });
  return [...used].toSorted((one, other) => one - other);
}

function onlyUsedKeys(scenario: Scenario): Scenario {
  const used = usedKeys(scenario);
  if (used.length === 0) {
    return { ...scenario, keys: scenario.keys.slice(0, 1) };
  }
  const keys = used.map((index) => scenario.keys[index] ?? "");
  return { ...withKeys(scenario, (index) => used.indexOf(index)), keys };
}

function withKeys(scenario: Scenario, key: (index: number) => number): Scenario {
  return { ...scenario, clients: mapPrograms(scenario.clients, { key }) };
}

const PLAIN_BYTES = 8;

function* simplerValues(scenario: Scenario): Generator<Change, void> {
  yield (into) => withValues(into, ({ id }) => ({ id, form: "text", bytes: PLAIN_BYTES }));
  yield (into) => withValues(into, ({ id, bytes }) => ({ id, form: "text", bytes }));
  for (const { id } of valuesOf(scenario)) {
    const plain: ValueSpec = { id, form: "text", bytes: PLAIN_BYTES };
    yield (into) => withValues(into, (value) => (value.id === id ? plain : value));
  }
}

function withValues(scenario: Scenario, value: (spec: ValueSpec) => ValueSpec): Scenario {
  return { ...scenario, clients: mapPrograms(scenario.clients, { value }) };
}

function valuesOf(scenario: Scenario): readonly ValueSpec[] {
  const values: ValueSpec[] = [];
  mapPrograms(scenario.clients, {
    value: (spec) => {
      values.push(spec);
      return spec;
    },
  });
  return values;
}

function* shorterValues(state: Shrinking): Passing<boolean> {
  let progress = false;
  for (const { id } of valuesOf(state.best.scenario)) {
    const place: Place = {
      read: ({ scenario }) => valuesOf(scenario).find((spec) => spec.id === id)?.bytes,
      write: (into, bytes) => ({
        ...into,
        scenario: withValues(into.scenario, (spec) => (spec.id === id ? { ...spec, bytes } : spec)),
      }),
    };
    progress = (yield* minimise(state, place, PLAIN_BYTES)) || progress;
  }
  return progress;
}

/** What to put in the place of every key and value of the programs. */
interface Mapping {
  readonly key?: (index: number) => number;
  readonly value?: (spec: ValueSpec) => ValueSpec;
}

function mapPrograms(clients: readonly ClientProgram[], mapping: Mapping): ClientProgram[] {
  return clients.map(({ items }) => ({ items: items.map((item) => mapItem(item, mapping)) }));
}

function mapItem(item: ProgramItem, mapping: Mapping): ProgramItem {
  switch (item.do) {
    case "transaction":
      return { ...item, steps: item.steps.map((step) => mapStep(step, mapping)) };
    case "batch":
    case "burst":
      return { ...item, writes: item.writes.map((step) => mapStep(step, mapping)) };
    case "sync":
    case "checkpoint":
    case "verify":
    case "scrub":
    case "compact":
      return item;
    default:
      return mapStep(item, mapping);
  }
}

const BOUNDS = ["gt", "gte", "lt", "lte"] as const;

function mapStep<T extends TransactionStep>(step: T, mapping: Mapping): T {
  const { key = same, value = same } = mapping;
  switch (step.do) {
    case "put":
      return { ...step, key: key(step.key), value: value(step.value) };
    case "delete":
    case "get":
      return { ...step, key: key(step.key) };
    case "scan": {
      const bounds = BOUNDS.flatMap((name) => {
        const bound = step[name];
        return bound === undefined ? [] : [[name, key(bound)] as const];
      });
      return { ...step, ...Object.fromEntries(bounds) };
    }
    case "sleep":
      return step;
    default:
      return step;
  }
}

function same<T>(value: T): T {
  return value;
}
