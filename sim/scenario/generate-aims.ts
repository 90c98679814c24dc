import type { Draw } from "./draw.ts";
import {
  type CallPoint,
  type ClientProgram,
  type CrashCycle,
  FILE_GROUPS,
  type FaultPlan,
  type FileGroup,
  type NestedCrash,
} from "./scenario.ts";
import type { StormPlan } from "./generate-storm.ts";

/*
 * What blind chance hardly ever strikes: the moments in which one call to the disk decides. A checkpoint
 * writes one sector of the control file, among hundreds of calls; a crash anywhere comes between that
 * write and its sync once in some thousand runs. So some runs aim.
 */

/** The storm, with some crashes at certain calls, and some calls that take long. */
export function aimStorm(draw: Draw, storm: StormPlan): StormPlan {
  const faults = draw.odds(1, 6) ? [...storm.faults, slowGroup(draw)] : storm.faults;
  if (!draw.odds(1, 3)) {
    return { ...storm, faults };
  }
  return {
    faults,
    creation: storm.creation.map((nested) => aimNested(draw, nested)),
    cycles: storm.cycles.map((cycle) => aimCycle(draw, cycle)),
  };
}

const GROUPS: readonly FileGroup[] = [...FILE_GROUPS, "log", "control"];

/** Steps from when a call is made: most take effect within one or two, those of other clients between. */
function moments(draw: Draw): number {
  return draw.below(draw.pick([1, 3, 12]));
}

function aimCycle(draw: Draw, cycle: CrashCycle): CrashCycle {
  const nested = cycle.nested.map((crash) => aimNested(draw, crash));
  if (cycle.kind === "close" || draw.odds(1, 3)) {
    return { ...cycle, nested };
  }
  const at: CallPoint = {
    call: draw.odds(2, 3) ? "sync" : "write",
    on: draw.pick(GROUPS),
    nth: draw.below(draw.pick([1, 2, 4])),
  };
  const again = draw.odds(1, 3) ? [crashOfOpen(draw)] : [];
  // Earlier than without: the call that is waited for takes its time.
  const afterOperations = Math.ceil(cycle.afterOperations / draw.pick([1, 2, 4]));
  return { ...cycle, afterOperations, at, plusSteps: moments(draw), nested: [...again, ...nested] };
}

function aimNested(draw: Draw, crash: NestedCrash): NestedCrash {
  return crash.during !== undefined || crash.recoverySteps === 0 || draw.odds(1, 3)
    ? crash
    : { ...crashOfOpen(draw), kind: crash.kind };
}

function crashOfOpen(draw: Draw): NestedCrash {
  return {
    kind: draw.pick(["power", "power", "os", "process"]),
    recoverySteps: moments(draw),
    at: {
      call: draw.odds(2, 3) ? "sync" : "write",
      on: draw.pick(GROUPS),
      nth: draw.below(draw.pick([1, 3])),
    },
  };
}

/** Long enough for everything else to go on meanwhile, and for a crash to come. */
function slowGroup(draw: Draw): FaultPlan {
  return {
    kind: "slow-syncs",
    life: draw.below(3),
    nth: draw.below(draw.pick([1, 4, 16])),
    calls: draw.between(1, 8),
    ms: draw.pick([5, 30, 500, 5000]),
    on: draw.pick(GROUPS),
  };
}

/** Somebody compacts the store, now and then. */
export function withCompactions(
  draw: Draw,
  clients: readonly ClientProgram[],
): readonly ClientProgram[] {
  if (!draw.odds(1, 6)) {
    return clients;
  }
  const who = draw.below(clients.length);
  return clients.map((program, index) => {
    const items = [...program.items];
    for (let left = index === who ? draw.between(1, 3) : 0; left > 0; left -= 1) {
      items.splice(draw.below(items.length + 1), 0, { do: "compact" });
    }
    return { items };
  });
}
