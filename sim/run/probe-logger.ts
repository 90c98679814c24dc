import type { Logger } from "../../engine/base/logger.ts";
import type { Trace } from "../core/trace.ts";
import { describeError } from "./engine-port.ts";
import type { ProbeName, Probes } from "./probes.ts";

/** Which of the engine's diagnostic events are probes. */
const PROBED_EVENTS: Readonly<Record<string, ProbeName>> = {
  "log.rotate": "segment-rotated",
  "segment.recycle": "segment-recycled",
  poison: "log-poisoned",
  "recovery.trim": "tail-trimmed",
};

/** Counts the engine's events instead of printing them. */
export class ProbeLogger implements Logger {
  private readonly probes: Probes;
  private readonly trace: Trace;

  constructor(probes: Probes, trace: Trace) {
    this.probes = probes;
    this.trace = trace;
  }

  debug(details: Record<string, unknown>): void {
    this.count(details);
  }

  info(details: Record<string, unknown>): void {
    this.count(details);
  }

  warn(details: Record<string, unknown>): void {
    this.count(details);
  }

  error(details: Record<string, unknown>): void {
    this.count(details);
  }

  private count(details: Record<string, unknown>): void {
    const event = details["event"];
    if (this.trace.keepsLines) {
      this.trace.note("engine", inOneLine(details));
    }
    const probe =
      typeof event === "string" && Object.hasOwn(PROBED_EVENTS, event)
        ? PROBED_EVENTS[event]
        : undefined;
    if (probe !== undefined) {
      this.probes.hit(probe);
    }
  }
}

/** JSON, with errors as their messages. */
function inOneLine(details: Record<string, unknown>): string {
  return JSON.stringify(details, (_name, value: unknown) =>
    value instanceof Error ? describeError(value) : value,
  );
}
