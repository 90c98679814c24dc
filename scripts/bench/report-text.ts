import Table from "cli-table3";
import pico from "picocolors";
import type { BenchReport, Cell, Row } from "./report.ts";

const MIB = 2 ** 20;

/** The report for people: the figures, what they cost in bytes and memory, and what was not measured and why. */
export function reportText(report: BenchReport, colors: boolean): string {
  const paint = pico.createColors(colors);
  const parts = [
    headerOf(report),
    figures(report, paint.bold),
    amplification(report, "handedPerByte", "Bytes given to write calls (wchar)"),
    amplification(
      report,
      "dirtiedPerByte",
      "Bytes of page cache made dirty (write_bytes, or file sizes)",
    ),
    loading(report),
    notes(report),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function headerOf({ machine, settings, seawallVersion }: BenchReport): string {
  return (
    `Seawall ${seawallVersion}, ${machine.date.slice(0, 10)}, Node.js ${machine.node}, ${machine.platform}, ` +
    `${machine.cores} cores (load ${machine.loadAverage}).\n` +
    `${quantity(settings.keys)} keys of 16 bytes, incompressible values of 100 bytes; medians of ` +
    `${settings.rounds} interleaved rounds.`
  );
}

function figures({ rows, settings }: BenchReport, bold: (text: string) => string): string {
  const head = ["", "workload", "unit", ...settings.peers, "x best peer", "x floor"];
  return tableOf(
    head,
    rows.map((row) => [
      row.workload,
      row.title,
      row.unit,
      ...row.cells.map((cell) => shown(cell)),
      bold(multiple(row.toBestRival)),
      bold(multiple(row.toFloor)),
    ]),
  );
}

type Measure = "handedPerByte" | "dirtiedPerByte";

function amplification({ rows, settings }: BenchReport, measure: Measure, what: string): string {
  const lines = rows
    .filter(({ cells }) => cells.some((cell) => cell[measure] !== undefined))
    .map(({ workload, cells }) => cellsText(workload, cells, (cell) => cell[measure]?.toFixed(1)));
  const title = `${what} per byte committed (warm-up included, opening in L1 only):`;
  return lines.length === 0 ? "" : `${title}\n${tableOf(["", ...settings.peers], lines)}`;
}

/** What the load took beside writes: it is the one workload of a given size. */
function loading({ rows, settings }: BenchReport): string {
  const load = rows.find(({ workload }) => workload === "L1");
  if (load === undefined) {
    return "";
  }
  const lines = [
    cellsText("seconds", load.cells, ({ elapsedMs }) => shownQuantity(elapsedMs, 1000)),
    cellsText("peak memory, whole process, MiB", load.cells, ({ peakBytes }) =>
      shownQuantity(peakBytes, MIB),
    ),
    cellsText("of it JavaScript heap, MiB", load.cells, ({ peakHeapBytes }) =>
      shownQuantity(peakHeapBytes, MIB),
    ),
  ];
  return `L1, ${quantity(settings.keys)} keys:\n${tableOf(["", ...settings.peers], lines)}`;
}

function shownQuantity(value: number | undefined, unit: number): string | undefined {
  return value === undefined ? undefined : quantity(value / unit);
}

/** Each reason once, with the workloads and the peer that it is about. */
function notes({ rows }: BenchReport): string {
  const about = new Map<string, string[]>();
  for (const { row, cell } of rows.flatMap((each) => cellsOf(each))) {
    if (cell.note !== undefined && cell.peer !== "seawall-async") {
      const line = `${cell.peer}: ${cell.note}`;
      about.set(line, [...(about.get(line) ?? []), row.workload]);
    }
  }
  return [...about].map(([line, workloads]) => `${workloads.join(", ")}  ${line}`).join("\n");
}

function cellsOf(row: Row): { readonly row: Row; readonly cell: Cell }[] {
  return row.cells.map((cell) => ({ row, cell }));
}

function tableOf(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], compact: true },
    colAligns: head.map((name) => (["", "workload", "unit"].includes(name) ? "left" : "right")),
  });
  table.push(...lines.map((line) => [...line]));
  return table.toString();
}

function cellsText(
  name: string,
  cells: readonly Cell[],
  text: (cell: Cell) => string | undefined,
): string[] {
  return [name, ...cells.map((cell) => text(cell) ?? "-")];
}

function shown({ perSecond }: Cell): string {
  return perSecond === undefined ? "-" : quantity(perSecond);
}

/** Three digits are what a median of a few rounds can bear. */
export function quantity(value: number): string {
  if (value >= 1000) {
    const step = 10 ** (Math.floor(Math.log10(value)) - 2);
    return (Math.round(value / step) * step).toFixed(0).replace(/\B(?=(\d{3})+$)/g, ",");
  }
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function multiple(value: number | undefined): string {
  return value === undefined ? "-" : `${value >= 10 ? value.toFixed(0) : value.toFixed(2)}x`;
}
