import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";

import { packageInfo } from "../cli/package-info.ts";
import { createFuzzCommand } from "../commands/fuzz.ts";
import { createPoliciesCommand } from "../commands/policies.ts";

// A recipe that nobody runs here: at least every option in it has to exist.

const { root } = packageInfo();
const workflow = fs.readFileSync(path.join(root, ".github", "workflows", "storm.yml"), "utf8");

describe.each([
  ["policies", createPoliciesCommand],
  ["fuzz", createFuzzCommand],
])("the recipe's calls of seawall %s", (name, create) => {
  const calls = [
    ...workflow.matchAll(new RegExp(`npx seawall ${name} ([^\\n]*(?:\\n +--[^\\n]*)*)`, "g")),
  ];

  test("use options that there are", () => {
    expect(calls).toHaveLength(2);
    const known = create(() => {}).options.map(({ long }) => long);
    for (const [, call = ""] of calls) {
      for (const [option] of call.matchAll(/--[a-z-]+/g)) {
        expect(known).toContain(option);
      }
    }
  });
});

test("the largest seed of a commit is below the seeds of every night, and those below the largest seed", () => {
  const ofCommit = Number.parseInt("f".repeat(10), 16);
  expect(ofCommit).toBeLessThan(20_260_101_000_000);
  expect(99_991_231_000_000 + 4e9).toBeLessThan(2 ** 52);
});
