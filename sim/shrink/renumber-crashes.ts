import type { ChoiceTapes } from "../core/streams.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Case } from "./shrinking.ts";

/** Which crash a tape belongs to, and what of it: `survival/3`, `survival/3-landing`. */
const OF_CRASH = /^survival\/(\d+)(.*)$/;

/**
 * Each scenario has a crash less than the case it came from: as it is, and with the outcome of each crash
 * in turn taken out, so that the later ones keep what they had. Which crash it was that went is known only
 * to a run.
 */
export function* withCrashGone(from: Case, scenarios: Iterable<Scenario>): Generator<Case, void> {
  const last = Math.max(-1, ...Object.keys(from.tapes).map((name) => crashOf(name)));
  for (const scenario of scenarios) {
    yield { ...from, scenario };
    for (let gone = 0; gone <= last; gone += 1) {
      yield { ...from, scenario, tapes: renumbered(from.tapes, gone) };
    }
  }
}

function crashOf(name: string): number {
  const found = OF_CRASH.exec(name);
  return found === null ? -1 : Number(found[1]);
}

function renumbered(tapes: ChoiceTapes, gone: number): ChoiceTapes {
  const kept: Record<string, readonly number[]> = {};
  for (const [name, tape] of Object.entries(tapes)) {
    const crash = crashOf(name);
    if (crash < gone) {
      kept[name] = tape;
    } else if (crash > gone) {
      kept[`survival/${crash - 1}${OF_CRASH.exec(name)?.[2] ?? ""}`] = tape;
    }
  }
  return kept;
}
