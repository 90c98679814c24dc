import type { Clock, Timer } from "../clock.ts";

/** The longest delay that setTimeout takes; a longer one would fire at once. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

/** The time of this machine. A pending timer keeps the process alive. */
export function createNodeClock(): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    setTimer: (delayMs, callback) => (delayMs <= 0 ? soon(callback) : later(delayMs, callback)),
  };
}

/** setTimeout(0) would wait at least a millisecond, the time of ten group commits. */
function soon(callback: () => void): Timer {
  const immediate = setImmediate(callback);
  return { cancel: () => clearImmediate(immediate) };
}

/** setTimeout counts whole milliseconds of the event loop's own clock and may fire a fraction early: look again. */
function later(delayMs: number, callback: () => void): Timer {
  const dueMs = performance.now() + delayMs;
  let timeout: NodeJS.Timeout;
  const arm = (): void => {
    const leftMs = dueMs - performance.now();
    if (leftMs <= 0) {
      callback();
    } else {
      timeout = setTimeout(arm, Math.min(Math.ceil(leftMs), TIMEOUT_MS_MAX));
    }
  };
  timeout = setTimeout(arm, Math.min(Math.ceil(delayMs), TIMEOUT_MS_MAX));
  return { cancel: () => clearTimeout(timeout) };
}
