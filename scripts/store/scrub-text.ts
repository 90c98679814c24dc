import type { Scrubbed } from "./scrubbing.ts";
import { counted, grouped, line } from "./table-text.ts";
import { findingText } from "./verification-text.ts";

/** What was read, one line for each repair and each problem, and the verdict. */
export function scrubText({ directory, copies, report, repairs }: Scrubbed): string {
  const { pagesRead, segmentsRead, notRepaired, problems } = report;
  const failed = counted(notRepaired, "place");
  const lines = [
    line("store", directory, copies === 1 ? "one copy of each file" : "two copies of each file"),
    line("read", counted(pagesRead, "page"), counted(segmentsRead, "log file")),
    ...repairs.map(({ path, offset, bytes }) =>
      line("repaired", `${path} offset ${grouped(offset)}: ${counted(bytes, "byte")}`),
    ),
    ...(notRepaired === 0 ? [] : [line("problem", `${failed} where the disk took no repair`)]),
    ...problems.map((problem) => line("problem", findingText(problem))),
    line("verdict", verdictOf(problems.length + notRepaired, repairs.length)),
  ];
  return `${lines.join("\n")}\n`;
}

function verdictOf(problems: number, repairs: number): string {
  if (problems > 0) {
    return counted(problems, "problem");
  }
  return repairs === 0 ? "sound" : `sound, after ${counted(repairs, "repair")}`;
}
