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
export function withPresent({ atlas, disk }: World, before: OpenDamage): OpenDamage {
  return {
    found: before.found || disk.damages().length > 0 || atlas.debts.length > 0,
    mayTrim: before.mayTrim || atlas.mayTrim,
    mayLose: before.mayLose || atlas.mayLose,
    groups: new Set([...before.groups, ...atlas.damagedGroups]),
  };
}
