import type { RecoveryReport } from "../../engine/recovery/recovery-report.ts";
import type { CrashKind } from "../disk/crash-summary.ts";
import { CommitLog, orderCommits } from "../oracle/commit-log.ts";
import { damagedFloor, type Promises, survivingFloor, visibleSurvives } from "../oracle/floor.ts";
import { type Attempt, Life } from "../oracle/history.ts";
import { judgeLoss, type LossSeen, measureLoss } from "../oracle/judge-loss.ts";
import { judgeReads } from "../oracle/judge-reads.ts";
import { judgeRecovery } from "../oracle/judge-recovery.ts";
import { type Violation, violation } from "../oracle/verdict.ts";
import { noteMasked, noteRecovery } from "./storage-probes.ts";
import type { OpenDamage } from "./open-damage.ts";
import type { World } from "./world.ts";

/** A completed open, and what came before it. */
export interface OpenToJudge {
  /** The life before; undefined for the open that made the store. */
  readonly ended: Life | undefined;
  /** How that life ended, and what struck the opens since then. */
  readonly endings: readonly (CrashKind | "close")[];
  readonly damage: OpenDamage;
  /** The life before was closed in good order, and nothing struck since then. */
  readonly afterClose: boolean;
  readonly report: RecoveryReport;
  readonly state: Int32Array;
}

/** An Open and a Close record: what an epoch leaves in which nothing happened. */
const RECORDS_OF_IDLE_MAX = 2;

/** The worst first. */
const BY_SEVERITY = ["power", "os", "process", "close"] as const;

/** Applies the oracle to a run: after every open it judges the life before and what survived of it. */
export class Referee {
  /** Completed opens that were compared with the history. */
  checks = 0;
  readonly losses: LossSeen[] = [];
  private readonly world: World;
  private readonly promises: Promises;
  /** Transactions that the last completed recovery undid. */
  private undone = 0;
  /** What even damage to the last synced group cannot take. */
  private safe = 0;

  constructor(world: World) {
    this.world = world;
    this.promises = {
      acknowledgeAt: world.policy.acknowledgeAt,
      driveKeepsSyncs: !world.disk.profile.syncsLie,
    };
  }

  /** The life that begins with this open; undefined when a property broke, which the world knows then. */
  judgeOpen(open: OpenToJudge): Life | undefined {
    this.checks += 1;
    const { world } = this;
    world.ledger.judged();
    const before = open.ended ?? new Life(0, new Int32Array(world.keys.size));
    const log = orderCommits(before);
    if (!(log instanceof CommitLog)) {
      world.broken(log);
      return undefined;
    }
    const broken =
      judgeReads(before, log, world.wording) ??
      this.judgeSurvival(open, before, log) ??
      this.judgeUndo(open, before) ??
      this.judgeCleanOpen(open);
    if (broken !== undefined) {
      world.broken(broken);
      return undefined;
    }
    const { lastCommitNumber } = open.report;
    this.settle(before, lastCommitNumber);
    this.noteReport(open.report);
    return new Life(lastCommitNumber, open.state);
  }

  /** What a completed recovery has undone stays undone: when nobody wrote since, there is nothing to undo. */
  private judgeUndo({ damage, report }: OpenToJudge, life: Life): Violation | undefined {
    const undoneBefore = this.undone;
    this.undone = report.transactionsUndone;
    const wrote = life.commits.length > 0 || life.spilled;
    const excused = damage.found || life.syncFailed || !this.promises.driveKeepsSyncs;
    if (undoneBefore === 0 || wrote || excused) {
      return undefined;
    }
    this.world.probes.hit("undo-kept");
    return report.transactionsUndone === 0
      ? undefined
      : violation("P7", "what a recovery had undone had to be undone again", [
          JSON.stringify(report),
        ]);
  }

  /** A store that was closed in good order has everything in its pages, and says so in its log. */
  private judgeCleanOpen({ afterClose, damage, report }: OpenToJudge): Violation | undefined {
    if (!afterClose || damage.found) {
      return undefined;
    }
    this.world.probes.hit("clean-open");
    const { cleanShutdown, recordsRead, recordsRedone, changesUndone, tail } = report;
    // Without the newest slot it reads from an older place, and finds that the pages have it all.
    const readsLittle = recordsRead <= RECORDS_OF_IDLE_MAX || report.controlSlotsLost > 0;
    const isClean = cleanShutdown && tail.kind === "end" && readsLittle;
    return isClean && recordsRedone === 0 && changesUndone === 0
      ? undefined
      : violation("P5", "a store that was closed in good order had something to recover", [
          JSON.stringify(report),
        ]);
  }

  private judgeSurvival(open: OpenToJudge, life: Life, log: CommitLog): Violation | undefined {
    const { world } = this;
    const { endings, report, state } = open;
    const { found: damaged, mayTrim, mayLose } = open.damage;
    const floor = mayLose ? 0 : this.floorOf(life, endings);
    const safe = damagedFloor(life, floor, this.safe);
    const broken = judgeRecovery({
      log,
      recovered: { last: report.lastCommitNumber, state },
      floor: mayTrim ? safe : floor,
      glimpsed: mayTrim || !this.keepsVisible(life, endings) ? [] : life.glimpsed,
      context: describe(endings, damaged),
      damaged,
      authors: world.authors,
      wording: world.wording,
    });
    if (broken !== undefined) {
      return broken;
    }
    this.safe = Math.min(safe, report.lastCommitNumber);
    if (damaged) {
      const isWhole = report.lastCommitNumber >= floor;
      world.probes.hit(isWhole ? "damage-masked" : "damage-cost-last-group");
      noteMasked(world, open.damage);
      return undefined;
    }
    return this.judgeLoss(life, log, open);
  }

  /** The floor of the weakest guarantee: nothing is owed that one of the endings may have taken. */
  private floorOf(life: Life, endings: OpenToJudge["endings"]): number {
    const floors = endings.map((ending) => survivingFloor(life, ending, this.promises));
    return floors.length === 0 ? 0 : Math.min(...floors);
  }

  /** Whether none of the endings may have taken what readers saw. */
  private keepsVisible(life: Life, endings: OpenToJudge["endings"]): boolean {
    return endings.every((ending) => visibleSurvives(life, ending, this.promises));
  }

  private judgeLoss(life: Life, log: CommitLog, open: OpenToJudge): Violation | undefined {
    const worst = BY_SEVERITY.find((kind) => open.endings.includes(kind));
    if (worst === undefined || worst === "close") {
      return undefined;
    }
    const loss = measureLoss(log, open.report.lastCommitNumber, worst);
    this.losses.push(loss);
    this.world.probes.when(loss.commits > 0, "acknowledged-commit-lost-within-promise");
    // A disk that fails to sync may take more than the policy could know.
    return life.syncFailed ? undefined : judgeLoss(loss, this.world.policy.promise);
  }

  /** What was in the air has landed or is gone for good. */
  private settle(life: Life, last: number): void {
    for (const attempt of life.commits) {
      if (attempt.mayHaveLanded) {
        const landed = attempt.number > 0 && attempt.number <= last;
        this.noteLanding(attempt, landed);
        attempt.lost = !landed;
      }
    }
  }

  private noteLanding({ state }: Attempt, landed: boolean): void {
    const { probes } = this.world;
    if (state === "committing") {
      probes.hit(landed ? "in-flight-commit-landed" : "in-flight-commit-lost");
    } else if (state === "unknown") {
      probes.hit(landed ? "unknown-outcome-landed" : "unknown-outcome-lost");
    }
  }

  private noteReport(report: RecoveryReport): void {
    const { probes } = this.world;
    probes.when(report.rewrittenBytes > 0, "tail-rewritten");
    probes.when(report.transactionsRedone > 0, "redo-at-recovery");
    probes.when(report.transactionsUndone > 0, "undo-at-recovery");
    noteRecovery(this.world, report);
  }
}

function describe(endings: OpenToJudge["endings"], damaged: boolean): string {
  const what = endings.length === 0 ? "the first open" : `after ${endings.join(", then ")}`;
  return damaged ? `${what}, with damaged bytes` : what;
}
