import { expect, test } from "vitest";

import { generateScenario, parseRecord, type FailureRecord } from "../../sim/index.ts";
import { vitestSource } from "./vitest-source.ts";

const SCENARIO = generateScenario("7");

const RECORD: FailureRecord = {
  schema: "seawall-failure",
  version: 2,
  engineVersion: "0.0.0",
  seed: "7",
  scenario: { ...SCENARIO, keyForm: "text", keys: [...SCENARIO.keys, "a`b", "${c}", "d\\e"] },
  tapes: { "survival/0": [1] },
  traceHash: "00000000000000aa",
  marks: [],
  violation: { property: "P1", message: 'commit 3 of "x" is gone', details: [] },
};

function source(): string {
  return vitestSource(RECORD, { from: "seawall/sim", story: ["one */ two"] });
}

test("the record in the test is the record", () => {
  const [, inTemplate = ""] = /String\.raw`([^`]*)`/.exec(source()) ?? [];
  expect(inTemplate).not.toContain("${");
  expect(parseRecord(inTemplate)).toEqual(parseRecord(JSON.stringify(RECORD)));
});

test("the test names the property, imports the simulator, and tells the story in a comment", () => {
  expect(source()).toContain('test("P1 holds, and not: commit 3 of \\"x\\" is gone"');
  expect(source()).toContain('from "seawall/sim";');
  expect(source()).toContain(" * one * / two");
});
