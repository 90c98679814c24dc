import { chanceInterval, excludedText, grouped } from "../../reports/index.ts";
import type { LikelihoodPoint } from "./likelihood.ts";

const WIDTH = 40;

/** One bar per step, and what stands out. */
export function likelihoodPlot(points: readonly LikelihoodPoint[]): string {
  const digits = Math.max(4, ...points.map(({ step }) => String(step).length));
  const lines = points.map((point) => {
    const share = shareOf(point);
    const bar = "#".repeat(Math.round(share * WIDTH)).padEnd(WIDTH, ".");
    const [low, high] = chanceInterval(point.failed, point.runs);
    const range = `${percent(low)} to ${percent(high)}`;
    return `${String(point.step).padStart(digits)} ${bar} ${percent(share).padStart(5)}  ${point.failed} of ${point.runs} (${range})`;
  });
  return [
    `${"step".padStart(digits)} chance of the failure, with all choices before it kept`,
    ...lines,
  ].join("\n");
}

/** Between which steps the failure became likelier the most; what clean runs exclude when there is none. */
export function likelihoodSummary(points: readonly LikelihoodPoint[]): string {
  const [start] = points;
  if (points.every(({ failed }) => failed === 0)) {
    const runs = points.reduce((sum, point) => sum + point.runs, 0);
    const rate = excludedText(runs, grouped);
    return `none of ${grouped(runs)} futures failed: a failure in more than ${rate} is excluded, at 95 %`;
  }
  let most = 0;
  let where = "";
  for (const [index, point] of points.entries()) {
    const before = points[index - 1];
    const jump = before === undefined ? 0 : shareOf(point) - shareOf(before);
    if (before !== undefined && jump > most) {
      most = jump;
      where = `between steps ${before.step} and ${point.step}: from ${percent(shareOf(before))} to ${percent(shareOf(point))}`;
    }
  }
  const afresh =
    start === undefined
      ? ""
      : `played afresh the scenario fails in ${percent(shareOf(start))} of all runs`;
  return where === "" ? afresh : `${afresh}\nthe failure became likelier most ${where}`;
}

function shareOf({ failed, runs }: LikelihoodPoint): number {
  return runs === 0 ? 0 : failed / runs;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}
