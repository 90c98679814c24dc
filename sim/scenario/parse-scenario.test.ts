import { describe, expect, test } from "vitest";

import { generateScenario } from "./generate.ts";
import { parseScenario } from "./parse-scenario.ts";

const SCENARIO = generateScenario("parse", { policy: "batch" });

function broken(change: Record<string, unknown>): () => unknown {
  return () => parseScenario({ ...SCENARIO, ...change });
}

describe("parsing a scenario", () => {
  test("an error says where and what was expected", () => {
    expect(broken({ seed: 7 })).toThrow("seed: expected a text, found 7");
    expect(broken({ policy: { kind: "never" } })).toThrow(
      'policy.kind: expected one of sync, os, batch, async, found "never"',
    );
    expect(broken({ profile: "floppy" })).toThrow("profile: expected one of");
    expect(broken({ clients: [{ items: [{ do: "put", key: 0 }] }] })).toThrow(
      "clients[0].items[0].value: expected an object, found nothing",
    );
  });

  test("a misspelt field is refused, not ignored", () => {
    expect(broken({ cylces: [] })).toThrow("cylces: expected no field of that name");
  });

  test("a program may only name keys that there are", () => {
    expect(broken({ keys: ["a"], clients: [{ items: [{ do: "get", key: 1 }] }] })).toThrow(
      "expected key indexes below 1, found 1",
    );
    expect(broken({ keys: ["a", "a"], clients: [] })).toThrow("each of them once");
  });

  test("another version of the format is refused", () => {
    expect(broken({ version: 2 })).toThrow("version: expected one of 1, found 2");
  });
});
