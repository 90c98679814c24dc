import type {
  BrokenPart,
  Consistency,
  DeviceName,
  LabCondition,
  LabCrashKind,
  LabEvent,
  LabScenario,
  Price,
} from "../../sim/lab/index.ts";
import type { ProfileName } from "../../sim/index.ts";
import type { PolicyReference } from "./policy-reference.ts";

/** Work for one thread: plain data that crosses its border. */
export type LabTask = StormTask | ShrinkTask | PriceTask;

export interface StormTask {
  readonly kind: "storm";
  readonly policy: PolicyReference;
  readonly crash: LabCrashKind;
  readonly profile: ProfileName | undefined;
  readonly first: number;
  readonly count: number;
}

export interface ShrinkTask {
  readonly kind: "shrink";
  readonly policy: PolicyReference;
  readonly crash: LabCrashKind;
  readonly profile: ProfileName | undefined;
  readonly seeds: readonly number[];
}

export interface PriceTask {
  readonly kind: "price";
  readonly policy: PolicyReference;
  readonly device: DeviceName;
}

/** What the crashes of one task took; the lists have an entry for each crash with something at stake. */
export interface StormResult {
  readonly kind: "storm";
  readonly commits: readonly number[];
  readonly bytes: readonly number[];
  readonly milliseconds: readonly number[];
  readonly ageMs: readonly number[];
  /** Undefined where several things went on. */
  readonly conditions: readonly (LabCondition | undefined)[];
  readonly upgrades: number;
  readonly consistency: Readonly<Record<Consistency, number>>;
  readonly failures: readonly StormFailure[];
}

export interface StormFailure {
  readonly seed: number;
  readonly steps: number;
  readonly part: BrokenPart;
}

export interface ShrinkResult {
  readonly kind: "shrink";
  readonly seed: number;
  readonly scenario: LabScenario;
  readonly message: string;
  readonly part: BrokenPart;
  readonly story: readonly LabEvent[];
}

export interface PriceResult {
  readonly kind: "price";
  readonly price: Price;
}

/** The policy itself is at fault. A value and not an exception, whose class would not cross the border. */
export interface PolicyFault {
  readonly kind: "policy-fault";
  readonly message: string;
}

/** Runs tasks somewhere, several at a time. */
export interface LabRunner {
  /** @throws PolicyError when the policy is at fault. */
  storm(task: Omit<StormTask, "kind">): Promise<StormResult>;
  shrink(task: Omit<ShrinkTask, "kind">): Promise<ShrinkResult>;
  price(task: Omit<PriceTask, "kind">): Promise<PriceResult>;
  close(): Promise<void>;
}
