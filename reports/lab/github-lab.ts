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
              command("error", `policy ${name} breaks its promise`, file, [
                `${kind}: ${counterexample.message}`,
                ...(counterexample.replay === undefined ? [] : [counterexample.replay]),
              ]),
            ],
      ),
    );
  const doubts = report.untrusted.map((reason) =>
    command("warning", "nothing can be said", undefined, [reason]),
  );
  const last = command("notice", "seawall policies", undefined, [verdictText(report)]);
  return `${[...broken, ...doubts, last].join("\n")}\n`;
}

function command(
  level: "error" | "warning" | "notice",
  title: string,
  file: string | undefined,
  lines: readonly string[],
): string {
  const place = file === undefined ? "" : `file=${property(file)},`;
  return `::${level} ${place}title=${property(title)}::${escaped(lines.join("\n"))}`;
}

function escaped(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return escaped(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
