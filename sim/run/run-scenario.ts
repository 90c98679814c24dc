import { assert } from "../../engine/base/assert.ts";
import * as seawall from "../../engine/index.ts";
import type { SyncPolicy } from "../../engine/log/sync-policy.ts";
import type { FileIO } from "../../engine/platform/file-io.ts";
import type { ChoiceTapes, OffTape, StreamDivergence } from "../core/streams.ts";
import type { LossSeen } from "../oracle/judge-loss.ts";
import { type Violation, violation } from "../oracle/verdict.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { describeError, type EnginePort, policyOf, stackOf } from "./engine-port.ts";
import type { Path } from "./path.ts";
import { breakEndless, Endless, finish } from "./stepping.ts";
import { Storm, type TraceMark } from "./storm.ts";
import { type Ending, World } from "./world.ts";

/** What a run may be given besides its scenario. */
export interface RunSettings {
  /** Play these choices back instead of drawing them from the seed. */
  readonly tapes?: ChoiceTapes;
  /** What is drawn where the tapes have ended or do not fit. @defaultValue "seed" */
  readonly offTape?: OffTape;
  /** From this step on draw afresh from this seed, whatever the tapes hold: another future of the same past. */
  readonly fresh?: { readonly step: number; readonly seed: string };
  /** Keep the choices that were drawn, for a failure record. */
  readonly record?: boolean;
  /** Keep the events as text. */
  readonly keepTrace?: boolean;
  /** Instead of the scenario's policy. */
  readonly policy?: SyncPolicy;
  /** A mutant, or another build, of the engine. @defaultValue the engine itself */
  readonly engine?: EnginePort;
  /** Puts something between the store and the disk, such as a planted bug. */
  readonly wrapFiles?: (files: FileIO) => FileIO;
}

export interface RunOptions extends RunSettings {
  /**
   * Runs every micro-task that is ready, and those that these make ready, until none is left. False when
   * that had no end and was cut off.
   */
  readonly drain: () => boolean;
  /** Does the work of a run, and cuts it off when it has no end: then false. @defaultValue never cuts off */
  readonly watch?: (work: () => void) => boolean;
}

export interface RunResult {
  readonly verdict: "held" | "broken";
  readonly violation?: Violation;
  /** A property that broke because of damage which no store could have noticed: the run ended there. */
  readonly excused?: Violation;
  /** Why the run ended early although nothing was broken. */
  readonly over?: Ending;
  /** Covers every disk operation with its bytes, every client event and every verdict. */
  readonly traceHash: string;
  readonly steps: number;
  readonly operations: number;
  readonly crashes: number;
  /** Completed opens that were compared with the history. A run with none proves nothing. */
  readonly checks: number;
  readonly virtualMs: number;
  readonly probes: Readonly<Record<string, number>>;
  /** 1 for each fault and stage that the run came to; see `ledger.ts`. */
  readonly ledger: Readonly<Record<string, number>>;
  /** What each crash took of what was acknowledged. */
  readonly losses: readonly LossSeen[];
  readonly marks: readonly TraceMark[];
  /** Where a replay left its tapes. */
  readonly divergences: readonly StreamDivergence[];
  readonly tapes?: ChoiceTapes;
  /** Where the run was after each step; with `record`. */
  readonly path?: string;
  readonly trace?: readonly string[];
  /** Per step, how many lines of the trace came before its end; with `record` and `keepTrace`. */
  readonly lineEnds?: readonly number[];
}

/**
 * Runs a scenario from beginning to end in one synchronous call: the same scenario and the same engine
 * always give the same result.
 */
export function runScenario(scenario: Scenario, options: RunOptions): RunResult {
  const run = new Run(scenario, options);
  const work = (): void => {
    const { done } = run.steps().next();
    assert(done === true, "a run that drains micro-tasks itself has no reason to yield");
  };
  const { watch = always } = options;
  if (!watch(work)) {
    breakEndless(run.world);
  }
  return run.end();
}

function always(work: () => void): boolean {
  work();
  return true;
}

/**
 * The same for platforms that cannot drain micro-tasks synchronously: `settle` resolves in a task of its
 * own, when no micro-task is left. Slower; the same trace.
 */
export async function runScenarioAsync(
  scenario: Scenario,
  options: RunSettings & { readonly settle: () => Promise<void> },
): Promise<RunResult> {
  return await finish(stepScenario(scenario, options), options.settle);
}

/** A run that yields whenever the micro-tasks have to be drained, or drains them when told how. */
export function* stepScenario(
  scenario: Scenario,
  settings: RunSettings & { readonly drain?: () => boolean },
): Generator<undefined, RunResult, undefined> {
  const run = new Run(scenario, settings);
  yield* run.steps();
  return run.end();
}

/** A run and its world: what is known of it also when it is cut off in the middle. */
class Run {
  readonly world: World;
  readonly #storm: Storm;
  readonly #settings: RunSettings;

  constructor(scenario: Scenario, settings: RunSettings & { readonly drain?: () => boolean }) {
    const engine = settings.engine ?? seawall;
    const policy = settings.policy ?? policyOf(scenario.policy, engine);
    this.world = new World(scenario, { ...settings, engine, policy });
    this.#storm = new Storm(this.world);
    this.#settings = settings;
  }

  *steps(): Generator<undefined, void, undefined> {
    try {
      yield* this.#storm.run();
    } catch (error) {
      if (error instanceof Endless) {
        breakEndless(this.world);
        return;
      }
      const details = [describeError(error), stackOf(error)];
      this.world.broken(violation("harness", "the simulator failed", details));
    }
  }

  /** What came of it. Nothing can be asked of the world any more. */
  end(): RunResult {
    const result = resultOf(this.world, this.#storm, this.#settings);
    this.world.disk.dispose();
    return result;
  }
}

function resultOf(world: World, storm: Storm, settings: RunSettings): RunResult {
  const { violation: broken, scheduler, trace, streams } = world;
  world.ledger.met(world.disk.damageMet);
  trace.event("verdict", broken?.property ?? "held", scheduler.steps);
  return {
    verdict: broken === undefined ? "held" : "broken",
    ...(broken === undefined ? {} : { violation: broken }),
    ...(world.excused === undefined ? {} : { excused: world.excused }),
    ...(world.over === undefined ? {} : { over: world.over }),
    traceHash: trace.hash,
    steps: scheduler.steps,
    operations: storm.operations,
    crashes: storm.crashes,
    checks: storm.referee.checks,
    virtualMs: Math.floor(world.nowMs),
    probes: world.probes.report(),
    ledger: world.ledger.report(),
    losses: storm.referee.losses,
    marks: storm.marks,
    divergences: streams.divergences(),
    ...(settings.record === true ? { tapes: streams.tapes() } : {}),
    ...(world.path === undefined ? {} : pathOf(world.path, settings.keepTrace === true)),
    ...(settings.keepTrace === true ? { trace: trace.lines } : {}),
  };
}

function pathOf(
  { text, lineEnds }: Path,
  withLines: boolean,
): Pick<RunResult, "path" | "lineEnds"> {
  return withLines ? { path: text, lineEnds } : { path: text };
}
