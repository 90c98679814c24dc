import type { AcknowledgeAt } from "../../engine/log/sync-policy.ts";
import type { CrashKind } from "../disk/crash-summary.ts";
import type { Life } from "./history.ts";

/** What an acknowledgement was worth in the run at hand. */
export interface Promises {
  readonly acknowledgeAt: AcknowledgeAt;
  /** False when the drive forgets what it synced: then a power cut may take anything. */
  readonly driveKeepsSyncs: boolean;
}

/**
 * The lowest commit number that recovery may come up with after a crash of this kind. A commit is visible
 * where its policy acknowledges it, so what a reader saw counts as well: an observed value must not vanish.
 */
export function survivingFloor(life: Life, kind: CrashKind | "close", promises: Promises): number {
  if (kind === "power" && !promises.driveKeepsSyncs) {
    return 0;
  }
  return visibleSurvives(life, kind, promises)
    ? Math.max(life.acked, life.durable, life.observed)
    : life.durable;
}

/** Whether what was acknowledged, and with it what any reader saw, survives a crash of this kind. */
export function visibleSurvives(
  life: Life,
  kind: CrashKind | "close",
  promises: Promises,
): boolean {
  if (promises.acknowledgeAt === "synced") {
    return kind !== "power" || promises.driveKeepsSyncs;
  }
  // After a failed sync the system may have dropped what was written, even while it runs on.
  return promises.acknowledgeAt === "written" && kind === "process" && !life.syncFailed;
}

/**
 * The floor when durable bytes were damaged. Nothing can tell rot in the last synced group from a torn
 * tail unless it is synced twice, so that group may go. What was known durable before another commit was
 * even asked for, when that one is durable too, is not in the last group.
 *
 * `safeBefore` is what this function gave for the life before, when no damage was found there.
 */
export function damagedFloor(life: Life, floor: number, safeBefore: number): number {
  let safe = safeBefore;
  for (const commit of life.commits) {
    if (commit.state === "acknowledged" && commit.number <= floor) {
      safe = Math.max(safe, commit.durableAtCall);
    }
  }
  return Math.min(safe, floor);
}
