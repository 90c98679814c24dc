import { Streams } from "../core/streams.ts";
import type { DeviceTimingName } from "../disk/device-timing.ts";
import { HONEST_PROFILE_NAMES, type ProfileName } from "../disk/profiles.ts";
import { Draw } from "../scenario/draw.ts";
import type { LabCrashKind, LabMoment, LabScenario, LabStep, SlowSyncs } from "./lab-scenario.ts";

export interface LabGenerateOptions {
  readonly crash: LabCrashKind;
  /** @defaultValue drawn, half of them `paranoid` */
  readonly profile?: ProfileName | undefined;
}

/** Between two commits on average: from bursts within one sync to seconds, in which timers ring. */
const PACES_US = [20, 100, 400, 2000, 8000, 30_000, 90_000, 250_000] as const;

const TIMINGS: readonly DeviceTimingName[] = ["nvme", "nvme-plp", "ssd", "hdd"];
/** Ascending; small ones, so that short experiments rotate. */
export const SEGMENT_BYTES: readonly number[] = [2048, 4096, 16_384, 65_536];
const COMMIT_BYTES_MAX = [40, 200, 600, 4000] as const;
/** Longer than any interval that a preset has, now and then. */
const SLOW_MS = [2, 20, 150, 400, 1500, 4000] as const;

/** The experiment of a seed. Commits come when they come, not one after the other's acknowledgement. */
export function generateLabScenario(seed: string, options: LabGenerateOptions): LabScenario {
  const draw = new Draw(new Streams(seed).stream("lab"));
  const steps = generateSteps(draw);
  const lastUs = steps.at(-1)?.atUs ?? 0;
  // Often a while after the last commit: a timer that was forgotten shows only in silence.
  const endUs = lastUs + draw.pick([0, 500, 5000, 150_000, 2_500_000]);
  return {
    seed,
    profile: options.profile ?? (draw.odds(1, 2) ? "paranoid" : draw.pick(HONEST_PROFILE_NAMES)),
    timing: draw.pick(TIMINGS),
    segmentBytes: draw.pick(SEGMENT_BYTES),
    steps,
    crash: options.crash,
    moment: generateMoment(draw, steps, endUs),
    endUs,
    slowSyncs: draw.odds(1, 2) ? [] : [generateSlowSyncs(draw)],
    timerLateUs: draw.pick([1, 1, 200, 3000]),
  };
}

function generateSteps(draw: Draw): LabStep[] {
  const count = draw.between(2, 18);
  const paceUs = draw.pick(PACES_US);
  const bytesMax = draw.pick(COMMIT_BYTES_MAX);
  const syncs = draw.odds(1, 3);
  const steps: LabStep[] = [];
  let atUs = 0;
  for (let index = 0; index < count; index += 1) {
    atUs += draw.odds(1, 4) ? 0 : draw.below(2 * paceUs);
    if (syncs && draw.odds(1, 9)) {
      steps.push({ kind: "sync", atUs });
    } else if (draw.odds(1, 40)) {
      steps.push({ kind: "clock-jump", atUs, byMs: draw.between(-3_600_000, 3_600_000) });
    } else {
      const kind = syncs && draw.odds(1, 12) ? "durable-commit" : "commit";
      steps.push({ kind, atUs, bytes: draw.below(bytesMax) });
    }
  }
  return steps;
}

/** Not before the first step: nothing would be at stake. */
function generateMoment(draw: Draw, steps: readonly LabStep[], endUs: number): LabMoment {
  const firstUs = steps[0]?.atUs ?? 0;
  return draw.odds(1, 2)
    ? { after: "acknowledgements", count: draw.between(1, steps.length) }
    : { after: "time", us: draw.between(firstUs, endUs) };
}

function generateSlowSyncs(draw: Draw): SlowSyncs {
  return { nth: draw.below(6), calls: draw.between(1, 3), ms: draw.pick(SLOW_MS) };
}
