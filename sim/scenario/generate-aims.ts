import type { CrashKind } from "../disk/crash-summary.ts";
import type { Draw } from "./draw.ts";
import type { ClientProgram } from "./client-program.ts";
import type { CallPoint, CrashCycle, NestedCrash } from "./crash-cycle.ts";
import type { FaultPlan } from "./fault-plan.ts";
import { FILE_GROUPS, type FileGroup } from "./file-group.ts";
import type { StormPlan, Weather } from "./generate-storm.ts";

/*
 * What blind chance hardly ever strikes: the moments in which one call to the disk decides. A checkpoint
 * writes one sector of the control file, among hundreds of calls; a crash anywhere comes between that
 * write and its sync once in some thousand runs. So some runs aim.
 */

interface Aim {
  readonly weather: Weather;
  readonly always: boolean;
}

/** The storm, with some crashes at certain calls, and some calls that take long. */
export function aimStorm(draw: Draw, storm: StormPlan, { weather, always }: Aim): StormPlan {
  const isSlow = draw.odds(1, 6);
  const aims = draw.odds(1, 3) || always;
  const slowed = isSlow ? whileSlow(draw, storm) : storm;
  if (!aims) {
    return slowed;
  }
  const aimed = {
    ...slowed,
    creation: slowed.creation.map((nested) => aimNested(draw, nested)),
    cycles: slowed.cycles.map((cycle) => (cycle.at === undefined ? aimCycle(draw, cycle) : cycle)),
  };
  return weather === "errors" && draw.odds(1, 3)
    ? failThenCrash(draw, aimed, draw.pick(GROUPS))
    : aimed;
}

/** A crash at a call: its number is drawn up to the one that is given. */
export interface Strike {
  readonly kind: CrashKind;
  readonly at: CallPoint;
}

interface Focus {
  readonly strikes?: readonly Strike[];
  readonly atOnce?: true;
  readonly slow?: FileGroup;
  readonly failing?: FileGroup;
  readonly afterAnother?: true;
}

/** A storm that strikes where somebody says, for what needs a chain of crashes that no chance brings. */
export function focused(draw: Draw, storm: StormPlan, focus: Focus): StormPlan {
  const { strikes, slow, failing, atOnce, afterAnother } = focus;
  const creation =
    afterAnother === true ? crashesOfOpens(draw, draw.pick(["control", "log"])) : storm.creation;
  const faults: readonly FaultPlan[] =
    slow === undefined
      ? storm.faults
      : [
          ...storm.faults,
          { kind: "slow-syncs", life: 0, nth: 0, calls: 40, ms: draw.pick([30, 500]), on: slow },
        ];
  const [first, ...others] = strikes ?? [];
  if (first === undefined) {
    const struck = { ...storm, creation, faults };
    return failing === undefined ? struck : failThenCrash(draw, struck, failing);
  }
  const strike = ({ at }: Strike): CallPoint => ({ ...at, nth: draw.below(at.nth + 1) });
  const cycle: CrashCycle = {
    kind: first.kind,
    afterOperations: 1,
    at: strike(first),
    plusSteps: slow === undefined ? moments(draw) : draw.below(400),
    nested: others.map((other) => ({
      kind: other.kind,
      recoverySteps: moments(draw),
      at: strike(other),
    })),
  };
  const next: CrashCycle = {
    kind: "power",
    afterOperations: 0,
    plusSteps: moments(draw),
    nested: [],
  };
  return { ...storm, creation, faults, cycles: atOnce === true ? [cycle, next] : [cycle] };
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
  // What recovery does about pages that were being written has to be struck, too.
  const again = draw.odds(1, 3) || at.on === "pages" ? crashesOfOpens(draw, at.on) : [];
  // Earlier than without: the call that is waited for takes its time.
  const afterOperations = Math.ceil(cycle.afterOperations / draw.pick([1, 2, 4]));
  return { ...cycle, afterOperations, at, plusSteps: moments(draw), nested: [...again, ...nested] };
}

function aimNested(draw: Draw, crash: NestedCrash): NestedCrash {
  return crash.during !== undefined || crash.recoverySteps === 0 || draw.odds(1, 3)
    ? crash
    : { ...crashOfOpen(draw, draw.pick(GROUPS)), kind: crash.kind };
}

/** Mostly where the crash before has struck: what it left half done is done again there. */
function crashesOfOpens(draw: Draw, struck: FileGroup): readonly NestedCrash[] {
  const again = struck === "pages" ? "double-write" : struck;
  const crashes: NestedCrash[] = [];
  for (let left = draw.between(1, 2); left > 0; left -= 1) {
    crashes.push(crashOfOpen(draw, draw.odds(2, 3) ? again : draw.pick(GROUPS)));
  }
  return crashes;
}

function crashOfOpen(draw: Draw, on: FileGroup): NestedCrash {
  return {
    kind: draw.pick(["power", "power", "os", "process"]),
    recoverySteps: moments(draw),
    at: { call: draw.odds(2, 3) ? "sync" : "write", on, nth: draw.below(draw.pick([1, 3])) },
  };
}

/**
 * Syncs of one group of files take so long that everything else goes on meanwhile; and often a crash comes
 * before one of them is over.
 */
function whileSlow(draw: Draw, storm: StormPlan): StormPlan {
  const life = draw.below(3);
  const on = draw.pick(GROUPS);
  const plan: FaultPlan = {
    kind: "slow-syncs",
    life,
    nth: draw.below(draw.pick([1, 4, 16])),
    calls: draw.between(1, draw.pick([4, 40])),
    ms: draw.pick([5, 30, 500, 5000]),
    on,
  };
  const faults = [...storm.faults, plan];
  const cycle = storm.cycles[life];
  if (cycle === undefined || cycle.kind === "close" || draw.odds(1, 3)) {
    return { ...storm, faults };
  }
  const at: CallPoint = { call: "sync", on, nth: draw.below(draw.pick([1, 4])) };
  const afterOperations = Math.ceil(cycle.afterOperations / draw.pick([1, 2, 8]));
  const struck = { ...cycle, afterOperations, at, plusSteps: draw.below(draw.pick([20, 200])) };
  return { ...storm, faults, cycles: storm.cycles.with(life, struck) };
}

/**
 * A sync fails, somebody restarts the store, which sees what the disk may never have got; and the next time
 * that such a file is written the power goes.
 */
function failThenCrash(draw: Draw, storm: StormPlan, on: FileGroup): StormPlan {
  const [first] = storm.cycles;
  if (first === undefined) {
    return storm;
  }
  const failure: FaultPlan = {
    kind: "sync-failure",
    life: 0,
    nth: draw.between(1, draw.pick([2, 6])),
    on,
    plusSteps: draw.below(12),
    ending: "process",
  };
  const struck: CrashCycle = {
    ...first,
    kind: "power",
    notBefore: 1,
    afterOperations: draw.between(1, 8),
    at: { call: draw.odds(1, 2) ? "sync" : "write", on, nth: draw.below(2) },
    plusSteps: moments(draw),
  };
  return {
    ...storm,
    faults: [...storm.faults, failure],
    cycles: storm.cycles.with(0, struck),
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
