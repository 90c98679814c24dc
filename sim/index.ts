/** The storm: scenarios from seeds, runs of them, and what to keep of a run that broke a property. */
export type { Choices } from "./core/choices.ts";
export type { ChoiceTapes, StreamDivergence } from "./core/streams.ts";
export { HONEST_PROFILE_NAMES, PROFILE_NAMES, PROFILES } from "./disk/profiles.ts";
export type { DiskProfile, ProfileName } from "./disk/profiles.ts";
export { exploreScenario, exploreScenarioAsync } from "./explore/explore-scenario.ts";
export { allCrashPoints } from "./explore/exploration.ts";
export type {
  Bound,
  Exploration,
  ExplorationCounts,
  FoundViolation,
} from "./explore/exploration.ts";
export type { ExploreSettings } from "./explore/explorer.ts";
export { shortScenario } from "./explore/short-scenario.ts";
export type { ShortScenarioOptions } from "./explore/short-scenario.ts";
export { TIERS } from "./explore/survival-tiers.ts";
export type { Tier } from "./explore/survival-tiers.ts";
export type { LossSeen } from "./oracle/judge-loss.ts";
export { PROPERTY_NAMES } from "./oracle/verdict.ts";
export type { PropertyName, Violation } from "./oracle/verdict.ts";
export type { EnginePort } from "./run/engine-port.ts";
export { formatRecord, makeRecord, parseRecord } from "./run/failure-record.ts";
export type { FailureRecord, RecordOptions, ShrunkFrom } from "./run/failure-record.ts";
export { demandedEntries, LEDGER_NAMES } from "./run/ledger.ts";
export { demandedProbes, PROBE_NAMES } from "./run/probes.ts";
export type { ProbeName } from "./run/probes.ts";
export { compareReplay, replayRecord, replaySettings } from "./run/replay.ts";
export type { Replay } from "./run/replay.ts";
export { runScenario, runScenarioAsync, stepScenario } from "./run/run-scenario.ts";
export type { RunOptions, RunResult, RunSettings } from "./run/run-scenario.ts";
export type { TraceMark } from "./run/storm.ts";
export type { CrashCycle } from "./scenario/crash-cycle.ts";
export type { FaultPlan } from "./scenario/fault-plan.ts";
export { drawScenario, generateScenario, ORDERS } from "./scenario/generate.ts";
export type { GenerateOptions } from "./scenario/generate.ts";
export { WEATHERS } from "./scenario/generate-storm.ts";
export type { Weather } from "./scenario/generate-storm.ts";
export { parseScenario } from "./scenario/parse-scenario.ts";
export { ScenarioArbitrary } from "./scenario/scenario-arbitrary.ts";
export { countOperations } from "./scenario/scenario.ts";
export type { Scenario } from "./scenario/scenario.ts";
export { ShapeError } from "./scenario/shape.ts";
export { shrinkScenario } from "./scenario/shrink-scenario.ts";
export { POLICY_NAMES } from "./scenario/store-spec.ts";
export type { PolicyName, PolicySpec } from "./scenario/store-spec.ts";
export { shrink, SHRINK_RUNS_MAX } from "./shrink/shrink.ts";
export type { Shrunk, ShrinkOptions } from "./shrink/shrink.ts";
export type { Case } from "./shrink/shrinking.ts";
export { sizeText, tellStory } from "./story/story.ts";
