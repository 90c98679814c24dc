import fs from "node:fs";
import path from "node:path";
import type { LabPolicy, LabScenario } from "../../sim/lab/index.ts";
import type { Counterexample } from "../../reports/lab/lab-report.ts";
import { writeWhole } from "../campaign/atomic-file.ts";
import { UsageError } from "../cli/exit-status.ts";
import type { PolicyReference } from "./policy-reference.ts";

/** A broken promise as a file: with it anybody sees it break on another machine. */
export interface CounterexampleRecord {
  readonly schema: "seawall-policy-counterexample";
  readonly version: 1;
  readonly engineVersion: string;
  readonly policy: PolicyReference;
  readonly message: string;
  readonly part: string;
  readonly scenario: LabScenario;
}

/** Writes counterexamples into a directory, one file for each policy and kind of crash. */
export class CounterexampleFiles {
  private readonly directory: string;
  private readonly engineVersion: string;

  constructor(directory: string, engineVersion: string) {
    this.directory = directory;
    this.engineVersion = engineVersion;
  }

  keep(found: Counterexample, policy: LabPolicy, reference: PolicyReference): Counterexample {
    const name = `${policy.name}-${found.scenario.crash}`.replaceAll(/[^\w.-]+/g, "-");
    const file = path.join(this.directory, `${name}.json`);
    const { message, part, scenario } = found;
    const record: CounterexampleRecord = {
      schema: "seawall-policy-counterexample",
      version: 1,
      engineVersion: this.engineVersion,
      policy: reference,
      message,
      part,
      scenario,
    };
    writeWhole(file, `${JSON.stringify(record, undefined, 2)}\n`);
    return { ...found, record: file, replay: `npx seawall policies --replay ${file}` };
  }
}

/** @throws UsageError when the file is no such record. */
export function readCounterexample(file: string): CounterexampleRecord {
  let parsed: unknown;
  try {
    parsed = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${file} is no counterexample: ${reason}`, ADVICE);
  }
  if (!isRecord(parsed)) {
    throw new UsageError(`${file} is no counterexample of a policy.`, ADVICE);
  }
  return parsed;
}

const ADVICE =
  "Give a file that seawall policies has written, such as reports/out/policies/NAME.json.";

function isRecord(value: unknown): value is CounterexampleRecord {
  return (
    typeof value === "object" &&
    value !== null &&
    "schema" in value &&
    value.schema === "seawall-policy-counterexample" &&
    "scenario" in value &&
    typeof value.scenario === "object" &&
    value.scenario !== null &&
    "steps" in value.scenario &&
    Array.isArray(value.scenario.steps) &&
    "policy" in value &&
    typeof value.policy === "object"
  );
}
