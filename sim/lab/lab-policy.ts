import type { SyncPolicy } from "../../engine/log/sync-policy.ts";

/** A call that makes something durable, as the policy is asked about it. */
export interface SyncCall {
  readonly kind: "datasync" | "sync" | "directory";
  readonly path: string;
  /** Whether this is the file that was written last: for the log, its current segment. */
  readonly writtenLast: boolean;
}

/** What a policy stands for, when it is named after a setting that people know. */
export interface PolicyOrigin {
  /** The system and the setting, as its manual writes it. */
  readonly setting: string;
  /** What of that setting this policy does. */
  readonly carriedOver: string;
  /** What it does not: the engine is Seawall's, whatever the name. */
  readonly notCarriedOver: string;
}

/** A policy with numbers that can be turned. */
export interface PolicyFamily {
  /** What to try of each parameter, ascending. */
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  /** The policy with one value of each. */
  readonly make: (values: Readonly<Record<string, number>>) => LabPolicy;
}

/** A sync policy as the lab takes it: the engine's interface, and what only an experiment needs. */
export interface LabPolicy extends SyncPolicy {
  /** One line for tables. */
  readonly about?: string;
  readonly origin?: PolicyOrigin;
  /** Claims on purpose what it does not keep: the lab has to break it. @defaultValue false */
  readonly control?: boolean;
  /**
   * True for a sync that is reported done and not made. Pure. For settings that switch syncs off, and for
   * stores that forget one.
   */
  readonly omitsSync?: (call: SyncCall) => boolean;
  /** For `--tune`. */
  readonly tune?: PolicyFamily;
}

/** The policy, not what it promises, is at fault: nothing can be said about it. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
}

const LEVELS: ReadonlySet<unknown> = new Set(["appended", "written", "synced"]);
const LOSSES: ReadonlySet<unknown> = new Set(["nothing", "suffix", "may-corrupt"]);
const CRASHES = ["process", "os", "power"] as const;
const BOUNDS = ["commits", "milliseconds", "bytes"] as const;

/**
 * Takes what a user's file exports for a policy.
 *
 * @throws PolicyError that says which field is wrong, and what it may be.
 */
export function assertPolicy(value: unknown, where: string): asserts value is LabPolicy {
  const fields = objectAt(value, where);
  const name = fields["name"];
  refuse(typeof name !== "string" || name.trim() === "", `${where}: name must be a text`);
  refuse(
    typeof fields["decide"] !== "function",
    `${where}: decide must be a function of the state`,
  );
  refuse(
    !LEVELS.has(fields["acknowledgeAt"]),
    `${where}: acknowledgeAt must be "appended", "written" or "synced"`,
  );
  const promise = objectAt(fields["promise"], `${where}: promise`);
  for (const crash of CRASHES) {
    checkLoss(promise[crash], `${where}: promise.${crash}`);
  }
  const omits = fields["omitsSync"];
  refuse(
    omits !== undefined && typeof omits !== "function",
    `${where}: omitsSync must be a function of the call`,
  );
  checkFamily(fields["tune"], `${where}: tune`);
}

function checkFamily(value: unknown, where: string): void {
  if (value === undefined) {
    return;
  }
  const fields = objectAt(value, where);
  refuse(typeof fields["make"] !== "function", `${where}.make must be a function of the values`);
  const parameters = Object.entries(objectAt(fields["parameters"], `${where}.parameters`));
  refuse(parameters.length === 0, `${where}.parameters must have one at least`);
  for (const [name, values] of parameters) {
    const isList = Array.isArray(values) && values.length > 0 && values.every(Number.isFinite);
    refuse(!isList, `${where}.parameters.${name} must be a list of numbers`);
  }
}

function checkLoss(value: unknown, where: string): void {
  const loss = objectAt(value, where);
  refuse(!LOSSES.has(loss["kind"]), `${where}.kind must be "nothing", "suffix" or "may-corrupt"`);
  for (const unit of BOUNDS) {
    const bound = loss[unit];
    const isBound = typeof bound === "number" && Number.isFinite(bound) && bound >= 0;
    refuse(bound !== undefined && !isBound, `${where}.${unit} must be a number from 0`);
  }
}

function objectAt(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) {
    throw new PolicyError(`${where} must be an object`);
  }
  return { ...value };
}

function refuse(wrong: boolean, message: string): void {
  if (wrong) {
    throw new PolicyError(message);
  }
}
