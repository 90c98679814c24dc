import type { Database } from "../../engine/database.ts";
import type { OpenOptions } from "../../engine/options.ts";
import type {
  asyncPolicy,
  batchPolicy,
  osPolicy,
  syncPolicy,
} from "../../engine/log/sync-policies.ts";
import type { SyncPolicy } from "../../engine/log/sync-policy.ts";
import { unreachable } from "../../engine/base/assert.ts";
import type { PolicySpec } from "../scenario/store-spec.ts";

/** The part of the engine that a run drives. A mutant of the engine fits as well. */
export interface EnginePort {
  readonly Database: { open(options: OpenOptions): Promise<Database> };
  readonly syncPolicy: typeof syncPolicy;
  readonly batchPolicy: typeof batchPolicy;
  readonly asyncPolicy: typeof asyncPolicy;
  readonly osPolicy: typeof osPolicy;
}

export function policyOf(spec: PolicySpec, engine: Omit<EnginePort, "Database">): SyncPolicy {
  switch (spec.kind) {
    case "sync":
      return engine.syncPolicy();
    case "batch":
      return engine.batchPolicy(spec);
    case "async":
      return engine.asyncPolicy(spec);
    case "os":
      return engine.osPolicy();
    default:
      return unreachable(spec);
  }
}

/**
 * The stable code of an error that the store threw for its caller; undefined for anything else. By name
 * and not by class, because a mutant brings classes of its own.
 */
export function storeErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== "SeawallError" || !("code" in error)) {
    return undefined;
  }
  return typeof error.code === "string" ? error.code : undefined;
}

/** Where it went wrong, for bugs. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? "") : "";
}

/** What went wrong, with its causes, in one line. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) {
    return `something that is no Error: ${String(error)}`;
  }
  const code = storeErrorCode(error);
  const own = `${error.name}${code === undefined ? "" : ` ${code}`}: ${error.message}`;
  return error.cause === undefined ? own : `${own}; caused by ${describeError(error.cause)}`;
}
