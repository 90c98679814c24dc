import {
  checkedDecision,
  type SyncDecision,
  type SyncPolicy,
  type SyncPolicyState,
} from "../../engine/log/sync-policy.ts";
import { type LabPolicy, PolicyError } from "./lab-policy.ts";

/** More decisions at one moment than any store needs: the policy asks to be woken without end. */
const DECISIONS_AT_ONCE_MAX = 10_000;

/** Of so many decisions one is asked for twice. */
const SAMPLE = 4;

/**
 * A policy under observation. What it does wrong is kept in `error`: the engine would stop the store, and
 * a stopped store looks like a crash that lost nothing.
 */
export class GuardedPolicy implements SyncPolicy {
  readonly name: string;
  readonly acknowledgeAt: SyncPolicy["acknowledgeAt"];
  readonly promise: SyncPolicy["promise"];
  error: PolicyError | undefined;
  private readonly policy: LabPolicy;
  private atMs = -1;
  private decisionsAtOnce = 0;
  private decisions = 0;

  constructor(policy: LabPolicy) {
    this.policy = policy;
    this.name = policy.name;
    this.acknowledgeAt = policy.acknowledgeAt;
    this.promise = policy.promise;
  }

  decide(state: SyncPolicyState): SyncDecision {
    this.count(state.nowMs);
    const decision = this.ask(state);
    this.decisions += 1;
    const isSample = this.decisions % SAMPLE === 0;
    if (isSample && !sameDecision(decision, this.ask(state))) {
      throw this.fault("decide() gave two answers to one state: it has to be a pure function");
    }
    return decision;
  }

  private ask(state: SyncPolicyState): SyncDecision {
    try {
      return checkedDecision(this.policy.decide(Object.freeze({ ...state })));
    } catch (error) {
      throw this.fault(error instanceof Error ? error.message : String(error));
    }
  }

  private count(nowMs: number): void {
    this.decisionsAtOnce = nowMs === this.atMs ? this.decisionsAtOnce + 1 : 0;
    this.atMs = nowMs;
    if (this.decisionsAtOnce > DECISIONS_AT_ONCE_MAX) {
      throw this.fault(`decide() is asked without end at ${nowMs} ms: look at its wakeAtMs`);
    }
  }

  private fault(message: string): PolicyError {
    this.error ??= new PolicyError(`policy "${this.name}": ${message}`);
    return this.error;
  }
}

function sameDecision(one: SyncDecision, other: SyncDecision): boolean {
  return (
    one.write === other.write &&
    one.sync === other.sync &&
    one.hold === other.hold &&
    one.wakeAtMs === other.wakeAtMs
  );
}
