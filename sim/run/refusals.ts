import { pageBytesOf } from "../scenario/store-spec.ts";
import { violation } from "../oracle/verdict.ts";
import { describeError, storeErrorCode } from "./engine-port.ts";
import type { World } from "./world.ts";

/**
 * Whether damage excuses that the store refuses with this error. Damage that it has to mask excuses
 * nothing. A refusal for a damaged page has to name the page: when it does not, P6 breaks.
 */
export function isExcusedByDamage(world: World, error: unknown): boolean {
  const code = storeErrorCode(error);
  const { atlas } = world;
  if ((code !== "CORRUPTION" && code !== "IO") || !atlas.mayRefuse) {
    return false;
  }
  world.probes.when(
    describeError(error).includes("an older version of the page"),
    "old-page-refused",
  );
  if (code === "CORRUPTION" && !isNamed(world, error)) {
    const details = [describeError(error), ...describeDamage(world)];
    world.broken(violation("P6", "a damaged page was refused without being named", details));
  }
  return true;
}

/** Whether a call of the disk that failed since the open began explains an error with this code. */
export function isReportedFailure(
  { injector }: Pick<World, "injector">,
  code: string | undefined,
): boolean {
  const { anySyncFailure, writeError, readError } = injector.seen;
  switch (code) {
    case "NO_SPACE":
      return injector.fullness.wasFullInThisLife;
    case "IO":
    case "OUTCOME_UNKNOWN":
      return anySyncFailure || writeError || readError;
    case "CLOSED":
      // A page could not be made durable: the store has stopped.
      return anySyncFailure || writeError;
    default:
      return false;
  }
}

/** For people: where the damage is, and what is owed. */
export function describeDamage({ atlas, disk }: World): readonly string[] {
  const debts = atlas.debts;
  return disk
    .damages()
    .slice(0, 4)
    .map(
      ({ kind, path, from }, index) => `${kind} at byte ${from} of ${path}: ${debts[index] ?? ""}`,
    );
}

function isNamed({ atlas, scenario }: World, error: unknown): boolean {
  const place: unknown =
    typeof error === "object" && error !== null && "place" in error ? error.place : undefined;
  if (typeof place !== "object" || place === null || !("file" in place) || !("offset" in place)) {
    return atlas.isNamed(undefined, undefined, 0);
  }
  return atlas.isNamed(place.file, place.offset, pageBytesOf(scenario.engine));
}
