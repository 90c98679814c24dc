import { SingleBar } from "cli-progress";

/** How far the lab is, for whoever waits; on the error stream, because the report owns the other one. */
export interface LabProgress {
  update(share: number): void;
  stop(): void;
}

const LINE_EVERY_MS = 5000;

/** A bar on a terminal, a plain line every few seconds everywhere else. */
export function createLabProgress(stream: NodeJS.WriteStream): LabProgress {
  return stream.isTTY ? createBar(stream) : createLines(stream);
}

function createBar(stream: NodeJS.WriteStream): LabProgress {
  const bar = new SingleBar({
    stream,
    format: "{bar} {percentage}%  {duration} s  putting policies to the test",
    hideCursor: true,
    clearOnComplete: true,
    barsize: 30,
    barCompleteChar: "#",
    barIncompleteChar: "-",
  });
  bar.start(1000, 0);
  return {
    update: (share) => bar.update(Math.floor(share * 1000)),
    stop: () => bar.stop(),
  };
}

function createLines(stream: NodeJS.WriteStream): LabProgress {
  const beganMs = performance.now();
  let nextMs = beganMs + LINE_EVERY_MS;
  return {
    update: (share) => {
      const nowMs = performance.now();
      if (nowMs >= nextMs) {
        nextMs = nowMs + LINE_EVERY_MS;
        const seconds = Math.floor((nowMs - beganMs) / 1000);
        stream.write(`${Math.floor(share * 100)}%  ${seconds} s  putting policies to the test\n`);
      }
    },
    stop: () => {},
  };
}
