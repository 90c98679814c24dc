import { explain, REASONS, type Reason } from "./explanations.ts";
import { gapsOf, inRows, unreachedLines, type FileCoverage, type Gap } from "./gaps.ts";

/** A file of the engine, and what a campaign ran of it. */
export interface Covered {
  readonly file: string;
  readonly source: string;
  readonly coverage: FileCoverage;
}

/**
 * One line a file ("engine/log/log-buffer.ts 99 % 61, 107-109"), one for all, why what never ran cannot or
 * need not, and the code of which nobody has said so.
 */
export function unreachedText(files: readonly Covered[]): string {
  const counted = files.map(({ file, coverage }) => ({ file, ...unreachedLines(coverage) }));
  const rows = counted.map(({ file, lines, unreached }) =>
    `${file.padEnd(44)} ${percent(lines, unreached.length)}  ${ranges(unreached)}`.trimEnd(),
  );
  const lines = counted.reduce((sum, file) => sum + file.lines, 0);
  const missed = counted.reduce((sum, { unreached }) => sum + unreached.length, 0);
  const all = `${"all".padEnd(44)} ${percent(lines, missed)}  ${missed} of ${lines} lines never reached`;
  return [...rows, "", all, "", ...whys(files), ""].join("\n");
}

function whys(files: readonly Covered[]): string[] {
  const counts = new Map<Reason, number>();
  const open: string[] = [];
  for (const { file, source, coverage } of files) {
    for (const gap of gapsOf(coverage, source)) {
      const reason = explain(file, gap.code);
      if (reason === undefined) {
        open.push(...described(file, gap));
      } else {
        counts.set(reason, (counts.get(reason) ?? 0) + 1);
      }
    }
  }
  const why = [...counts].map(
    ([reason, count]) => `${String(count).padStart(5)}  ${REASONS[reason]}`,
  );
  const title = open.length === 0 ? "nothing else" : "not explained:";
  return ["places that never ran, by why:", ...why, title, ...open];
}

function described(file: string, { from, to, code }: Gap): string[] {
  const where = from === to ? `${file}:${from}` : `${file}:${from}-${to}`;
  return [`  ${where}`, ...code.split("\n").map((line) => `      ${line.trim()}`)];
}

function percent(lines: number, missed: number): string {
  return `${((100 * (lines - missed)) / Math.max(1, lines)).toFixed(1).padStart(5)} %`;
}

function ranges(lines: readonly number[]): string {
  return inRows(lines)
    .map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`))
    .join(", ");
}
