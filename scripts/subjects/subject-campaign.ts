import type { SeedTrouble, SubjectReport } from "../../reports/subjects/subject-report.ts";
import { type SubjectRow, SubjectTally } from "../../sim/subjects/index.ts";
import type { PoolAnswer } from "./subject-pool.ts";
import type { ChosenSubject } from "./subject-registry.ts";
import type { SubjectTask } from "./subject-worker.ts";

/** One seed in so many is run twice. */
const TWICE_ONE_IN = 32;
/** A subject that fails every time needs no more seeds to say so. */
const TROUBLES_MAX = 5;

export interface SubjectLimits {
  readonly firstSeed: number;
  /** Whichever comes first. */
  readonly seeds: number;
  readonly timeMs: number;
  readonly workers: number;
}

export interface SubjectRunner {
  run(task: SubjectTask): Promise<PoolAnswer>;
}

/** Runs seeds of one subject on all threads until one of the limits. */
export class SubjectCampaign {
  private readonly chosen: ChosenSubject;
  private readonly runner: SubjectRunner;
  private readonly limits: SubjectLimits;
  private readonly tally: SubjectTally;
  private readonly hung: SeedTrouble[] = [];
  private readonly untrusted: SeedTrouble[] = [];
  private given = 0;
  private stopped = false;
  private seeds = 0;
  private commits = 0;
  private busyMs = 0;

  constructor(chosen: ChosenSubject, runner: SubjectRunner, limits: SubjectLimits) {
    this.chosen = chosen;
    this.runner = runner;
    this.limits = limits;
    this.tally = new SubjectTally(chosen.subject.promises);
  }

  async run(): Promise<SubjectReport> {
    const endMs = performance.now() + this.limits.timeMs;
    const workers = Array.from({ length: this.limits.workers }, () => this.work(endMs));
    await Promise.all(workers);
    return this.report();
  }

  /** Gives no more seeds; those that run come to their end. */
  stop(): void {
    this.stopped = true;
  }

  report(): SubjectReport {
    const { name, about, profile } = this.chosen.subject;
    const rows = this.tally.rows();
    const { seeds, commits, busyMs, hung, untrusted } = this;
    const crashes = rows.reduce((sum, row) => sum + row.crashes, 0);
    const counts = { seeds, commits, crashes, busyMs };
    const verdict = this.verdict(rows);
    const { file } = this.chosen.reference;
    const from = file === undefined ? {} : { file };
    return {
      name,
      ...from,
      about,
      profile: profile.name,
      ...counts,
      rows,
      hung,
      untrusted,
      verdict,
    };
  }

  private async work(endMs: number): Promise<void> {
    const { firstSeed, seeds } = this.limits;
    const hasTime = (): boolean => performance.now() < endMs || this.given === 0;
    while (!this.stopped && this.given < seeds && hasTime() && this.troubles < TROUBLES_MAX) {
      const index = this.given;
      this.given += 1;
      const seed = String(firstSeed + index);
      const twice = index % TWICE_ONE_IN === 0;
      this.note(seed, await this.runner.run({ reference: this.chosen.reference, seed, twice }));
    }
  }

  private get troubles(): number {
    return this.hung.length + this.untrusted.length;
  }

  private note(seed: string, answer: PoolAnswer): void {
    if (answer.kind === "hung") {
      this.hung.push({ seed, message: answer.message });
    } else if (answer.kind === "failed") {
      this.untrusted.push({ seed, message: answer.message });
    } else {
      this.tally.add({ seed, crashes: answer.run.crashes });
      this.seeds += 1;
      this.commits += answer.run.commits;
      this.busyMs += answer.elapsedMs;
      if (!answer.repeats) {
        this.untrusted.push({ seed, message: "it left another trace when it ran again" });
      }
    }
  }

  private verdict(rows: readonly SubjectRow[]): SubjectReport["verdict"] {
    const mayHang = rows.some(({ promise }) => promise.allows.includes("runaway"));
    if (rows.some(({ verdict }) => verdict === "broken") || (this.hung.length > 0 && !mayHang)) {
      return "broken";
    }
    const doubtful = rows.some(({ verdict }) => verdict !== "held");
    return this.untrusted.length > 0 || doubtful ? "untrusted" : "held";
  }
}
