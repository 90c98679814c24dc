import fs from "node:fs";
import process from "node:process";
import { allCrashPoints, type ExplorationCounts } from "../sim/index.ts";

/** Where lines go at once: an exploration is one synchronous call, in which no stream is emptied. */
export interface ProgressScreen {
  readonly isTerminal: boolean;
  write(text: string): void;
}

/** A line in a log is for reading later. */
const LINE_EVERY_MS = 5000;
const REDRAW_EVERY_MS = 200;

const ERROR_STREAM: ProgressScreen = {
  isTerminal: process.stderr.isTTY,
  write: (text) => {
    fs.writeSync(process.stderr.fd, text);
  },
};

/** How far an exploration is: one line that changes on a terminal, a line every few seconds elsewhere. */
export class ExplorationProgress {
  readonly #screen: ProgressScreen;
  readonly #beganMs: number;
  #shownMs: number;
  #isDrawn = false;

  constructor(nowMs: number, screen: ProgressScreen = ERROR_STREAM) {
    this.#screen = screen;
    this.#beganMs = nowMs;
    this.#shownMs = nowMs;
  }

  update(counts: ExplorationCounts, nowMs: number): void {
    const everyMs = this.#screen.isTerminal ? REDRAW_EVERY_MS : LINE_EVERY_MS;
    if (nowMs - this.#shownMs < everyMs) {
      return;
    }
    this.#shownMs = nowMs;
    const text = lineOf(counts, nowMs - this.#beganMs);
    this.#screen.write(this.#screen.isTerminal ? `\r\u001B[K${text}` : `${text}\n`);
    this.#isDrawn = this.#screen.isTerminal;
  }

  /** Clears the line, for the report. */
  end(): void {
    if (this.#isDrawn) {
      this.#screen.write("\r\u001B[K");
    }
  }
}

function lineOf(counts: ExplorationCounts, elapsedMs: number): string {
  const points = grouped(allCrashPoints(counts));
  const rate = grouped(Math.round((counts.states * 1000) / elapsedMs));
  return (
    `${Math.round(elapsedMs / 1000)} s  ${points} crash points  ${grouped(counts.states)} states  ` +
    `${grouped(counts.recoveries)} recoveries  ${rate} states/s`
  );
}

function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}
