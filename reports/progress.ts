import { SingleBar } from "cli-progress";
import type { CampaignReport } from "./campaign-report.ts";
import { grouped } from "./pretty-reporter.ts";

/** How far a campaign is, for whoever waits. Goes to the error stream: the report owns the other one. */
export interface Progress {
  update(report: CampaignReport): void;
  /** Makes room for a line that someone else writes to the same screen; the next update draws again. */
  clear(): void;
  stop(): void;
}

export interface ProgressOptions {
  readonly stream: NodeJS.WriteStream;
  /** The campaign ends when it has run this many seeds, or this long, or whichever comes first. */
  readonly seeds?: number | undefined;
  readonly timeMs?: number | undefined;
}

/** A line in a log is for reading later: a few are enough to see that it moves and how fast. */
const LINE_EVERY_MS = 5000;

/** A bar on a terminal, a plain line every few seconds everywhere else. */
export function createProgress(options: ProgressOptions): Progress {
  return options.stream.isTTY ? createBar(options) : createLines(options);
}

function createBar(options: ProgressOptions): Progress {
  const bar = new SingleBar({
    stream: options.stream,
    format: "{bar} {percentage}%  {status}",
    hideCursor: true,
    clearOnComplete: true,
    barsize: 30,
    barCompleteChar: "#",
    barIncompleteChar: "-",
  });
  // The bar remembers where on the screen it began and returns there when it stops; so whenever somebody
  // else wants to write, it stops first and later begins anew below.
  let drawn = false;
  const stop = (): void => {
    if (drawn) {
      bar.stop();
      drawn = false;
    }
  };
  return {
    update: (report) => {
      const value = Math.floor(doneShare(report, options) * 1000);
      const payload = { status: statusText(report) };
      if (drawn) {
        bar.update(value, payload);
      } else {
        bar.start(1000, value, payload);
        drawn = true;
      }
    },
    clear: stop,
    stop,
  };
}

function createLines(options: ProgressOptions): Progress {
  let nextMs = LINE_EVERY_MS;
  return {
    update: (report) => {
      if (report.elapsedMs >= nextMs) {
        const percent = Math.floor(doneShare(report, options) * 100);
        options.stream.write(`${percent}%  ${statusText(report)}\n`);
        nextMs = report.elapsedMs + LINE_EVERY_MS;
      }
    },
    clear: () => {},
    stop: () => {},
  };
}

/** From 0 to 1. */
export function doneShare(
  report: CampaignReport,
  { seeds, timeMs }: Pick<ProgressOptions, "seeds" | "timeMs">,
): number {
  const bySeeds = seeds === undefined ? 0 : report.totals.seeds / Math.max(seeds, 1);
  const byTime = timeMs === undefined ? 0 : report.elapsedMs / Math.max(timeMs, 1);
  return Math.min(1, Math.max(bySeeds, byTime));
}

function statusText(report: CampaignReport): string {
  const seconds = report.elapsedMs / 1000;
  const speed = report.totals.seeds / Math.max(seconds, 0.001);
  const untrusted = report.untrusted.length === 0 ? "" : `  ${report.untrusted.length} untrusted`;
  return (
    `${Math.floor(seconds)} s  ${grouped(report.totals.seeds)} seeds  ${grouped(speed)}/s  ` +
    `${grouped(report.totals.broken)} broken${untrusted}`
  );
}
