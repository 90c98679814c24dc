/** What of istanbul's coverage format counts here. */
interface FileCoverage {
  readonly path: string;
  readonly statementMap: Readonly<Record<string, { readonly start: { readonly line: number } }>>;
  readonly s: Readonly<Record<string, number>>;
}

export interface Unreached {
  readonly file: string;
  readonly lines: number;
  /** Numbers of the lines that never ran. */
  readonly unreached: readonly number[];
}

/** Per file, by name, which lines never ran. */
export function unreachedLines(
  coverage: Readonly<Record<string, FileCoverage>>,
  nameOf: (path: string) => string,
): readonly Unreached[] {
  return Object.values(coverage)
    .map(({ path, statementMap, s }) => {
      const reached = new Map<number, boolean>();
      for (const [id, { start }] of Object.entries(statementMap)) {
        reached.set(start.line, reached.get(start.line) === true || (s[id] ?? 0) > 0);
      }
      const unreached = [...reached].filter(([, ran]) => !ran).map(([line]) => line);
      return { file: nameOf(path), lines: reached.size, unreached };
    })
    .toSorted((one, other) => (one.file < other.file ? -1 : 1));
}

/** One line a file, and one for all: "engine/log/log-buffer.ts 99 % 61, 107-109". */
export function unreachedText(files: readonly Unreached[]): string {
  const rows = files.map(({ file, lines, unreached }) =>
    `${file.padEnd(44)} ${percent(lines, unreached.length)}  ${ranges(unreached)}`.trimEnd(),
  );
  const lines = files.reduce((sum, file) => sum + file.lines, 0);
  const missed = files.reduce((sum, { unreached }) => sum + unreached.length, 0);
  const all = `${"all".padEnd(44)} ${percent(lines, missed)}  ${missed} of ${lines} lines never reached`;
  return [...rows, "", all, ""].join("\n");
}

function percent(lines: number, missed: number): string {
  return `${((100 * (lines - missed)) / Math.max(1, lines)).toFixed(1).padStart(5)} %`;
}

function ranges(lines: readonly number[]): string {
  const parts: string[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const first = lines[index];
    while (lines[index + 1] === (lines[index] ?? 0) + 1) {
      index += 1;
    }
    parts.push(first === lines[index] ? String(first) : `${first}-${lines[index]}`);
  }
  return parts.join(", ");
}
