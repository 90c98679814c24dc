import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { POLICY_NAMES, PROFILE_NAMES } from "../../sim/index.ts";
import { packageInfo } from "../cli/package-info.ts";

test("the smoke ranges name policies and profiles that exist, and every policy", () => {
  const file = path.join(packageInfo().root, "seeds", "smoke", "ranges.json");
  const ranges: unknown = JSON.parse(fs.readFileSync(file, "utf8"));
  expect(ranges).toBeInstanceOf(Array);
  const policies = new Set<string>();
  for (const range of Array.isArray(ranges) ? ranges : []) {
    expect(POLICY_NAMES).toContain(range.policy);
    expect([...PROFILE_NAMES, undefined]).toContain(range.profile);
    expect(Number.isInteger(range.start) && range.seeds > 0).toBe(true);
    policies.add(range.policy);
  }
  expect([...policies].toSorted()).toEqual([...POLICY_NAMES].toSorted());
});
