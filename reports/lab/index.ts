import type { ReporterOutput } from "../reporter.ts";
import { githubLab } from "./github-lab.ts";
import { junitLab } from "./junit-lab.ts";
import type { LabReport } from "./lab-report.ts";
import { prettyLab } from "./pretty-lab.ts";

export type * from "./lab-report.ts";
export { msText } from "./lab-text.ts";

export const LAB_REPORTER_NAMES = ["pretty", "json", "html", "junit", "github"] as const;

export type LabReporterName = (typeof LAB_REPORTER_NAMES)[number];

/** The report as text of one kind. */
export async function renderLab(
  name: LabReporterName,
  report: LabReport,
  colors: ReporterOutput["colors"],
): Promise<string> {
  switch (name) {
    case "pretty":
      return prettyLab(report, { colors });
    case "json":
      return `${JSON.stringify(report, undefined, 2)}\n`;
    case "junit":
      return junitLab(report);
    case "github":
      return githubLab(report);
    case "html":
      // Only who wants the page pays for loading what draws it.
      return (await import("./html/html-lab.ts")).htmlLab(report);
    default:
      return name satisfies never;
  }
}
