import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { packageInfo } from "../cli/package-info.ts";
import { Experimenter } from "./experimenter.ts";

// The example that people begin with.

const readme = fs.readFileSync(path.join(packageInfo().root, "sim", "lab", "README.md"), "utf8");
const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";

let directory: string;

beforeAll(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "seawall-example-"));
});

afterAll(() => {
  fs.rmSync(directory, { recursive: true });
});

async function failures(text: string, name: string): Promise<{ readonly seed: number }[]> {
  const file = path.join(directory, name);
  fs.writeFileSync(file, text);
  const experimenter = await Experimenter.create();
  const policy = { name: "every-100-ms", file };
  const task = { policy, crash: "power", profile: undefined, first: 1, count: 800 } as const;
  return [...(await experimenter.storm(task)).failures];
}

describe("the policy in the lab's README", () => {
  test("has about twenty lines", () => {
    const lines = example.split("\n").filter((line) => line.trim() !== "");
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.length).toBeLessThanOrEqual(24);
  });

  test("keeps its promise", async () => {
    expect(await failures(example, "my-policy.ts")).toEqual([]);
  }, 60_000);

  test("breaks it without its hold, as the text says", async () => {
    const without = example.split("\n").filter((line) => !line.includes("hold:"));
    expect(await failures(without.join("\n"), "without.ts")).not.toEqual([]);
  }, 60_000);
});
