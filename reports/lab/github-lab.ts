import { githubAnnotation } from "../github-annotation.ts";
import type { LabReport } from "./lab-report.ts";
import { verdictText } from "./lab-text.ts";

/** Annotations as GitHub Actions reads them from a log: an error for each broken promise, a last notice. */
export function githubLab(report: LabReport): string {
  const broken = report.policies
    .filter(({ control }) => !control)
    .flatMap(({ name, file, crashes }) =>
      crashes.flatMap(({ kind, counterexample }) =>
        counterexample === undefined
          ? []
          : [
              githubAnnotation(
                "error",
                `policy ${name} breaks its promise`,
                [
                  `${kind}: ${counterexample.message}`,
                  ...(counterexample.replay === undefined ? [] : [counterexample.replay]),
                ],
                file,
              ),
            ],
      ),
    );
  const doubts = report.untrusted.map((reason) =>
    githubAnnotation("warning", "nothing can be said", [reason]),
  );
  const last = githubAnnotation("notice", "seawall policies", [verdictText(report)]);
  return `${[...broken, ...doubts, last].join("\n")}\n`;
}
