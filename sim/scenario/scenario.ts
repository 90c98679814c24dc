import { type ClientProgram, operationsOf } from "./client-program.ts";
import type { CrashCycle, NestedCrash } from "./crash-cycle.ts";
import type { FaultPlan } from "./fault-plan.ts";
import type { EngineSpec, PolicySpec } from "./store-spec.ts";

/**
 * A run as data: everything that decides what is asked of the store and what strikes it. Plain JSON, so
 * that a failing run can be kept, edited, shrunk and replayed after the generator has changed. What the
 * disk does within the freedom that the scenario leaves (latencies, which bytes survive a crash) comes
 * from choice streams, which are derived from `seed` and recorded beside the scenario.
 */
export interface Scenario {
  readonly schema: "seawall-scenario";
  readonly version: 1;
  readonly seed: string;
  /** Name of the disk profile. */
  readonly profile: string;
  readonly policy: PolicySpec;
  readonly engine: EngineSpec;
  /** Size of the disk's atomic unit; never larger than the engine's. */
  readonly diskSectorBytes: number;
  /** How `keys` are read: as text, or with one character per byte. */
  readonly keyForm: "text" | "bytes";
  /** The whole key space; programs name keys by their index. */
  readonly keys: readonly string[];
  readonly clients: readonly ClientProgram[];
  /** Crashes while the very first open makes the store. */
  readonly creation: readonly NestedCrash[];
  readonly cycles: readonly CrashCycle[];
  readonly faults: readonly FaultPlan[];
  readonly limits: RunLimits;
  /** The store is made where another one was removed. @defaultValue false */
  readonly afterAnother?: boolean;
  /** Steps that wait at the same time go by priority. @defaultValue by time */
  readonly schedule?: SchedulePlan;
}

/** An order by priority; see `PriorityOrder`. */
export interface SchedulePlan {
  readonly depth: number;
  readonly steps: number;
  readonly windowUs: number;
}

export interface RunLimits {
  /** Scheduler steps of the whole run; more is a hang (P11). */
  readonly stepsMax: number;
  /** Virtual time of the whole run; more is a hang (P11). */
  readonly virtualMsMax: number;
}

/** Number of calls a program makes, which is what `afterOperations` counts. */
export function countOperations(scenario: Scenario): number {
  let count = 0;
  for (const client of scenario.clients) {
    for (const item of client.items) {
      count += operationsOf(item);
    }
  }
  return count;
}
