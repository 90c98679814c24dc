import { unreachable } from "../../engine/base/assert.ts";
import { PrngChoices, type Choices } from "../core/choices.ts";
import { HONEST_PROFILE_NAMES, type ProfileName } from "../disk/profiles.ts";
import { Draw } from "./draw.ts";
import { aimStorm, focused, type Strike, withCompactions } from "./generate-aims.ts";
import { generateKeys } from "./generate-keys.ts";
import { generatePrograms } from "./generate-programs.ts";
import { createStepSource } from "./generate-steps.ts";
import { generateStorm, WEATHERS, type Weather } from "./generate-storm.ts";
import type { FaultPlan } from "./fault-plan.ts";
import type { FileGroup } from "./file-group.ts";
import type { Scenario } from "./scenario.ts";
import type { EngineSpec, PolicyName, PolicySpec } from "./store-spec.ts";

/** What the caller fixes; everything else is drawn. */
export interface GenerateOptions {
  readonly profile?: ProfileName;
  readonly policy?: PolicyName;
  readonly weather?: Weather;
  readonly order?: OrderName;
  readonly copies?: 1 | 2;
  /** Crashes strike at certain calls of the store: in some seeds anyway, and in all with this. */
  readonly aims?: true;
  /** Instead of the crashes that are drawn: the first in the first life, the others in the opens that follow. */
  readonly strikes?: readonly Strike[];
  /** After the strikes the power goes again as soon as the store is open. */
  readonly atOnce?: true;
  /** Syncs of these files are slow in the first life. */
  readonly slow?: FileGroup;
  /** A sync of these fails, the store is restarted, and the power goes when such a file is written again. */
  readonly failing?: FileGroup;
  /** The store is made where another one was removed, and its making is struck. */
  readonly afterAnother?: true;
  /** Some tens of calls, and no checkpoint that nobody asks for. */
  readonly short?: true;
}

/** What decides which of the steps that wait is next: how long each takes, or priorities. */
export type OrderName = "time" | "priority";

export const ORDERS: readonly OrderName[] = ["time", "priority"];

/** The scenario of a seed: the same for the same seed and options, on every machine. */
export function generateScenario(seed: string, options: GenerateOptions = {}): Scenario {
  return drawScenario(seed, new PrngChoices(`${seed}/scenario`), options);
}

/** A scenario from any source of choices; `seed` is what the run's own choice streams derive from. */
export function drawScenario(seed: string, choices: Choices, options: GenerateOptions): Scenario {
  const draw = new Draw(choices);
  const weather = options.weather ?? WEATHERS[draw.weighted([2, 14, 5, 3, 3])] ?? "crashes";
  const operations = options.short === true ? draw.between(8, 40) : drawSize(draw, weather);
  const drawn = options.short === true ? withoutCheckpoints(drawEngine(draw)) : drawEngine(draw);
  const keyForm = draw.odds(1, 4) ? "bytes" : "text";
  const keys = generateKeys(draw, keyForm);
  const engine = withFittingBatches(drawn, keys);
  const source = createStepSource(draw, keys.length, engine.segmentBytes);
  const policy = drawPolicy(draw, options.policy);
  const clients = generatePrograms(draw, source, operations);
  const profile = options.profile ?? drawProfile(draw, weather);
  const diskSectorBytes = engine.sectorBytes > 512 && draw.odds(1, 2) ? engine.sectorBytes : 512;
  const storm = generateStorm(draw, weather, operations);
  // What comes last moves nothing of the rest when it changes.
  const schedule = drawSchedule(draw, options.order);
  const aimed = focused(
    draw,
    aimStorm(draw, storm, { weather, always: options.aims === true }),
    options,
  );
  const scenario: Scenario = {
    schema: "seawall-scenario",
    version: 1,
    seed,
    profile,
    policy,
    engine,
    diskSectorBytes,
    keyForm,
    keys,
    clients: withCompactions(draw, clients),
    ...aimed,
    limits: { stepsMax: 50_000, virtualMsMax: DAY_MS },
    ...(draw.odds(1, 12) || options.afterAnother === true ? { afterAnother: true } : {}),
    ...schedule,
  };
  return withCopies(draw, scenario, options.copies ?? drawCopies(draw, weather));
}

/** Most often where something is damaged: otherwise a second copy only makes a run slower. */
function drawCopies(draw: Draw, weather: Weather): 1 | 2 {
  const isDamaging = weather === "rot" || weather === "firmware";
  return draw.odds(isDamaging ? 4 : 1, 8) ? 2 : 1;
}

/** Drawn last, as is the schedule. Somebody scrubs such a store now and then. */
function withCopies(draw: Draw, scenario: Scenario, copies: 1 | 2): Scenario {
  if (copies === 1) {
    return scenario;
  }
  const clients = scenario.clients.map(({ items }) => {
    const at = draw.odds(1, 2) ? draw.below(items.length + 1) : undefined;
    return { items: at === undefined ? items : items.toSpliced(at, 0, { do: "scrub" as const }) };
  });
  const faults = scenario.faults.map((fault) =>
    isRot(fault) && draw.odds(1, 3) ? whileInUse(draw, fault, scenario) : fault,
  );
  return { ...scenario, engine: { ...scenario.engine, copies }, clients, faults };
}

type Rot = Extract<FaultPlan, { kind: "bit-flips" | "bad-sector" }>;

function isRot(fault: FaultPlan): fault is Rot {
  return fault.kind === "bit-flips" || fault.kind === "bad-sector";
}

/** What strikes between two opens the next one finds: what a scrub is for strikes later. */
function whileInUse(draw: Draw, fault: Rot, { clients }: Scenario): Rot {
  const items = clients.reduce((sum, client) => sum + client.items.length, 0);
  return { ...fault, afterOperations: draw.below(Math.max(2, items)) };
}

function drawSchedule(draw: Draw, order: OrderName | undefined): Pick<Scenario, "schedule"> {
  if (order === "time" || (order === undefined && !draw.odds(1, 8))) {
    return {};
  }
  const depth = draw.between(1, 4);
  const steps = draw.pick([200, 1000, 4000]);
  return { schedule: { depth, steps, windowUs: draw.pick(WINDOWS_US) } };
}

/** Somebody who keeps others out lets each of some hundred commits wait for ten seconds. */
const DAY_MS = 86_400_000;

/** Longer than a call that stays in memory, than a sync, than a sync that is slow. */
const WINDOWS_US: readonly number[] = [100, 1000, 10_000];

/** Calls in all: about two hundred, with some small runs (easy to read) and some long ones. */
function drawSize(draw: Draw, weather: Weather): number {
  if (weather === "calm") {
    return draw.between(200, 500);
  }
  switch (draw.weighted([2, 2, 10, 1])) {
    case 0:
      return draw.between(8, 40);
    case 1:
      return draw.between(40, 140);
    case 2:
      return draw.between(140, 280);
    default:
      return draw.between(280, 500);
  }
}

/**
 * Tiny segments, caches and checkpoints, so that a run of two hundred calls crosses many borders, evicts
 * pages that it needs again, and begins many checkpoints.
 */
function drawEngine(draw: Draw): EngineSpec {
  const segmentBytes = draw.pick([2048, 4096, 8192, 16_384, 32_768, 65_536]);
  const sectorBytes = segmentBytes >= 16_384 && draw.odds(1, 2) ? 4096 : 512;
  return {
    segmentBytes,
    sectorBytes,
    batchBytesMax: draw.odds(1, 2) ? draw.pick(BATCH_BYTES) * (sectorBytes / 512) : 1_048_576,
    isolation: draw.odds(3, 4) ? "serializable" : draw.pick(["snapshot", "read-committed"]),
    pageBytes: draw.odds(1, 16) ? 8192 : 4096,
    ...(draw.odds(4, 5) ? { cacheBytes: draw.pick(CACHE_BYTES) } : {}),
    ...(draw.odds(4, 5) ? { checkpointBytes: draw.pick(CHECKPOINT_BYTES) } : {}),
    ...(draw.odds(1, 3) ? { transactionBytesMax: draw.pick([1024, 2048, 4096, 8192]) } : {}),
  };
}

function withoutCheckpoints({ checkpointBytes: _bytes, ...engine }: EngineSpec): EngineSpec {
  return engine;
}

/** Batches that are much smaller than a single record only make many of them. */
function withFittingBatches(engine: EngineSpec, keys: readonly string[]): EngineSpec {
  const longest = keys.reduce((most, key) => Math.max(most, key.length), 0);
  const batchBytesMax = Math.max(engine.batchBytesMax, longest >= 100 ? 2 * longest : 0);
  return { ...engine, batchBytesMax };
}

const KIB = 1024;
/** Per 512 bytes of a sector: batches of less would only make the log many times larger than its records. */
const BATCH_BYTES: readonly number[] = [64, 256, 512, 1024, 4096];
const CACHE_BYTES: readonly number[] = [16, 16, 16, 20, 32, 64, 256].map((kib) => kib * KIB);
const CHECKPOINT_BYTES: readonly number[] = [4, 4, 8, 16, 64].map((kib) => kib * KIB);

function drawPolicy(draw: Draw, fixed: PolicyName | undefined): PolicySpec {
  const names: readonly PolicyName[] = ["sync", "sync", "batch", "batch", "async", "os"];
  const kind = fixed ?? draw.pick(names);
  switch (kind) {
    case "batch":
      return {
        kind,
        commits: draw.between(2, 16),
        bytes: draw.pick([1024, 4096, 65_536]),
        delayMs: draw.pick([1, 2, 5, 20]),
      };
    case "async":
      return {
        kind,
        intervalMs: draw.pick([5, 20, 100, 400]),
        bytes: draw.pick([2048, 16_384, 262_144]),
      };
    case "sync":
    case "os":
      return { kind };
    default:
      return unreachable(kind);
  }
}

/** The profile that may do most finds most; the others keep the store honest about what it may rely on. */
function drawProfile(draw: Draw, weather: Weather): ProfileName {
  const honest = draw.odds(1, 2) ? "paranoid" : draw.pick(HONEST_PROFILE_NAMES);
  // A drive that lies excuses most of what a store may do wrong: it stands for itself.
  return weather === "firmware" && draw.odds(1, 5) ? "lying-drive" : honest;
}
