import type { Database } from "../../engine/database.ts";
import type { BatchOperation } from "../../engine/transactions/batch-operation.ts";
import type { LabState } from "./lab-history.ts";
import { isCommit, type LabStep } from "./lab-scenario.ts";

const SHARED_KEY = "last";
/** Of a commit that is there to make a sync necessary; what becomes of it says nothing. */
export const EXTRA_KEY = "more";

/** What the commit of a step writes. */
export function commitWrites(step: number, bytes: number): readonly BatchOperation[] {
  return [
    { type: "put", key: ownKey(step), value: valueOf(step, bytes) },
    { type: "put", key: SHARED_KEY, value: step },
  ];
}

export async function readAll(db: Database): Promise<Map<string, unknown>> {
  const entries = new Map<string, unknown>();
  for await (const { key, value } of db.scan()) {
    entries.set(String(key), value);
  }
  return entries;
}

/** What is left of what was planned. */
export function interpret(
  entries: ReadonlyMap<string, unknown>,
  plan: readonly LabStep[],
): LabState {
  const steps: number[] = [];
  let last: number | undefined;
  let strange: string | undefined;
  for (const [key, value] of entries) {
    const step = Number(key);
    const planned = plan[step];
    if (key === SHARED_KEY) {
      last = typeof value === "number" ? value : Number.NaN;
    } else if (key === EXTRA_KEY) {
      continue;
    } else if (planned === undefined || !isCommit(planned)) {
      strange ??= `key ${key} was never written`;
    } else {
      steps.push(step);
      if (value !== valueOf(step, planned.bytes)) {
        strange ??= `commit ${step + 1} has another value than it was given`;
      }
    }
  }
  return { kind: "state", steps, last, strange };
}

export function describeFound(found: LabState): string {
  if (found.steps.length === 0) {
    return "no commit is there";
  }
  const numbers = found.steps.map((step) => step + 1).join(", ");
  return `there ${found.steps.length === 1 ? "is commit" : "are commits"} ${numbers}`;
}

function ownKey(step: number): string {
  return String(step).padStart(4, "0");
}

/** Different for every commit, and long enough to fill what it has to. */
function valueOf(step: number, bytes: number): string {
  return String.fromCharCode(97 + (step % 26)).repeat(bytes) + String(step);
}
