import type { CrashStyle } from "../disk/crash-style.ts";
import { SEGMENT_BYTES } from "./generate-lab.ts";
import { isCommit, type LabMoment, type LabScenario, type LabStep } from "./lab-scenario.ts";

/** Whether a scenario still breaks what the first one broke. */
export type StillBreaks = (scenario: LabScenario) => boolean;

export interface Shrunk {
  readonly scenario: LabScenario;
  readonly runs: number;
}

/** Seeds of other survivals: a scenario with fewer steps draws differently, and may need another draw. */
const OTHER_DRAWS = 4;

/**
 * Makes a broken scenario smaller as long as it stays broken: fewer steps, no faults, round times. Greedy
 * and bounded, in rounds until nothing more can go. @defaultValue runsMax 400
 */
export function shrinkLabScenario(
  from: LabScenario,
  stillBreaks: StillBreaks,
  runsMax = 400,
): Shrunk {
  const search = new Search(from, stillBreaks, runsMax);
  for (let before = ""; before !== search.state && search.hasRuns;) {
    before = search.state;
    search.calm();
    search.removeSteps();
    search.hurry();
    search.empty();
  }
  return { scenario: search.best, runs: search.runs };
}

class Search {
  best: LabScenario;
  runs = 0;
  private readonly stillBreaks: StillBreaks;
  private readonly runsMax: number;

  constructor(from: LabScenario, stillBreaks: StillBreaks, runsMax: number) {
    this.best = from;
    this.stillBreaks = stillBreaks;
    this.runsMax = runsMax;
  }

  get state(): string {
    return JSON.stringify(this.best);
  }

  get hasRuns(): boolean {
    return this.runs < this.runsMax;
  }

  /** Without what is not needed around the steps. */
  calm(): void {
    for (const survival of PLAIN_SURVIVALS) {
      if (this.best.survival === undefined && this.try({ ...this.best, survival })) {
        break;
      }
    }
    this.smallerSegments();
    this.try({ ...this.best, timing: "nvme" });
    this.try({ ...this.best, timerLateUs: 1 });
    this.best.slowSyncs.forEach((_slow, index) => {
      this.try({ ...this.best, slowSyncs: this.best.slowSyncs.toSpliced(index, 1) });
    });
    this.calmMoment();
  }

  removeSteps(): void {
    for (let size = Math.ceil(this.best.steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let from = 0; from < this.best.steps.length && this.hasRuns;) {
        const steps = this.best.steps.toSpliced(from, size);
        from += this.trySteps(steps) ? 0 : size;
      }
    }
  }

  /** Nothing waits for longer than it has to. */
  hurry(): void {
    for (const share of [0, 0.1, 0.5, 0.9]) {
      const steps = this.best.steps.map((step) => ({
        ...step,
        atUs: Math.floor((step.atUs * share) / 1000) * 1000,
      }));
      if (this.try({ ...this.best, steps })) {
        break;
      }
    }
    this.best.steps.forEach((step, index) => {
      const atUs = Math.floor(step.atUs / 1000) * 1000;
      if (atUs !== step.atUs && atUs >= (this.best.steps[index - 1]?.atUs ?? 0)) {
        this.try({ ...this.best, steps: this.best.steps.with(index, { ...step, atUs }) });
      }
    });
  }

  empty(): void {
    this.best.steps.forEach((step, index) => {
      if (isCommit(step)) {
        const isSmaller =
          step.bytes > 0 &&
          this.try({ ...this.best, steps: this.best.steps.with(index, { ...step, bytes: 0 }) });
        if (!isSmaller && step.kind === "durable-commit") {
          const plain: LabStep = { ...step, kind: "commit" };
          this.try({ ...this.best, steps: this.best.steps.with(index, plain) });
        }
      }
    });
  }

  /** In small segments few commits reach a second one. */
  private smallerSegments(): void {
    for (const segmentBytes of SEGMENT_BYTES) {
      if (segmentBytes >= this.best.segmentBytes || this.try({ ...this.best, segmentBytes })) {
        return;
      }
    }
  }

  private calmMoment(): void {
    const commits = this.best.steps.filter((step) => isCommit(step)).length;
    const moments: LabMoment[] = [];
    for (let count = 1; count <= Math.min(commits, 4); count += 1) {
      moments.push({ after: "acknowledgements", count });
    }
    const { moment } = this.best;
    const current = moment.after === "acknowledgements" ? moment.count : Number.POSITIVE_INFINITY;
    for (const candidate of moments) {
      if (candidate.after === "acknowledgements" && candidate.count >= current) {
        return;
      }
      if (this.try({ ...this.best, moment: candidate })) {
        return;
      }
    }
  }

  private trySteps(steps: readonly LabStep[]): boolean {
    const { moment } = this.best;
    const commits = steps.filter((step) => isCommit(step)).length;
    if (moment.after === "acknowledgements" && moment.count > commits && commits > 0) {
      return this.try({
        ...this.best,
        steps,
        moment: { after: "acknowledgements", count: commits },
      });
    }
    return this.try({ ...this.best, steps });
  }

  /** Takes the candidate when it breaks, perhaps with another draw of what survives. */
  private try(candidate: LabScenario): boolean {
    const draws = candidate.survival === undefined ? OTHER_DRAWS : 1;
    for (let draw = 0; draw < draws && this.hasRuns; draw += 1) {
      const seed = draw === 0 ? candidate.seed : `${this.best.seed.split("+")[0]}+${draw}`;
      const scenario = { ...candidate, seed };
      this.runs += 1;
      if (this.stillBreaks(scenario)) {
        this.best = scenario;
        return true;
      }
    }
    return false;
  }
}

const PLAIN_SURVIVALS: readonly CrashStyle[] = [
  { kind: "none" },
  { kind: "all" },
  { kind: "all-but", scope: "operation", index: 0 },
  { kind: "all-but", scope: "file", index: 0 },
];
