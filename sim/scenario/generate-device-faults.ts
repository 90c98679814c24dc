import type { Draw } from "./draw.ts";
import type { DeviceDeathPlan, FaultPlan, Reaction } from "./fault-plan.ts";
import type { FileGroup } from "./file-group.ts";

const ENDINGS: readonly Reaction["ending"][] = ["process", "process", "power", "os", "close"];

export function drawReaction(draw: Draw): Reaction {
  return { plusSteps: draw.below(40), ending: draw.pick(ENDINGS) };
}

/** A device that goes away while it is used. */
export function deviceDeath(draw: Draw, life: number): DeviceDeathPlan {
  return {
    kind: "device-death",
    life,
    nth: draw.odds(1, 4) ? draw.below(40) : draw.below(600),
    mode: draw.pick(["dead", "read-only"]),
    ...drawReaction(draw),
  };
}

/** Delays that a correct store hides: of any call, and of timers. */
export function patience(draw: Draw, operations: number): readonly FaultPlan[] {
  const faults: FaultPlan[] = [];
  if (draw.odds(1, 10)) {
    faults.push({
      kind: "stalls",
      life: draw.below(2),
      nth: draw.below(operations * 2),
      calls: draw.between(1, 20),
      ms: draw.pick([1, 30, 500, 5000]),
    });
  }
  if (draw.odds(1, 10)) {
    faults.push({ kind: "late-timers", ms: draw.pick([5, 50, 500]) });
  }
  return faults;
}

const WHERE: readonly FileGroup[] = [
  "log",
  "log",
  "pages",
  "pages",
  "pages",
  "double-write",
  "control",
  "page-lsns",
];

/** One of them: two would hide each other's traces. */
export function firmwareFaults(
  draw: Draw,
  lives: number,
  operations: number,
): readonly FaultPlan[] {
  const life = draw.below(draw.odds(1, 2) ? 1 : lives + 1);
  const on = draw.pick(WHERE);
  const nth = draw.below(on === "log" ? draw.pick([4, 30]) : draw.pick([2, 6]));
  const sync = { life, nth, on, pick: draw.below(1024) };
  switch (draw.weighted([6, 4, 3, 5, 3])) {
    case 0:
      return [{ kind: "lost-write", ...sync, evicted: draw.odds(1, 2) }];
    case 1: {
      const strayTo = draw.below(draw.pick([8, 64, 1024]));
      return [{ kind: "misdirected-write", ...sync, strayTo, evicted: draw.odds(1, 2) }];
    }
    case 2: {
      const shift = draw.pick([-4, -2, -1, 1, 2, 4]);
      const read = draw.below(on === "pages" ? 16 : 3);
      // A store knows the pages that it wrote since it was opened: others are read after the next open.
      const reopened = on === "pages" ? Math.max(life, Math.min(lives, 1)) : life;
      return [{ kind: "misdirected-read", life: reopened, nth: read, shift, on }];
    }
    case 3: {
      const at = draw.odds(3, 4) ? "sync" : "close";
      return [{ kind: "late-error", ...sync, at, ...drawReaction(draw) }];
    }
    default: {
      const afterOperations = draw.below(Math.max(2, Math.floor(operations / (lives + 1))));
      return [{ kind: "mixed-snapshot", life, afterOperations, on }];
    }
  }
}
