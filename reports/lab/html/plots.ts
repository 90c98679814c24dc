import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

import type { DeviceName, Price } from "../../../sim/lab/index.ts";
import type { CrashReport, PolicyReport, TuningReport } from "../lab-report.ts";
import { msText, worstMs } from "../lab-text.ts";
import { Markup } from "./markup.ts";

/** Plots as SVG text, drawn without a browser. */

/** Policies that lie on one point, because they decide alike. */
export interface Spot {
  readonly worstMs: number;
  readonly commitsPerSecond: number;
  readonly names: readonly string[];
  readonly kind: "held" | "control";
}

/** Price against loss: up is faster, left loses less. Spots have their numbers, from 1. */
export function tradePlot(spots: readonly Spot[]): Markup {
  return draw({
    height: 420,
    marginLeft: 60,
    marginTop: 30,
    marginBottom: 48,
    x: lossScale("most that a system crash or power cut was seen to take"),
    y: { type: "log", label: "commits per second", grid: true, tickFormat: thousands, nice: true },
    marks: [
      Plot.dot(spots, {
        x: "worstMs",
        y: "commitsPerSecond",
        r: 5,
        fill: (spot: Spot) => colorOf(spot.kind),
        fillOpacity: 0.75,
        title: (spot: Spot) => spot.names.join(", "),
      }),
      Plot.text(placed(spots), {
        x: "worstMs",
        y: "labelY",
        text: "label",
        dy: 13,
        fontSize: 12,
        fontWeight: 600,
        fill: "currentColor",
        stroke: "var(--panel)",
      }),
    ],
  });
}

/** How much the crashes took: a row for each policy, darker where more of them ended. */
export function lossPlot(policies: readonly PolicyReport[]): Markup {
  const shown = policies.filter(({ sameAs }) => sameAs === undefined);
  const cells = shown.flatMap((policy) => cellsOf(policy));
  const used = cells.filter(({ crashes, isNothing }) => crashes > 0 || isNothing);
  const widest = Math.max(...used.map(({ upToMs }) => upToMs));
  const bands = [
    ...new Set(cells.filter(({ upToMs }) => upToMs <= widest).map(({ band }) => band)),
  ];
  const shownCells = cells.filter(({ upToMs }) => upToMs <= widest);
  return draw({
    height: 60 + shown.length * 21,
    marginLeft: 190,
    marginBottom: 40,
    x: { domain: bands, label: "stretch of acknowledgements that went, at most", padding: 0.06 },
    y: { domain: shown.map(({ name }) => name), label: null, padding: 0.12 },
    color: { type: "identity" },
    marks: [
      Plot.cell(shownCells, {
        x: "band",
        y: "policy",
        fill: (cell: Cell) => (cell.isNothing ? "var(--held)" : "var(--mark)"),
        fillOpacity: (cell: Cell) => (cell.share === 0 ? 0.04 : 0.15 + 0.75 * cell.share),
        title: (cell: Cell) => `${cell.policy}: ${cell.crashes} crashes lost ${cell.band}`,
      }),
      Plot.text(
        shownCells.filter(({ crashes }) => crashes > 0),
        { x: "band", y: "policy", text: "percent", fontSize: 10, fill: "currentColor" },
      ),
    ],
    opacity: { type: "identity" },
  });
}

/** A family's members by their numbers in the table, and the line of those that nothing beats. */
export function tuningPlot({ points }: TuningReport): Markup {
  const drawn = points.map(({ name, price, worstMs: lost, onFront }, index) => ({
    title: name,
    number: String(index + 1),
    worstMs: shownMs(lost),
    commitsPerSecond: price.commitsPerSecond,
    onFront,
  }));
  const front = drawn
    .filter(({ onFront }) => onFront)
    .toSorted((one, other) => one.worstMs - other.worstMs);
  const place = { x: "worstMs", y: "commitsPerSecond" };
  return draw({
    height: 400,
    marginLeft: 60,
    marginTop: 30,
    marginBottom: 48,
    x: lossScale("most that a power cut was seen to take"),
    y: { label: "commits per second", grid: true, tickFormat: thousands, nice: true, zero: true },
    marks: [
      Plot.line(front, { ...place, stroke: "var(--mark)", strokeDasharray: "4 3" }),
      Plot.dot(drawn, {
        ...place,
        r: 5,
        fill: ({ onFront }: { onFront: boolean }) => (onFront ? "var(--mark)" : "var(--soft)"),
        title: "title",
      }),
      Plot.text(sharedNumbers(drawn), {
        ...place,
        text: "number",
        dy: -13,
        fontSize: 12,
        fontWeight: 600,
        fill: "currentColor",
        stroke: "var(--panel)",
      }),
    ],
  });
}

interface Numbered {
  readonly number: string;
  readonly worstMs: number;
  readonly commitsPerSecond: number;
}

/** Members that lie on one point share a label. */
function sharedNumbers(points: readonly Numbered[]): Numbered[] {
  const shared = new Map<string, Numbered>();
  for (const { number, worstMs: lost, commitsPerSecond } of points) {
    const place = `${lost} ${commitsPerSecond}`;
    const before = shared.get(place)?.number;
    const label = before === undefined ? number : `${before}, ${number}`;
    shared.set(place, { number: label, worstMs: lost, commitsPerSecond });
  }
  return [...shared.values()];
}

/** Nothing has no logarithm: it gets a place of its own, left of everything. */
const NOTHING_MS = 0.1;

function shownMs(ms: number): number {
  return Math.max(NOTHING_MS, ms);
}

function lossScale(label: string): Plot.ScaleOptions {
  return {
    type: "log",
    domain: [NOTHING_MS * 0.8, 20_000],
    ticks: [NOTHING_MS, 1, 10, 100, 1000, 10_000],
    tickFormat: (ms: number) => (ms <= NOTHING_MS ? "nothing" : msText(ms)),
    label,
    labelOffset: 42,
    grid: true,
  };
}

/** Where the policies lie, from those that lose least to those that lose most. */
export function spotsOf(policies: readonly PolicyReport[], device: DeviceName): Spot[] {
  const spots = new Map<string, Spot>();
  for (const policy of policies) {
    const price = policy.prices.find((one) => one.device === device);
    if (price !== undefined) {
      addSpot(spots, policy, price);
    }
  }
  return [...spots.values()].toSorted(
    (one, other) => one.worstMs - other.worstMs || other.commitsPerSecond - one.commitsPerSecond,
  );
}

function addSpot(spots: Map<string, Spot>, policy: PolicyReport, price: Price): void {
  const kind = policy.control || policy.verdict === "broken" ? "control" : "held";
  const lossMs = shownMs(worstMs(policy));
  const { commitsPerSecond } = price;
  // As close as eyes can tell.
  const place = [Math.log(lossMs), Math.log(commitsPerSecond)].map((at) => Math.round(at * 12));
  const key = `${kind} ${place.join(" ")}`;
  const spot = spots.get(key);
  spots.set(
    key,
    spot === undefined
      ? { worstMs: lossMs, commitsPerSecond, names: [policy.name], kind }
      : { ...spot, names: [...spot.names, policy.name] },
  );
}

interface Label {
  readonly worstMs: number;
  readonly labelY: number;
  readonly label: string;
}

/** Each number below its dot, and below other numbers that are there already. */
function placed(spots: readonly Spot[]): Label[] {
  const taken: { x: number; y: number }[] = [];
  return spots.map((spot, index) => {
    const x = Math.log10(spot.worstMs);
    let y = Math.log10(spot.commitsPerSecond);
    while (taken.some((other) => Math.abs(other.x - x) < 0.13 && Math.abs(other.y - y) < 0.05)) {
      y -= 0.01;
    }
    taken.push({ x, y });
    return { worstMs: spot.worstMs, labelY: 10 ** y, label: String(index + 1) };
  });
}

interface Cell {
  readonly policy: string;
  readonly band: string;
  readonly upToMs: number;
  readonly crashes: number;
  readonly share: number;
  readonly percent: string;
  readonly isNothing: boolean;
}

/** Of system crashes and power cuts together. */
function cellsOf({ name, crashes }: PolicyReport): Cell[] {
  const counted = crashes.filter(({ kind }) => kind === "power" || kind === "os");
  const total = counted.reduce((sum, one) => sum + one.crashes, 0);
  const bars = counted[0]?.histogram ?? [];
  return bars.map(({ upToMs }, index) => {
    const count = counted.reduce((sum, one) => sum + barAt(one, index), 0);
    const share = total === 0 ? 0 : count / total;
    return {
      policy: name,
      band: upToMs === 0 ? "nothing" : msText(upToMs),
      upToMs,
      crashes: count,
      share,
      percent: share < 0.005 ? "<1" : String(Math.round(share * 100)),
      isNothing: upToMs === 0,
    };
  });
}

function barAt({ histogram }: CrashReport, index: number): number {
  return histogram[index]?.crashes ?? 0;
}

function colorOf(kind: Spot["kind"]): string {
  return kind === "held" ? "var(--mark)" : "var(--control)";
}

function thousands(value: number): string {
  return value >= 1000 ? `${Number((value / 1000).toPrecision(3))}k` : String(value);
}

function draw(options: Plot.PlotOptions): Markup {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const drawn = Plot.plot({
    width: 860,
    ...options,
    document,
    style: { background: "none", fontSize: "12px", overflow: "visible" },
  });
  return new Markup(String(drawn.outerHTML));
}
