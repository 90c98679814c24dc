import v8 from "node:v8";
import { runInThisContext } from "node:vm";

/** Runs every pending micro-task to its end before it returns; false when that had no end. */
export type Drain = () => boolean;

/**
 * V8's own micro-task checkpoint, reached through its native syntax: exact, and about eight times cheaper
 * than waiting for the next macro-task. It works only when called from a macro-task: inside a
 * micro-task, so after any await, V8 takes the queue to be running already and does nothing.
 *
 * Undefined where the runtime does not have it (other engines, frozen flags); then a run must
 * wait for `setImmediate` wherever it would drain, which gives the same trace, only slower. Call
 * it from a macro-task too: it tries out what it returns. Micro-tasks without end hold it for ever, unless
 * a `Watchdog` cuts them off.
 */
export function createDrain(): Drain | undefined {
  const checkpoint = compileCheckpoint();
  if (checkpoint === undefined || !drains(checkpoint)) {
    return undefined;
  }
  return () => {
    checkpoint();
    return true;
  };
}

function compileCheckpoint(): (() => void) | undefined {
  // The flag stays: V8 may throw away the function's bytecode and parse it again.
  v8.setFlagsFromString("--allow-natives-syntax");
  try {
    const checkpoint: unknown = runInThisContext("() => %PerformMicrotaskCheckpoint()");
    return isFunction(checkpoint) ? checkpoint : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
}

function isFunction(value: unknown): value is () => void {
  return typeof value === "function";
}

/** A chain of hops, each queued by the one before, must be over when the call returns. */
function drains(drain: () => void): boolean {
  const hops = 20;
  let done = 0;
  const hop = (): void => {
    done += 1;
    if (done < hops) {
      void Promise.resolve().then(hop);
    }
  };
  void Promise.resolve().then(hop);
  drain();
  return done === hops;
}

/** Calls back from the event loop itself, never from a micro-task: only there does a drain work. */
export function inMacroTask<T>(work: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(work());
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** Resolves in a task of its own, when no micro-task is left: what a run waits for without a drain. */
export function settle(): Promise<void> {
  return inMacroTask(() => {});
}
