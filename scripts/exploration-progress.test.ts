import { expect, test } from "vitest";
import type { ExplorationCounts } from "../sim/index.ts";
import { ExplorationProgress } from "./exploration-progress.ts";

const COUNTS: ExplorationCounts = {
  crashPoints: { creation: 1000, life: 200, recovery: 30, reopened: 4 },
  states: 45_000,
  sameHere: 0,
  sameImage: 0,
  readAlike: 0,
  recoveries: 1500,
  judged: 0,
  cutShort: 0,
};

const LINE = "9 s  1,234 crash points  45,000 states  1,500 recoveries  5,000 states/s";

function shown(isTerminal: boolean): readonly string[] {
  const lines: string[] = [];
  const progress = new ExplorationProgress(1000, {
    isTerminal,
    write: (text) => lines.push(text),
  });
  progress.update(COUNTS, 1100);
  progress.update(COUNTS, 10_000);
  progress.update(COUNTS, 10_100);
  progress.end();
  return lines;
}

test("an exploration says how far it is, now and then, and clears the line on a terminal", () => {
  expect(shown(false)).toEqual([`${LINE}\n`]);
  expect(shown(true)).toEqual([`\r\u001B[K${LINE}`, "\r\u001B[K"]);
});
