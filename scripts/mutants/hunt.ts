import { performance } from "node:perf_hooks";

import {
  countOperations,
  formatRecord,
  generateScenario,
  makeRecord,
  type EnginePort,
  type PropertyName,
  type RunResult,
  type Scenario,
} from "../../sim/index.ts";
import type { ScenarioRunner } from "../scenario-runner.ts";
import { shrinkCase } from "../shrink/shrink-case.ts";
import { TooSlow } from "../watchdog.ts";
import { isControl, type Mutant } from "./mutant.ts";

export interface HuntPlan {
  /** First seeds of disjoint ranges. */
  readonly starts: readonly number[];
  /** Seeds per range before the mutant counts as escaped. */
  readonly seedsMax: number;
  /** Seeds that a control has to hold, in all. */
  readonly controlSeeds: number;
  readonly shrinkMs: number;
  readonly engineVersion: string;
  /** False once somebody interrupts. */
  readonly goesOn: () => boolean;
}

/** A record that shows the bug, shrunk. */
export interface Smallest {
  readonly text: string;
  readonly operations: number;
  readonly crashes: number;
  readonly shrinkSeconds: number;
}

export interface HuntResult {
  readonly mutant: Mutant;
  /** Per range: seeds up to and with the first that caught it; undefined where none did. */
  readonly seedsToCatch: readonly (number | undefined)[];
  /** How long each range took, without the shrink. */
  readonly catchSeconds: readonly number[];
  /** What broke first, by range. */
  readonly properties: readonly PropertyName[];
  readonly smallest?: Smallest;
  readonly seconds: number;
}

/** What comes of a mutant: `caught` and `held` (a control) are as they should be. */
export type HuntVerdict = "caught" | "held" | "escaped" | "surprise" | "called-a-bug";

/** Runs a mutant until a property breaks which the engine itself keeps with the same seed. */
export class Hunt {
  private readonly runner: ScenarioRunner;
  private readonly plan: HuntPlan;

  constructor(runner: ScenarioRunner, plan: HuntPlan) {
    this.runner = runner;
    this.plan = plan;
  }

  async run(mutant: Mutant, engine: EnginePort): Promise<HuntResult> {
    const began = performance.now();
    const { starts, seedsMax, controlSeeds } = this.plan;
    const few = Math.min(seedsMax, Math.ceil(controlSeeds / starts.length));
    const seeds = isControl(mutant) ? few : seedsMax;
    const seedsToCatch: (number | undefined)[] = [];
    const catchSeconds: number[] = [];
    const properties: PropertyName[] = [];
    let smallest: Smallest | undefined;
    for (const start of starts) {
      const startedMs = performance.now();
      const found = await this.firstCatch(mutant, engine, { start, seedsMax: seeds });
      catchSeconds.push((performance.now() - startedMs) / 1000);
      seedsToCatch.push(found?.seeds);
      if (found !== undefined) {
        properties.push(found.property);
        smallest ??= await this.shrink(mutant, engine, found);
      } else if (!isControl(mutant) && seedsToCatch.length === 1) {
        // One whole range without a catch: the others would only take time.
        break;
      }
    }
    const seconds = (performance.now() - began) / 1000;
    const found = smallest === undefined ? {} : { smallest };
    return { mutant, seedsToCatch, catchSeconds, properties, ...found, seconds };
  }

  private async firstCatch(
    { where = {} }: Mutant,
    engine: EnginePort,
    { start, seedsMax }: { readonly start: number; readonly seedsMax: number },
  ): Promise<(Catch & { readonly seeds: number }) | undefined> {
    for (let tried = 0; tried < seedsMax && this.plan.goesOn(); tried += 1) {
      const scenario = generateScenario(String(start + tried), where);
      const property = await this.brokenBy(scenario, engine);
      if (property !== undefined && property !== "harness") {
        const itself = await this.runner.run(scenario);
        if (itself.violation === undefined) {
          return { scenario, property, seeds: tried + 1 };
        }
      }
    }
    return undefined;
  }

  /** Nothing, where the mutant is only slow: that is no property. */
  private async brokenBy(
    scenario: Scenario,
    engine: EnginePort,
  ): Promise<PropertyName | undefined> {
    try {
      return (await this.runner.run(scenario, { engine })).violation?.property;
    } catch (error) {
      if (error instanceof TooSlow) {
        return undefined;
      }
      throw error;
    }
  }

  private async shrink(mutant: Mutant, engine: EnginePort, { scenario }: Catch): Promise<Smallest> {
    const { shrinkMs, engineVersion } = this.plan;
    const result = await this.runner.run(scenario, { engine, record: true });
    const shrunk = await shrinkCase(
      this.runner,
      firstCase(scenario, result),
      { engine },
      {
        timeMs: shrinkMs,
      },
    );
    const operations = countOperations(shrunk.smallest.scenario);
    const record = makeRecord(shrunk.smallest.scenario, shrunk.result, {
      engineVersion,
      offTape: "gentlest",
      mutant: mutant.name,
      shrunkFrom: {
        operations: countOperations(scenario),
        crashes: result.crashes,
        runs: shrunk.runs,
      },
      note: mutant.about,
    });
    const { crashes } = shrunk.result;
    return {
      text: formatRecord(record),
      operations,
      crashes,
      shrinkSeconds: shrunk.seconds,
    };
  }
}

interface Catch {
  readonly scenario: Scenario;
  readonly property: PropertyName;
}

function firstCase(scenario: Scenario, result: RunResult): Parameters<typeof shrinkCase>[1] {
  const { tapes, violation } = result;
  if (tapes === undefined || violation === undefined) {
    throw new RangeError(`seed ${scenario.seed} no longer fails`);
  }
  return { first: { scenario, tapes, offTape: "seed" }, broken: violation };
}

export function verdictOf({ mutant, properties }: HuntResult): HuntVerdict {
  if (isControl(mutant)) {
    return properties.length === 0 ? "held" : "called-a-bug";
  }
  if (properties.length === 0) {
    return "escaped";
  }
  return properties.every((property) => mutant.expects.includes(property)) ? "caught" : "surprise";
}

/** The middle one; where some ranges did not catch it, they count as the largest. */
export function medianOf(counts: readonly (number | undefined)[]): number | undefined {
  const sorted = counts.toSorted((one, other) => (one ?? Infinity) - (other ?? Infinity));
  return sorted[(sorted.length - 1) >> 1];
}
