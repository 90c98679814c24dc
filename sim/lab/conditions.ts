import type { LabScenario } from "./lab-scenario.ts";

/** What may go on around the policy; what it does then is told apart. */
export const LAB_CONDITIONS = ["calm", "slow-sync", "late-timer", "clock-jump"] as const;

export type LabCondition = (typeof LAB_CONDITIONS)[number];

/** Timers that ring this much late are late for a policy that counts in milliseconds. */
const LATE_US = 1000;

/**
 * What goes on in a scenario, when it is one thing: `calm` when it is nothing, undefined when it is several,
 * because then nobody could say which of them did it.
 */
export function conditionOf(scenario: LabScenario): LabCondition | undefined {
  const found: LabCondition[] = [];
  if (scenario.slowSyncs.length > 0) {
    found.push("slow-sync");
  }
  if (scenario.timerLateUs >= LATE_US) {
    found.push("late-timer");
  }
  if (scenario.steps.some(({ kind }) => kind === "clock-jump")) {
    found.push("clock-jump");
  }
  return found.length > 1 ? undefined : (found[0] ?? "calm");
}
