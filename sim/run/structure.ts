import { pageBytesOf } from "../scenario/store-spec.ts";
import type { Database } from "../../engine/database.ts";
import type { Problem } from "../../engine/pages/verify.ts";
import type { ScrubProblem } from "../../engine/recovery/scrub-store.ts";
import { violation } from "../oracle/verdict.ts";
import { describeError, storeErrorCode } from "./engine-port.ts";
import { describeDamage, isExcusedByDamage, isReportedFailure } from "./refusals.ts";
import { ended, type Quiescence } from "./stepping.ts";
import { fileGroupOf } from "./store-files.ts";
import type { World } from "./world.ts";

const PAGES_PATH = "/store/pages.db";

/**
 * What the structure check found: "sound"; or "damaged": bytes on the disk were changed, which the check is
 * to tell; or "failed": a call of the disk failed on the way. Anything else breaks P5, which the world
 * knows then.
 */
export type Structure = "sound" | "damaged" | "failed" | "broken";

/** Lets the store check itself, every page of it. */
export function* checkStructure(world: World, db: Database): Quiescence<Structure> {
  const result = yield* ended(world, "verify", db.verify());
  if (result === undefined) {
    return "broken";
  }
  if ("error" in result) {
    return judgeFailure(world, result.error);
  }
  world.trace.event("verified", result.value.length);
  return judgeProblems(world, result.value, "after an open");
}

/** Judges what the check reported. */
export function judgeProblems(world: World, problems: readonly Problem[], when: string): Structure {
  if (problems.length === 0) {
    return "sound";
  }
  if (world.atlas.mayRefuse && namesDamage(world, problems)) {
    return "damaged";
  }
  if (isReportedFailure(world, "IO")) {
    return "failed";
  }
  const details = problems.slice(0, 8).map(({ page, what }) => `page ${page}: ${what}`);
  world.broken(
    violation("P5", "the pages do not make one whole tree", [
      when,
      ...details,
      ...describeDamage(world),
    ]),
  );
  return "broken";
}

/** Judges what a scrub found that no copy holds whole: damage, or a call of the disk that failed. */
export function judgeScrub(
  world: Pick<World, "atlas" | "injector" | "broken">,
  problems: readonly ScrubProblem[],
): void {
  const unexplained = problems.filter(({ file }) => !isBare(world, file));
  if (unexplained.length > 0 && !world.atlas.mayRefuse && !isReportedFailure(world, "IO")) {
    const details = unexplained.slice(0, 8).map(({ file, what }) => `${file}: ${what}`);
    world.broken(violation("P5", "a scrub finds damage where there is none", details));
  }
}

/** A slot of the control file that no copy holds is reported, and masked all the same: the other one is enough. */
function isBare({ atlas }: Pick<World, "atlas">, file: string): boolean {
  const group = fileGroupOf(file);
  return group === "control" && atlas.isBare(group);
}

/** What follows from a damaged page is reported, too, but the page has to be among it. */
function namesDamage({ atlas, scenario }: World, problems: readonly Problem[]): boolean {
  const pageBytes = pageBytesOf(scenario.engine);
  return problems.some(({ page }) => atlas.isNamed(PAGES_PATH, page * pageBytes, pageBytes));
}

function judgeFailure(world: World, error: unknown): Structure {
  if (isExcusedByDamage(world, error)) {
    return "damaged";
  }
  if (isReportedFailure(world, storeErrorCode(error))) {
    return "failed";
  }
  world.broken(violation("P5", "the structure check failed", [describeError(error)]));
  return "broken";
}
