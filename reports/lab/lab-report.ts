import type {
  BrokenPart,
  Consistency,
  DeviceName,
  LabCondition,
  LabCrashKind,
  LabEvent,
  LabScenario,
  Loss,
  PolicyOrigin,
  PolicyPromise,
  Price,
  Summary,
} from "../../sim/lab/index.ts";

/** Everything that a run of the lab found; plain data, and what `--reporter json` prints. */
export interface LabReport {
  readonly schema: "seawall-policies";
  readonly version: 1;
  readonly engineVersion: string;
  /** False when it was interrupted. */
  readonly complete: boolean;
  readonly settings: LabSettings;
  readonly elapsedMs: number;
  readonly workers: number;
  readonly policies: readonly PolicyReport[];
  /** True when policies were named to be compared: they are shown side by side. */
  readonly compared?: true;
  /** What was asked of several policies together. */
  readonly budget?: BudgetReport;
  readonly tuning?: TuningReport;
  /** Why nothing can be said, one reason a line. Then the exit status is 2. */
  readonly untrusted: readonly string[];
  readonly verdict: "held" | "broken" | "untrusted";
}

export interface LabSettings {
  /** Of each kind, for each policy. */
  readonly crashes: number;
  readonly start: number;
  readonly profile?: string;
  readonly shard?: string;
  /** The device that tables and plots show. */
  readonly device: DeviceName;
  readonly devices: readonly DeviceName[];
}

export interface PolicyReport {
  readonly name: string;
  readonly about: string;
  readonly origin?: PolicyOrigin;
  /** Claims what it does not keep, on purpose: it has to be broken. */
  readonly control: boolean;
  /** The file it was loaded from; undefined for what ships with the lab. */
  readonly file?: string;
  /** Decides and promises as that policy does, and shares its runs. */
  readonly sameAs?: string;
  readonly promise: PolicyPromise;
  readonly verdict: LabVerdict;
  readonly crashes: readonly CrashReport[];
  readonly prices: readonly DevicePrice[];
  /** Measured on this machine's disk. */
  readonly real?: Price;
}

/** `vacuous`: what was promised was never put to the test. */
export type LabVerdict = "held" | "broken" | "vacuous";

export interface DevicePrice extends Price {
  readonly device: DeviceName;
}

/** What came of one way to come down. */
export interface CrashReport {
  readonly kind: LabCrashKind;
  readonly promise: Loss;
  /** `not-applicable`: a policy that makes no sync has none that fails. */
  readonly verdict: LabVerdict | "not-applicable";
  /** In which something acknowledged was at stake. */
  readonly crashes: number;
  /** In which something acknowledged was lost. */
  readonly lossy: number;
  /** In which something was made durable by an explicit sync, and looked for. */
  readonly upgrades: number;
  readonly broken: number;
  readonly brokenParts: Readonly<Partial<Record<BrokenPart, number>>>;
  /** With no failure in so many: the failure rate excluded at 95 %. */
  readonly excludedRate: number;
  readonly consistency: Readonly<Record<Consistency, number>>;
  readonly loss: LossSummary;
  /** The worst by what alone went on: whether a slow sync, a late timer or a set clock lets more go. */
  readonly conditions: readonly ConditionReport[];
  /** Milliseconds lost, by crash: how many crashes lost at most so much. */
  readonly histogram: readonly HistogramBar[];
  readonly counterexample?: Counterexample;
}

export interface ConditionReport {
  readonly condition: LabCondition;
  readonly crashes: number;
  readonly worstMs: number;
  readonly worstCommits: number;
}

export interface LossSummary {
  readonly commits: Summary;
  readonly bytes: Summary;
  readonly milliseconds: Summary;
  readonly ageMs: Summary;
}

export interface HistogramBar {
  /** More than the bar before, and at most this. */
  readonly upToMs: number;
  readonly crashes: number;
}

/** The smallest scenario found that breaks a promise. */
export interface Counterexample {
  readonly message: string;
  readonly part: BrokenPart;
  readonly operations: number;
  readonly seed: number;
  readonly scenario: LabScenario;
  readonly story: readonly LabEvent[];
  /** The file it was written to, and the command that replays it. */
  readonly record?: string;
  readonly replay?: string;
}

export interface BudgetReport {
  readonly text: string;
  readonly device: DeviceName;
  readonly rows: readonly BudgetRow[];
}

export interface BudgetRow {
  readonly policy: string;
  readonly fits: boolean;
  /** What does not fit, one reason each. */
  readonly reasons: readonly string[];
}

export interface TuningReport {
  readonly policy: string;
  readonly device: DeviceName;
  readonly points: readonly TuningPoint[];
}

/** One member of a family: what it costs, and the worst that a power cut took of it. */
export interface TuningPoint {
  readonly name: string;
  readonly values: Readonly<Record<string, number>>;
  readonly price: Price;
  readonly worstMs: number;
  readonly verdict: LabVerdict;
  /** No other member is better in price and in loss. */
  readonly onFront: boolean;
}
