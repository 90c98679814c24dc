import type { Logger } from "../../engine/base/logger.ts";
import type { RepairedPlace } from "../../engine/platform/mirrored-file.ts";
import type { Trace } from "../core/trace.ts";
import { describeError } from "./engine-port.ts";
import type { ProbeName, Probes } from "./probes.ts";

/** Which of the engine's diagnostic events are probes. */
const PROBED_EVENTS: Readonly<Record<string, ProbeName>> = {
  "log.rotate": "segment-rotated",
  "segment.recycle": "segment-recycled",
  poison: "log-poisoned",
  "recovery.trim": "tail-trimmed",
  checkpoint: "checkpoint",
  spill: "spill",
};

/** What the engine is in the middle of, as far as its events tell. */
export interface EnginePhase {
  recovery: "none" | "redo" | "undo";
  checkpoint: "none" | "flushing" | "flushed";
  /** A transaction was too large for memory since the store was opened. */
  spilled: boolean;
}

/** What an event says about the phase. */
const PHASES: Readonly<Record<string, Partial<EnginePhase>>> = {
  "redo.begin": { recovery: "redo" },
  "undo.begin": { recovery: "undo" },
  open: { recovery: "none", spilled: false },
  spill: { spilled: true },
  "checkpoint.begin": { checkpoint: "flushing" },
  "checkpoint.flushed": { checkpoint: "flushed" },
  "checkpoint.idle": { checkpoint: "none" },
  "checkpoint.failed": { checkpoint: "none" },
  checkpoint: { checkpoint: "none" },
};

/** Counts the engine's events instead of printing them, and remembers where the engine is. */
export class ProbeLogger implements Logger {
  readonly phase: EnginePhase = { recovery: "none", checkpoint: "none", spilled: false };
  /** Told of a copy that was given what the other one has. */
  onRepaired: (place: RepairedPlace) => void = () => {};
  private readonly probes: Probes;
  private readonly trace: Trace;

  constructor(probes: Probes, trace: Trace) {
    this.probes = probes;
    this.trace = trace;
  }

  /** The program died. */
  reset(): void {
    Object.assign(this.phase, { recovery: "none", checkpoint: "none", spilled: false });
  }

  debug(details: Record<string, unknown>): void {
    this.note(details);
  }

  info(details: Record<string, unknown>): void {
    this.note(details);
  }

  warn(details: Record<string, unknown>): void {
    this.note(details);
  }

  error(details: Record<string, unknown>): void {
    this.note(details);
  }

  private note(details: Record<string, unknown>): void {
    const { event, segmentsFreed } = details;
    if (this.trace.keepsLines) {
      this.trace.note("engine", inOneLine(details));
    }
    if (typeof event !== "string") {
      return;
    }
    const probe = Object.hasOwn(PROBED_EVENTS, event) ? PROBED_EVENTS[event] : undefined;
    if (probe !== undefined) {
      this.probes.hit(probe);
    }
    if (Object.hasOwn(PHASES, event)) {
      Object.assign(this.phase, PHASES[event]);
    }
    if (event === "mirror.repaired" && isPlace(details)) {
      this.onRepaired(details);
    }
    const frees = event === "checkpoint" && typeof segmentsFreed === "number" && segmentsFreed > 0;
    this.probes.when(frees, "segment-recycled-by-checkpoint");
  }
}

function isPlace(
  details: Record<string, unknown>,
): details is Record<string, unknown> & RepairedPlace {
  const { path, offset, bytes } = details;
  return typeof path === "string" && typeof offset === "number" && typeof bytes === "number";
}

/** JSON, with errors as their messages. */
function inOneLine(details: Record<string, unknown>): string {
  return JSON.stringify(details, (_name, value: unknown) =>
    value instanceof Error ? describeError(value) : value,
  );
}
