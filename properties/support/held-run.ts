import type { RunResult } from "../../sim/run/run-scenario.ts";

/** What came of a run that did nothing, and broke nothing. */
export const HELD_RUN: RunResult = {
  verdict: "held",
  traceHash: "",
  steps: 0,
  operations: 0,
  crashes: 0,
  checks: 0,
  virtualMs: 0,
  probes: {},
  ledger: {},
  losses: [],
  marks: [],
  divergences: [],
};
