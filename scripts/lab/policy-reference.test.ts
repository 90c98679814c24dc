import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { PolicyLoader } from "./policy-reference.ts";

let directory: string;

beforeAll(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "seawall-policies-"));
});

afterAll(() => {
  fs.rmSync(directory, { recursive: true });
});

function write(name: string, text: string): string {
  const file = path.join(directory, name);
  fs.writeFileSync(file, text);
  return file;
}

const MINE = `
import { definePolicy, flush, forTheSystem, type SyncDecision } from "seawall/lab";
import { syncPolicy } from "seawall";

const decide = flush({ intervalMs: 100, holdMs: 100 });

export default definePolicy({
  name: "every-100-ms",
  acknowledgeAt: "written",
  promise: forTheSystem({ kind: "suffix", milliseconds: 100 }),
  decide: (state): SyncDecision => decide(state),
});

export const helper = (): number => 1;
export const strict = { ...syncPolicy(), name: "strict" };
`;

describe("a file of policies", () => {
  test("is TypeScript as it is, wherever it lies, and may import this package by name", async () => {
    const file = write("mine.ts", MINE);
    const loader = new PolicyLoader();
    const policies = await loader.file(file);
    expect(policies.map(({ name }) => name).toSorted()).toEqual(["every-100-ms", "strict"]);
    expect((await loader.load({ name: "strict", file })).acknowledgeAt).toBe("synced");
    await expect(loader.load({ name: "lax", file })).rejects.toThrow('no policy "lax"');
  });

  test.each([
    ["syntax.ts", "export const = 1;", "cannot be loaded"],
    ["throws.ts", "throw new Error('not today');", "cannot be loaded: not today"],
    ["empty.ts", "export const helper = 1;", "exports no policy"],
    [
      "half.ts",
      "export const half = { name: 'half' };",
      'policy "half": decide must be a function',
    ],
    [
      "twins.ts",
      MINE.replace('"strict"', '"every-100-ms"'),
      'exports two policies named "every-100-ms"',
    ],
  ])("%s is refused with the reason", async (name, text, reason) => {
    await expect(new PolicyLoader().file(write(name, text))).rejects.toThrow(reason);
  });

  test("a file that is not there is refused", async () => {
    const missing = path.join(directory, "missing.ts");
    await expect(new PolicyLoader().file(missing)).rejects.toThrow("there is no such file");
  });
});

test("a member of a family has its parameters", async () => {
  const loader = new PolicyLoader();
  const member = await loader.load({ name: "kafka-flush-messages", values: { commits: 3 } });
  expect(member.promise.power).toEqual({ kind: "suffix", commits: 3 });
  await expect(loader.load({ name: "sync", values: { commits: 3 } })).rejects.toThrow(
    "no parameters to tune",
  );
});
