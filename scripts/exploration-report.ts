import pico from "picocolors";
import {
  allCrashPoints,
  TIERS,
  type Exploration,
  type FoundViolation,
  type Scenario,
  type Tier,
} from "../sim/index.ts";
import { screenHasColors } from "./cli/colors.ts";

type Colors = ReturnType<typeof pico.createColors>;

/** What became of a violation that was found: where its record lies, or that no run breaks the same. */
export interface ReportedViolation {
  readonly found: FoundViolation;
  /** Undefined when no record could be made. */
  readonly recordFile: string | undefined;
}

/** Says what an exploration covered and what it found. */
export class ExplorationReport {
  readonly #write: (text: string) => void;
  readonly #colors: Colors;

  constructor(write: (text: string) => void, colors: boolean = screenHasColors()) {
    this.#write = write;
    this.#colors = pico.createColors(colors);
  }

  covered(scenario: Scenario, exploration: Exploration): void {
    const { bound, counts, complete } = exploration;
    const { crashPoints } = counts;
    this.#line(`workload ${scenario.seed}: ${about(scenario)}`);
    this.#line("bound:");
    this.#line("  a process crash and a power cut wherever the disk or what is owed has changed:");
    this.#line("  while the store is made, while clients work, until they are done");
    this.#line(`  of what was not synced survives ${wordsOf(bound.tier)}`);
    if (bound.depth > 1) {
      this.#line(
        `  and then, up to ${bound.depth} crashes in a row, wherever recovery has changed`,
      );
      this.#line(`  the disk, and right after it: ${wordsOf(bound.nestedTier)}`);
      this.#line("  (once for all images that recovery reads alike)");
    }
    this.#line("  a call in flight did not happen: that it did is the next crash point");
    this.#line(
      `crash points: ${allCrashPoints(counts)} (${crashPoints.creation} while the store was made, ` +
        `${crashPoints.life} while clients worked, ${crashPoints.recovery} in recovery, ` +
        `${crashPoints.reopened} right after it)`,
    );
    this.#line(
      `states: ${counts.states}; left what another of the same crash point left: ` +
        `${counts.sameHere}; the same disk as at an earlier one: ${counts.sameImage}; ` +
        `read alike by recovery: ${counts.readAlike}`,
    );
    this.#line(`recoveries run: ${counts.recoveries}; states judged: ${counts.judged}`);
    if (!complete) {
      const why =
        counts.cutShort > 0 ? `${counts.cutShort} crash points had more combinations` : "budget";
      this.#line(`${this.#colors.yellow("bound not reached")} (${why}): the rest was not tried`);
    }
  }

  held({ complete }: Exploration): void {
    const extent = complete ? "every state within the bound" : "every state that was tried";
    this.#line(`${this.#colors.green("held")} ${extent}`);
  }

  vacuous(): void {
    this.#line(`${this.#colors.yellow("vacuous")} nothing was explored`);
  }

  broken({ found, recordFile }: ReportedViolation): void {
    const { violation, path, times } = found;
    const { property, message, details } = violation;
    this.#line(`${this.#colors.red("broken")} ${property}: ${message} (${times} states)`);
    this.#line(`  ${path.length === 0 ? "without any crash" : path.join(", then ")}`);
    for (const detail of details) {
      this.#line(`  ${detail}`);
    }
    this.#line(
      recordFile === undefined
        ? `  ${this.#colors.yellow("no record")}: a run of this path does not break ${property}`
        : `  npx seawall replay ${recordFile}`,
    );
  }

  #line(text: string): void {
    this.#write(`${text}\n`);
  }
}

function about({ clients, profile, policy }: Scenario): string {
  const items = clients.reduce((sum, client) => sum + client.items.length, 0);
  return `${items} items of ${clients.length} clients, profile ${profile}, policy ${policy.kind}`;
}

function wordsOf(tier: Tier): string {
  const parts = ([0, 1, 2, 3] as const).filter((each) => each <= tier).map((each) => TIERS[each]);
  return parts.join("; ");
}
