import type { CrashKind } from "../disk/crash-summary.ts";
import type { Draw } from "./draw.ts";
import { deviceDeath, drawReaction, firmwareFaults, patience } from "./generate-device-faults.ts";
import type { CrashCycle, NestedCrash } from "./crash-cycle.ts";
import type { FaultPlan, SyncFailurePlan } from "./fault-plan.ts";
import { FILE_GROUPS, type FileGroup } from "./file-group.ts";

/** What strikes a run, besides the final power cut that ends every run. */
export interface StormPlan {
  readonly creation: readonly NestedCrash[];
  readonly cycles: readonly CrashCycle[];
  readonly faults: readonly FaultPlan[];
}

/**
 * `calm`: no crash before the end. `crashes`: only crashes, so that the strictest properties are judged.
 * `errors`: the disk reports failures. `rot`: durable bytes change, most of the time while the store is
 * closed. `firmware`: the device does something else than it says.
 */
export type Weather = "calm" | "crashes" | "errors" | "rot" | "firmware";

export const WEATHERS: readonly Weather[] = ["calm", "crashes", "errors", "rot", "firmware"];

export function generateStorm(draw: Draw, weather: Weather, operations: number): StormPlan {
  const cycles = weather === "calm" ? [] : generateCycles(draw, operations);
  return {
    creation: draw.odds(1, 8) ? generateNested(draw, 2) : [],
    cycles,
    faults: [
      ...maskedFaults(draw, operations),
      ...(weather === "errors" ? reportedFaults(draw, cycles.length) : []),
      ...(weather === "rot" ? damages(draw, cycles.length, operations) : []),
      ...(weather === "firmware" ? firmwareFaults(draw, cycles.length, operations) : []),
      ...patience(draw, operations),
    ],
  };
}

function generateCycles(draw: Draw, operations: number): readonly CrashCycle[] {
  const count = 1 + draw.weighted([8, 5, 3, 2]);
  const span = Math.max(2, Math.floor((operations * 3) / (2 * (count + 1))));
  const nestedOdds = draw.pick([0, 1, 2, 3]);
  const kinds = draw.pick(CYCLE_KINDS);
  const cycles: CrashCycle[] = [];
  for (let cycle = 0; cycle < count; cycle += 1) {
    const kind = draw.pick(kinds);
    cycles.push({
      kind,
      afterOperations: draw.between(1, span),
      plusSteps: draw.odds(1, 6) ? draw.below(200) : draw.below(12),
      nested: [
        ...(kind === "close" && draw.odds(1, 2) ? [SWITCHED_OFF] : []),
        ...(draw.below(4) < nestedOdds ? generateNested(draw, 3) : []),
      ],
    });
  }
  return cycles;
}

/** After an orderly close people switch the machine off: what was acknowledged is durable by then. */
const SWITCHED_OFF: NestedCrash = { kind: "power", recoverySteps: 0 };

type DamagePlan = Extract<FaultPlan, { kind: "bit-flips" | "bad-sector" }>;

/** Sets to draw from: some runs have one kind of crash only, most mix them. */
const CYCLE_KINDS: readonly (readonly CrashCycle["kind"][])[] = [
  ["power"],
  ["power", "os"],
  ["power", "process"],
  ["power", "os", "process"],
  ["power", "process", "close"],
  ["power", "close"],
  ["process"],
];

const CRASH_KINDS: readonly CrashKind[] = ["power", "power", "os", "process"];

function generateNested(draw: Draw, most: number): readonly NestedCrash[] {
  const nested: NestedCrash[] = [];
  const count = draw.between(1, most);
  for (let depth = 0; depth < count; depth += 1) {
    const kind = draw.pick(CRASH_KINDS);
    const during = draw.pick(["anything", "anything", "redo", "undo"] as const);
    nested.push(
      during === "anything"
        ? { kind, recoverySteps: draw.odds(3, 4) ? draw.below(40) : draw.below(160) }
        : { kind, recoverySteps: draw.below(draw.pick([4, 16, 60])), during },
    );
  }
  return nested;
}

/** Faults that a correct store hides completely. */
function maskedFaults(draw: Draw, operations: number): readonly FaultPlan[] {
  const faults: FaultPlan[] = [];
  if (draw.odds(1, 6)) {
    faults.push({ kind: "short-writes", oneIn: draw.pick([2, 4, 16]) });
  }
  if (draw.odds(1, 6)) {
    faults.push({ kind: "short-reads", oneIn: draw.pick([2, 4, 16]) });
  }
  if (draw.odds(1, 8)) {
    faults.push({
      kind: "clock-jump",
      life: draw.below(2),
      afterOperations: draw.below(operations),
      ms: draw.pick([-3_600_000, -50, 50, 86_400_000]),
    });
  }
  if (draw.odds(1, 8)) {
    faults.push({
      kind: "slow-syncs",
      life: draw.below(2),
      nth: draw.below(40),
      calls: draw.between(1, 10),
      ms: draw.pick([1, 30, 500, 5000]),
    });
  }
  return faults;
}

function reportedFaults(draw: Draw, lives: number): readonly FaultPlan[] {
  const faults: FaultPlan[] = [];
  const life = (): number => draw.below(lives + 1);
  if (draw.odds(3, 5)) {
    faults.push(syncFailure(draw, life()));
  }
  if (draw.odds(2, 5)) {
    const calls = draw.between(1, draw.pick([8, 60, 400]));
    const full = { kind: "no-space", life: life(), nth: draw.below(40), calls } as const;
    faults.push(full);
    // Room comes and goes.
    for (let again = draw.pick([0, 0, 1, 3]); again > 0; again -= 1) {
      faults.push({ ...full, nth: full.nth + calls + again * draw.between(1, 20) });
    }
  }
  if (draw.odds(1, 3)) {
    faults.push({ kind: "write-error", life: life(), ...aim(draw, 40) });
  }
  if (draw.odds(1, 5) || faults.length === 0) {
    faults.push({ kind: "read-error", life: life(), ...aim(draw, 12) });
  }
  if (draw.odds(1, 8)) {
    faults.push(deviceDeath(draw, life()));
  }
  return faults;
}

/** Which call: any, or one on files of one group, of which there are fewer. */
function aim(draw: Draw, calls: number): { readonly nth: number; readonly on?: FileGroup } {
  return draw.odds(1, 2)
    ? { nth: draw.below(calls) }
    : { nth: draw.below(Math.ceil(calls / 3)), on: draw.pick(FILE_GROUPS) };
}

function syncFailure(draw: Draw, life: number): SyncFailurePlan {
  return {
    kind: "sync-failure",
    life,
    ...aim(draw, draw.odds(1, 4) ? 6 : 60),
    ...drawReaction(draw),
    ...(draw.odds(1, 8) ? { code: "ENOSPC" } : {}),
  };
}

/** In one sector mostly: damage in two places can destroy the evidence that the first was no torn tail. */
function damages(draw: Draw, lives: number, operations: number): readonly FaultPlan[] {
  const first = damage(draw, lives);
  if (draw.odds(3, 4)) {
    return [first];
  }
  // What fails together is close together: in one life, and often in the two copies of one thing.
  if (draw.odds(1, 2)) {
    const second = { ...damage(draw, lives), life: first.life };
    return [
      first,
      draw.odds(1, 2) && first.on !== undefined ? { ...second, on: first.on } : second,
    ];
  }
  const afterOperations = draw.between(1, Math.max(2, Math.floor(operations / (lives + 1))));
  return [{ ...first, afterOperations }];
}

function damage(draw: Draw, lives: number): DamagePlan {
  const life = draw.below(lives + 1);
  const on = draw.pick<FileGroup>([
    "log",
    "log",
    "pages",
    "pages",
    "control",
    "double-write",
    "page-lsns",
  ]);
  if (draw.odds(1, 5)) {
    return { kind: "bad-sector", life, on };
  }
  return { kind: "bit-flips", life, flips: draw.odds(1, 3) ? draw.between(2, 6) : 1, on };
}
