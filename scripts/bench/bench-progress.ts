import { SingleBar } from "cli-progress";
import type { BenchStep } from "./bench.ts";

/** How far a benchmark is, for whoever waits. Goes to the error stream: the report owns the other one. */
export interface BenchProgress {
  readonly step: (step: BenchStep) => void;
  readonly stop: () => void;
}

/** A line in a log is for reading later: a few are enough to see that it moves. */
const LINE_EVERY_MS = 5000;

/** A bar on a terminal, a plain line every few seconds everywhere else. */
export function createBenchProgress(stream: NodeJS.WriteStream): BenchProgress {
  return stream.isTTY ? createBar(stream) : createLines(stream);
}

function createBar(stream: NodeJS.WriteStream): BenchProgress {
  const bar = new SingleBar({
    stream,
    format: "{bar} {percentage}%  {what}",
    hideCursor: true,
    clearOnComplete: true,
    barsize: 30,
    barCompleteChar: "#",
    barIncompleteChar: "-",
  });
  bar.start(1, 0, { what: "" });
  return {
    step: ({ done, of, what }) => {
      bar.setTotal(of);
      bar.update(done, { what });
    },
    stop: () => {
      bar.stop();
    },
  };
}

function createLines(stream: NodeJS.WriteStream): BenchProgress {
  let nextMs = 0;
  return {
    step: ({ done, of, what }) => {
      if (performance.now() >= nextMs) {
        stream.write(`${Math.floor((done / of) * 100)}%  ${what}\n`);
        nextMs = performance.now() + LINE_EVERY_MS;
      }
    },
    stop: () => {},
  };
}
