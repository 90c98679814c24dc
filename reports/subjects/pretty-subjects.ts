import Table from "cli-table3";
import pico from "picocolors";
import { OUTCOMES, type SubjectRow } from "../../sim/subjects/index.ts";
import { grouped } from "../pretty-reporter.ts";
import type { ReporterOutput } from "../reporter.ts";
import type { SubjectReport, SubjectsReport } from "./subject-report.ts";

type Colors = ReturnType<typeof pico.createColors>;

const STYLE = { head: [], border: [], compact: true };

/** For people: what was found of each subject after each kind of crash, and what broke a promise, in words. */
export function prettySubjects(
  report: SubjectsReport,
  output: Pick<ReporterOutput, "colors">,
): string {
  const colors = pico.createColors(output.colors);
  const table = new Table({
    head: ["subject", "disk", "process dies", "system dies", "power goes", "crashes/s", ""],
    style: STYLE,
  });
  for (const subject of report.subjects) {
    table.push([
      subject.name,
      subject.profile,
      ...subject.rows.map((row) => rowText(row, colors)),
      speedText(subject),
      verdictText(subject, colors),
    ]);
  }
  const sections = [
    table.toString(),
    ...report.subjects.flatMap((subject) => troubleTexts(subject, colors)),
    summaryText(report),
  ];
  return `\n${sections.join("\n\n")}\n`;
}

function rowText({ crashes, outcomes, verdict, promise }: SubjectRow, colors: Colors): string {
  if (crashes === 0) {
    return "not tested";
  }
  const found = OUTCOMES.filter((outcome) => outcomes[outcome] > 0).map((outcome) => {
    const text = `${grouped(outcomes[outcome])} ${outcome}`;
    return promise.allows.includes(outcome) ? text : colors.red(`${text} (!)`);
  });
  const missing = verdict === "not-shown" ? [`never ${(promise.shows ?? []).join(", ")}`] : [];
  return [...found, ...missing].join("\n");
}

/** Of one thread. */
function speedText({ crashes, busyMs }: SubjectReport): string {
  return busyMs === 0 ? "" : grouped(Math.round((crashes / busyMs) * 1000));
}

function verdictText({ verdict, rows }: SubjectReport, colors: Colors): string {
  if (verdict === "held") {
    return colors.green("as documented");
  }
  if (verdict === "broken") {
    return colors.red("promise broken");
  }
  return rows.some((row) => row.verdict === "not-shown") ? "too gentle a storm" : "says nothing";
}

function troubleTexts(
  { name, file, rows, hung, untrusted }: SubjectReport,
  colors: Colors,
): string[] {
  const broken = rows.flatMap(({ promise, examples }) =>
    examples.filter(({ outcome }) => !promise.allows.includes(outcome)),
  );
  return [
    ...broken.map(({ seed, outcome, story }) => {
      const steps = story.map((line) => `  ${line}`).join("\n");
      const again = `  again: npx seawall fuzz --subject ${file ?? name} --seeds 1 --start ${seed}`;
      return `${colors.red("broken")} ${name}, seed ${seed}: ${outcome}\n${steps}\n${again}`;
    }),
    ...[...hung, ...untrusted].map(({ seed, message }) => `${name}, seed ${seed}: ${message}`),
  ];
}

function summaryText({ subjects, elapsedMs, workers, verdict, complete }: SubjectsReport): string {
  const crashes = subjects.reduce((sum, subject) => sum + subject.crashes, 0);
  const seeds = subjects.reduce((sum, subject) => sum + subject.seeds, 0);
  const seconds = (elapsedMs / 1000).toFixed(1);
  return [
    `${grouped(crashes)} crashes of ${grouped(seeds)} seeds in ${seconds} s on ${workers} threads`,
    complete ? verdictLine(verdict) : "stopped before its end",
  ].join("\n");
}

function verdictLine(verdict: SubjectsReport["verdict"]): string {
  switch (verdict) {
    case "held":
      return "every subject is what its makers say, no better and no worse";
    case "broken":
      return "a promise was broken";
    default:
      return "not everything was put to the test: give more seeds";
  }
}
