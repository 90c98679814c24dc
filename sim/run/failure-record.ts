import type { ChoiceTapes } from "../core/streams.ts";
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
  readonly version: 1;
  readonly engineVersion: string;
  readonly seed: string;
  readonly scenario: Scenario;
  readonly tapes: ChoiceTapes;
  readonly traceHash: string;
  /** Where the run was at each completed open, so that a replay can say where it left the path. */
  readonly marks: readonly TraceMark[];
  readonly violation: Violation;
  readonly note?: string;
}

export interface RecordOptions {
  readonly engineVersion: string;
  readonly note?: string;
}

/** @throws RangeError when the run broke nothing, or its choices were not kept. */
export function makeRecord(
  scenario: Scenario,
  result: RunResult,
  options: RecordOptions,
): FailureRecord {
  const { tapes, violation, traceHash, marks } = result;
  if (violation === undefined || tapes === undefined) {
    throw new RangeError("a failure record needs a broken run that was made with `record: true`");
  }
  return {
    schema: "seawall-failure",
    version: 1,
    engineVersion: options.engineVersion,
    seed: scenario.seed,
    scenario,
    tapes,
    traceHash,
    marks,
    violation,
    ...(options.note === undefined ? {} : { note: options.note }),
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
  version: exactly(1),
  engineVersion: text,
  seed: text,
  scenario: anything,
  tapes: dictionaryOf(listOf(whole(0, 2 ** 31 - 1))),
  traceHash: text,
  marks: listOf(record({ step: whole(), hash: text })),
  violation: record({
    property: exactly(...PROPERTY_NAMES),
    message: text,
    details: listOf(text),
  }),
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
