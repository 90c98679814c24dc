import type { FileGroup } from "../scenario/file-group.ts";
import type { World } from "./world.ts";

/** Damage that was there when an open was tried which then succeeded. */
export interface OpenDamage {
  /** Durable bytes were damaged. */
  readonly found: boolean;
  /** Some of it could be taken for a torn tail: the last synced group may be gone. */
  readonly mayTrim: boolean;
  /** Some of it may have taken the evidence of what is gone. */
  readonly mayLose: boolean;
  /** What is damaged. */
  readonly groups: ReadonlySet<FileGroup | undefined>;
}

export const NO_DAMAGE: OpenDamage = {
  found: false,
  mayTrim: false,
  mayLose: false,
  groups: new Set(),
};

/** With the damage that there is now. */
export function withPresent(
  { atlas, disk }: Pick<World, "atlas" | "disk">,
  before: OpenDamage,
): OpenDamage {
  return bothOf(before, {
    found: disk.damages().length > 0 || atlas.debts.length > 0,
    mayTrim: atlas.mayTrim,
    mayLose: atlas.mayLose,
    groups: atlas.damagedGroups,
  });
}

export function bothOf(one: OpenDamage, other: OpenDamage): OpenDamage {
  return {
    found: one.found || other.found,
    mayTrim: one.mayTrim || other.mayTrim,
    mayLose: one.mayLose || other.mayLose,
    groups: new Set([...one.groups, ...other.groups]),
  };
}

/** What is left of it once it is undone, when a log was trimmed for it: only that stays. */
export function behindTrim({ mayTrim, mayLose }: OpenDamage): OpenDamage {
  return mayTrim ? { found: true, mayTrim, mayLose, groups: new Set(["log"]) } : NO_DAMAGE;
}
