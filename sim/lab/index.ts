/** The policy lab: what a sync policy loses, what it costs, and a policy's promise put to the test. */
import type { LabPolicy } from "./lab-policy.ts";

export { asyncPolicy, batchPolicy, osPolicy, syncPolicy } from "../../engine/log/sync-policies.ts";
export type {
  AcknowledgeAt,
  Backlog,
  Loss,
  PolicyPromise,
  SyncDecision,
  SyncPolicyState,
} from "../../engine/log/sync-policy.ts";
export { combinations } from "./combinations.ts";
export { conditionOf, LAB_CONDITIONS } from "./conditions.ts";
export type { LabCondition } from "./conditions.ts";
export { DEVICE_NAMES, DEVICES } from "./devices.ts";
export type { DeviceModel, DeviceName } from "./devices.ts";
export { excludedRate, quantile, summarize } from "./distribution.ts";
export type { Summary } from "./distribution.ts";
export { generateLabScenario } from "./generate-lab.ts";
export { judgeCrash, promisedFor } from "./judge-crash.ts";
export type { BrokenPart, Consistency, CrashJudgement, LabLoss } from "./judge-crash.ts";
export type { LabEvent, LabHistory } from "./lab-history.ts";
export { assertPolicy, PolicyError } from "./lab-policy.ts";
export type { LabPolicy, PolicyFamily, PolicyOrigin, SyncCall } from "./lab-policy.ts";
export { LAB_CRASH_KINDS } from "./lab-scenario.ts";
export type { LabCrashKind, LabScenario, LabStep } from "./lab-scenario.ts";
export { EmptyStores, LabStuckError } from "./lab-world.ts";
export { MeteredFiles } from "./metered-files.ts";
export { withPolicySyncs } from "./omitted-syncs.ts";
export { BUILT_IN, CONTROLS, PRESETS } from "./presets/index.ts";
export * from "./presets/shapes.ts";
export { PRICE_LOAD, stepPrice } from "./price.ts";
export type { Price } from "./price.ts";
export { runLab, stepLab } from "./run-lab.ts";
export { shrinkLabScenario } from "./shrink-lab.ts";

/** Returns the policy as it is; with it an editor completes and checks the fields. */
export function definePolicy(policy: LabPolicy): LabPolicy {
  return policy;
}
