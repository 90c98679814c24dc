import { calmEnded, type ChoiceTapes, type OffTape } from "../core/streams.ts";
import { PROPERTY_NAMES, type Violation } from "../oracle/verdict.ts";
import { parseScenario } from "../scenario/parse-scenario.ts";
import type { Scenario } from "../scenario/scenario.ts";
import {
  dictionaryOf,
  exactly,
  listOf,
  optional,
  record,
  type Shape,
  ShapeError,
  text,
  whole,
} from "../scenario/shape.ts";
import type { RunResult } from "./run-scenario.ts";
import type { TraceMark } from "./storm.ts";

/**
 * A failing run as a document that stands alone: what was asked, what the disk chose, and which property
 * broke. It outlives changes of the generator, because it does not need the generator.
 */
export interface FailureRecord {
  readonly schema: "seawall-failure";
  /** 2 since tapes may end where only calm follows, and every step is noted. Records of 1 still replay. */
  readonly version: 1 | 2;
  readonly engineVersion: string;
  readonly seed: string;
  readonly scenario: Scenario;
  readonly tapes: ChoiceTapes;
  /** What is drawn where a tape has ended. @defaultValue "seed" */
  readonly offTape?: OffTape;
  readonly traceHash: string;
  /** Where the run was at each completed open, so that a replay can say where it left the path. */
  readonly marks: readonly TraceMark[];
  /** Where the run was after each step; see path.ts. */
  readonly path?: string;
  readonly violation: Violation;
  /** The planted bug that it takes to fail, by name; without one the engine itself fails. */
  readonly mutant?: string;
  /** What it was shrunk from. */
  readonly shrunkFrom?: ShrunkFrom;
  readonly note?: string;
}

/** How large a run was before it was shrunk. */
export interface ShrunkFrom {
  readonly operations: number;
  readonly crashes: number;
  readonly runs: number;
}

export interface RecordOptions {
  readonly engineVersion: string;
  readonly offTape?: OffTape;
  readonly mutant?: string;
  readonly shrunkFrom?: ShrunkFrom;
  readonly note?: string;
}

/** @throws RangeError when the run broke nothing, or its choices were not kept. */
export function makeRecord(
  scenario: Scenario,
  result: RunResult,
  options: RecordOptions,
): FailureRecord {
  const { tapes, violation, traceHash, marks, path } = result;
  const { engineVersion, offTape, mutant, shrunkFrom, note } = options;
  if (violation === undefined || tapes === undefined) {
    throw new RangeError("a failure record needs a broken run that was made with `record: true`");
  }
  return {
    schema: "seawall-failure",
    version: 2,
    engineVersion,
    seed: scenario.seed,
    scenario,
    tapes: offTape === "gentlest" ? calmEnded(tapes) : tapes,
    ...(offTape === undefined ? {} : { offTape }),
    traceHash,
    marks,
    ...(path === undefined ? {} : { path }),
    violation,
    ...(mutant === undefined ? {} : { mutant }),
    ...(shrunkFrom === undefined ? {} : { shrunkFrom }),
    ...(note === undefined ? {} : { note }),
  };
}

/** The record as text: one value a line where people look, one line where they do not. */
export function formatRecord(failure: FailureRecord): string {
  const fields = Object.entries(failure).map(([name, value]) => {
    const indent = name === "violation" ? 2 : undefined;
    const json = JSON.stringify(value, undefined, indent).replaceAll("\n", "\n  ");
    return `  ${JSON.stringify(name)}: ${json}`;
  });
  return `{\n${fields.join(",\n")}\n}\n`;
}

const anything: Shape = () => {};

const RECORD = record({
  schema: exactly("seawall-failure"),
  version: exactly(1, 2),
  engineVersion: text,
  seed: text,
  scenario: anything,
  tapes: dictionaryOf(listOf(whole(0, 2 ** 31 - 1))),
  offTape: optional(exactly("seed", "gentlest")),
  traceHash: text,
  marks: listOf(record({ step: whole(), hash: text })),
  violation: record({
    property: exactly(...PROPERTY_NAMES),
    message: text,
    details: listOf(text),
  }),
  path: optional(text),
  mutant: optional(text),
  shrunkFrom: optional(record({ operations: whole(), crashes: whole(), runs: whole() })),
  note: optional(text),
});

/** Reads a failure record. @throws ShapeError that says what is wrong with it, and where. */
export function parseRecord(json: string): FailureRecord {
  const value = parseJson(json);
  assertRecord(value);
  parseScenario(value.scenario, "scenario");
  return value;
}

function assertRecord(value: unknown): asserts value is FailureRecord {
  RECORD(value, "");
}

function parseJson(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new ShapeError("", `JSON (${error.message})`, json);
    }
    throw error;
  }
}
