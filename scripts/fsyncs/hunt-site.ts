import type { EnginePort, GenerateOptions } from "../../sim/index.ts";
import { Hunt, type HuntPlan, type HuntResult } from "../mutants/hunt.ts";
import type { Mutant } from "../mutants/mutant.ts";
import type { ScenarioRunner } from "../scenario-runner.ts";

/**
 * Any seeds, and what most seeds never come by: crashes at certain calls; a restart after a sync that failed; a
 * store that is made where another was removed; an orderly close of a store that has something to sync and
 * has failed; devices that lose what they say they stored; copies of which one is damaged.
 */
const KINDS: readonly GenerateOptions[] = [
  {},
  { weather: "crashes", profile: "paranoid", aims: true },
  { weather: "errors", profile: "paranoid", aims: true },
  { weather: "crashes", profile: "paranoid", short: true, afterAnother: true },
  { weather: "errors", policy: "os" },
  { weather: "errors", policy: "async" },
  { weather: "firmware", profile: "paranoid" },
  { weather: "rot", profile: "paranoid", copies: 2 },
  { weather: "errors", profile: "paranoid", failing: "control" },
];

export interface SiteHuntPlan extends Pick<
  HuntPlan,
  "shrinkMs" | "engineVersion" | "controlSeeds" | "goesOn"
> {
  readonly start: number;
  /** Seeds of each kind before the barrier counts as missed by nobody. */
  readonly seedsMax: number;
}

/**
 * Every kind has its turn, with few seeds and then with more: which one finds a bug is not known, and one that
 * does mostly finds it soon. `seedsToCatch` counts the seeds of all kinds.
 */
export async function huntSite(
  runner: ScenarioRunner,
  mutant: Mutant,
  engine: EnginePort,
  { start, seedsMax, ...plan }: SiteHuntPlan,
): Promise<HuntResult> {
  let seconds = 0;
  let tried = 0;
  for (let done = 0; done < seedsMax && plan.goesOn();) {
    const turn = Math.min(seedsMax, Math.max(FIRST_TURN, done * GROWTH)) - done;
    for (const where of KINDS) {
      const hunt = new Hunt(runner, { ...plan, starts: [start + done], seedsMax: turn });
      const found = await hunt.run({ ...mutant, where }, engine);
      const [seeds] = found.seedsToCatch;
      seconds += found.seconds;
      if (seeds !== undefined) {
        return { ...found, mutant, seedsToCatch: [tried + seeds], seconds };
      }
      tried += turn;
    }
    done += turn;
  }
  return { mutant, seedsToCatch: [undefined], catchSeconds: [seconds], properties: [], seconds };
}

const FIRST_TURN = 100;
const GROWTH = 4;
