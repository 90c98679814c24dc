import type { Trace } from "../core/trace.ts";

/** Digits of the trace hash that are kept per step. */
const DIGITS = 4;

/**
 * Where a run was after each step of its scheduler, as a few digits of the trace hash: enough for a replay
 * to say at which step it took another way, at a few bytes a step.
 */
export class Path {
  private readonly trace: Trace;
  private digits = "";
  private readonly lineCounts: number[] = [];

  constructor(trace: Trace) {
    this.trace = trace;
  }

  noteStep(): void {
    this.digits += this.trace.hash.slice(0, DIGITS);
    if (this.trace.keepsLines) {
      this.lineCounts.push(this.trace.lines.length);
    }
  }

  /** The steps' digits, one after the other. */
  get text(): string {
    return this.digits;
  }

  /** Per step, how many lines the trace had after it; empty where it is not kept. */
  get lineEnds(): readonly number[] {
    return this.lineCounts;
  }
}

/** The first step (from 1) at which two paths differ; undefined when one is only longer, or not even that. */
export function firstDifferentStep(one: string, other: string): number | undefined {
  const shared = Math.min(one.length, other.length);
  for (let at = 0; at < shared; at += DIGITS) {
    if (one.slice(at, at + DIGITS) !== other.slice(at, at + DIGITS)) {
      return at / DIGITS + 1;
    }
  }
  return undefined;
}
