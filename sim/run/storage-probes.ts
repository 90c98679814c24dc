import type { Database } from "../../engine/database.ts";
import type { RecoveryReport } from "../../engine/recovery/recovery-report.ts";
import type { OpenDamage } from "./open-damage.ts";
import type { World } from "./world.ts";

/** What pages went through in one life of the store. Asked for before the life ends. */
export function noteStats({ probes }: World, db: Database): void {
  const stats = db.stats();
  probes.when(stats.splits > 0, "page-split");
  probes.when(stats.merges > 0, "page-merge");
  probes.when(stats.overflowValues > 0, "overflow-written");
  probes.when(stats.reusedPages > 0, "free-page-reused");
  probes.when(stats.pagesWrittenForRoom > 0, "dirty-page-evicted");
}

/** What an open had to do to the pages. */
export function noteRecovery({ probes }: World, report: RecoveryReport): void {
  probes.when(report.changesUndone > 0, "undo-with-clr");
  probes.when(report.undosContinued > 0, "undo-continued");
  probes.when(report.structuresRedone > 0, "structure-redone");
  probes.when(report.recordsSkipped > 0, "redo-skipped");
  probes.when(report.pagesRebuilt > 0, "page-rebuilt");
  probes.when(report.pagesTorn > 0, "torn-page-repaired");
  probes.when(report.pagesRestored > 0, "double-write-replayed");
  probes.when(report.controlSlotsLost > 0, "control-slot-lost");
}

/** An open succeeded in spite of damage, and everything was there. */
export function noteMasked({ probes }: World, { groups }: OpenDamage): void {
  probes.when(groups.has("pages"), "damaged-page-masked");
  probes.when(groups.has("double-write"), "damaged-double-write-masked");
  probes.when(groups.has("control"), "damaged-control-masked");
  probes.when(groups.has("page-lsns"), "damaged-page-lsns-masked");
}

/** A crash strikes now: what does it interrupt? */
export function noteCrashPhase({ injector, logger, probes }: World): void {
  const { recovery, checkpoint } = logger.phase;
  probes.when(recovery === "redo", "crash-in-redo");
  probes.when(recovery === "undo", "crash-in-undo");
  probes.when(checkpoint === "flushing", "crash-in-checkpoint");
  probes.when(checkpoint === "flushed", "crash-before-control-write");
  probes.when(injector.coverage.isSyncing("pages"), "crash-while-pages-written");
  logger.reset();
}
