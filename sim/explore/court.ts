import type { Life } from "../oracle/history.ts";
import { type Violation } from "../oracle/verdict.ts";
import { NO_DAMAGE } from "../run/open-damage.ts";
import { Referee } from "../run/referee.ts";
import type { World } from "../run/world.ts";
import type { ExploredKind } from "./moment.ts";
import type { Recovered } from "./outcome-book.ts";

/** What has to hold for a recovered state. */
export interface Obligation {
  readonly life: Life | undefined;
  readonly endings: readonly ExploredKind[];
}

/**
 * Judges recovered states as the referee of a run does, but that nothing is settled: the life that a state is
 * judged by goes on afterwards, and is judged again by the next.
 */
export class Court {
  readonly #world: World;

  /** A world that shares the values and authors of the worlds that are judged; its disk is not looked at. */
  constructor(world: World) {
    this.#world = world;
  }

  judge({ life, endings }: Obligation, recovered: Recovered): Violation | undefined {
    if (recovered.kind === "broken") {
      return recovered.violation;
    }
    const world = this.#world;
    const before = life?.commits.map(({ number, lost }) => ({ number, lost })) ?? [];
    world.violation = undefined;
    new Referee(world).judgeOpen({
      ended: life,
      endings,
      damage: NO_DAMAGE,
      afterClose: false,
      report: recovered.report,
      state: recovered.state,
    });
    for (const [index, attempt] of (life?.commits ?? []).entries()) {
      Object.assign(attempt, before[index]);
    }
    return world.violation;
  }
}
