import path from "node:path";
import process from "node:process";
import type { SubjectReport, SubjectsReport } from "../../reports/subjects/subject-report.ts";
import { prettySubjects } from "../../reports/subjects/pretty-subjects.ts";
import { writeWhole } from "../campaign/atomic-file.ts";
import { screenHasColors } from "../cli/colors.ts";
import { EXIT, type ExitStatus } from "../cli/exit-status.ts";
import { Interrupts } from "../cli/interrupts.ts";
import { packageInfo } from "../cli/package-info.ts";
import { SubjectCampaign, type SubjectLimits } from "./subject-campaign.ts";
import { SubjectPool } from "./subject-pool.ts";
import { chooseSubjects } from "./subject-registry.ts";

export interface RunSubjectsOptions {
  /** As on the command line. */
  readonly asked: readonly string[];
  readonly firstSeed: number;
  /** Of each subject. */
  readonly seeds: number | undefined;
  /** Of all subjects together. */
  readonly timeMs: number | undefined;
  readonly workers: number;
  readonly out: string;
}

/** Puts storage engines that nobody here wrote to the test, one after the other, and says what was found. */
export async function runSubjects(options: RunSubjectsOptions): Promise<ExitStatus> {
  const beganMs = performance.now();
  const chosen = await chooseSubjects(options.asked);
  const pool = new SubjectPool(options.workers);
  const reports: SubjectReport[] = [];
  let current: SubjectCampaign | undefined;
  const interrupts = new Interrupts(() => current?.stop());
  try {
    for (const subject of chosen) {
      current = new SubjectCampaign(subject, pool, limitsOf(options, chosen.length));
      reports.push(await current.run());
      process.stderr.write(`${reports.length} of ${chosen.length}: ${subject.subject.name}\n`);
      if (interrupts.status !== undefined) {
        break;
      }
    }
  } finally {
    interrupts.close();
    await pool.close();
  }
  const report: SubjectsReport = {
    schema: "seawall-subjects",
    version: 1,
    engineVersion: packageInfo().version,
    complete: interrupts.status === undefined,
    firstSeed: options.firstSeed,
    elapsedMs: performance.now() - beganMs,
    workers: options.workers,
    subjects: reports,
    verdict: verdictOf(reports),
  };
  writeWhole(path.join(options.out, "subjects.json"), `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(prettySubjects(report, { colors: screenHasColors() }));
  return interrupts.status ?? EXIT[report.verdict];
}

function limitsOf(
  { firstSeed, seeds, timeMs, workers }: RunSubjectsOptions,
  subjects: number,
): SubjectLimits {
  return {
    firstSeed,
    workers,
    seeds: seeds ?? Infinity,
    timeMs: timeMs === undefined ? Infinity : timeMs / subjects,
  };
}

function verdictOf(reports: readonly SubjectReport[]): SubjectsReport["verdict"] {
  if (reports.some(({ verdict }) => verdict === "broken")) {
    return "broken";
  }
  return reports.every(({ verdict }) => verdict === "held") ? "held" : "untrusted";
}
