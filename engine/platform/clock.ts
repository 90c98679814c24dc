/** Time, as the engine sees it. */
export interface Clock {
  /** Wall-clock time in whole milliseconds since 1970 (UTC). May jump forward and backward. */
  nowMs(): number;

  /** Milliseconds since an arbitrary start, may have fractions. Never goes backward; intervals use only this. */
  monotonicMs(): number;

  /**
   * Calls back once, not before `delayMs` has passed and never synchronously. 0 means: after everything
   * that is ready to run has run. Timers may be late by any amount; nothing may depend on one for safety.
   */
  setTimer(delayMs: number, callback: () => void): Timer;
}

/** A pending call; `cancel` is harmless after it was made. */
export interface Timer {
  cancel(): void;
}
