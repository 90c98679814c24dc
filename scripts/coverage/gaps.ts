interface Place {
  readonly line: number;
  readonly column: number;
}

/** What of istanbul's coverage format counts here. */
export interface FileCoverage {
  readonly path: string;
  readonly statementMap: Readonly<Record<string, { readonly start: { readonly line: number } }>>;
  readonly s: Readonly<Record<string, number>>;
  readonly branchMap: Readonly<
    Record<
      string,
      { readonly locations: readonly { readonly start: Place; readonly end: Place }[] }
    >
  >;
  readonly b: Readonly<Record<string, readonly number[]>>;
}

/** Code that never ran. */
export interface Gap {
  /** Numbers of the first and the last line. */
  readonly from: number;
  readonly to: number;
  /** What did not run; whole lines come with the one before them, which says on what they hang. */
  readonly code: string;
}

/** How many lines there are, and the numbers of those that never ran. */
export function unreachedLines({ statementMap, s }: FileCoverage): {
  readonly lines: number;
  readonly unreached: readonly number[];
} {
  const reached = new Map<number, boolean>();
  for (const [id, { start }] of Object.entries(statementMap)) {
    reached.set(start.line, reached.get(start.line) === true || (s[id] ?? 0) > 0);
  }
  const unreached = [...reached].filter(([, ran]) => !ran).map(([line]) => line);
  return { lines: reached.size, unreached: unreached.toSorted((a, b) => a - b) };
}

/** Lines in a row that never ran, and branches inside of lines that did. */
export function gapsOf(coverage: FileCoverage, source: string): readonly Gap[] {
  const text = source.split("\n");
  const { unreached } = unreachedLines(coverage);
  const whole = inRows(unreached).map(({ from, to }) => ({
    from,
    to,
    code: text.slice(Math.max(0, from - 2), to).join("\n"),
  }));
  const parts = Object.entries(coverage.branchMap).flatMap(([id, { locations }]) =>
    locations
      .filter((_, index) => (coverage.b[id]?.[index] ?? 0) === 0)
      .filter(({ start }) => !unreached.includes(start.line) && !unreached.includes(start.line + 1))
      .map(({ start, end }) => ({ from: start.line, to: end.line, code: slice(text, start, end) })),
  );
  return [...whole, ...parts].toSorted((one, other) => one.from - other.from);
}

/** Neighbours as one. */
export function inRows(lines: readonly number[]): { from: number; to: number }[] {
  const rows: { from: number; to: number }[] = [];
  for (const line of lines) {
    const last = rows.at(-1);
    if (last?.to === line - 1) {
      last.to = line;
    } else {
      rows.push({ from: line, to: line });
    }
  }
  return rows;
}

function slice(text: readonly string[], start: Place, end: Place): string {
  const lines = text.slice(start.line - 1, end.line);
  const last = (lines.at(-1) ?? "").slice(0, end.column);
  return [...lines.slice(0, -1), last].join("\n").slice(start.column);
}
