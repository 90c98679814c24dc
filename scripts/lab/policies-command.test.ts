import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { builtFile } from "../testing/built.ts";
import { type Ran, runProgram } from "../testing/run-program.ts";

// The command as people start it: with a file of their own, streams and an exit status.

vi.setConfig({ testTimeout: 120_000 });

let program: string;
let directory: string;

beforeAll(async () => {
  program = await builtFile("scripts/seawall.ts");
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "seawall-lab-"));
}, 60_000);

afterAll(() => {
  fs.rmSync(directory, { recursive: true });
});

function run(...args: readonly string[]): Promise<Ran> {
  return runProgram(program, directory, ["policies", ...args]);
}

function write(name: string, fields: string): string {
  const text = `
    import { definePolicy, flush, forTheSystem, LOSES_NOTHING, syncAtOnce } from "seawall/lab";
    export default definePolicy({ name: "${name}", ${fields} });`;
  fs.writeFileSync(path.join(directory, `${name}.ts`), text);
  return `${name}.ts`;
}

const QUICK = ["--crashes", "60", "--workers", "1"];

describe("the exit status says what came of a policy", () => {
  test("0: the promise held; the page is written, and the table says what is lost", async () => {
    const file = write(
      "every-100-ms",
      `acknowledgeAt: "written",
       promise: forTheSystem({ kind: "suffix", milliseconds: 100 }),
       decide: flush({ intervalMs: 100, holdMs: 100 }),`,
    );
    const { status, stdout, stderr } = await run(file, ...QUICK);
    expect(stderr).toContain("html report: ");
    expect(stdout).toContain("1 of 1 policy kept the promise");
    expect(status).toBe(0);
    const page = path.join(directory, "reports", "out", "policies", "policies.html");
    expect(fs.readFileSync(page, "utf8")).toContain("every-100-ms");
  });

  test("1: it was broken; the counterexample replays, from the file that was written", async () => {
    const file = write(
      "hasty",
      `acknowledgeAt: "written", promise: LOSES_NOTHING, decide: syncAtOnce,`,
    );
    const junit = "junit.xml";
    const reporters = ["--reporter", "pretty", "--reporter", `junit=${junit}`];
    const { status, stdout } = await run(file, ...QUICK, ...reporters);
    expect(stdout).toContain("broken hasty");
    expect(fs.readFileSync(path.join(directory, junit), "utf8")).toContain("<failure");
    expect(status).toBe(1);
    const record = /replay: npx seawall policies --replay (\S+)/.exec(stdout)?.[1] ?? "";
    const replayed = await run("--replay", record);
    expect(replayed.stdout).toContain("same: it promised to lose nothing");
    expect(replayed.status).toBe(1);
  });

  test.each([
    [
      "throws",
      `acknowledgeAt: "synced", promise: LOSES_NOTHING, decide: () => { throw new Error("oh"); },`,
      "oh",
    ],
    [
      "idle",
      `acknowledgeAt: "synced", promise: LOSES_NOTHING, decide: () => ({ write: false, sync: false }),`,
      "leaves commits waiting",
    ],
    ["half", `acknowledgeAt: "synced", promise: LOSES_NOTHING,`, "decide must be a function"],
    [
      "modest",
      `acknowledgeAt: "synced", promise: forTheSystem({ kind: "suffix" }), decide: syncAtOnce,`,
      'it can promise "nothing"',
    ],
  ])("2: nothing can be said about one that is %s", async (name, fields, reason) => {
    const { status, stdout, stderr } = await run(write(name, fields), ...QUICK);
    expect(stdout + stderr).toContain(reason);
    expect(status).toBe(2);
  });

  test.each([
    [["missing.ts"], "there is no such file"],
    [["--only", "nobody"], 'There is no policy "nobody"'],
    [["--compare", "sync"], "nothing to compare"],
    [["--budget", "cheap"], '"cheap" is no part of a budget'],
    [["--tune", "sync"], "cannot be tuned"],
    [["--device", "tape"], "Allowed choices are"],
    [["--replay", "missing.json"], "is no counterexample"],
  ])("2: %j makes no sense", async (args, reason) => {
    const { status, stderr } = await run(...args);
    expect(stderr).toContain(reason);
    expect(status).toBe(2);
  });
});

test("two policies side by side, within a budget, as JSON", async () => {
  const compare = ["--compare", "sync", "async", "--budget", "lose at most 100 ms, p99 under 1 ms"];
  const { status, stdout } = await run(...compare, ...QUICK, "--reporter", "json");
  expect(JSON.parse(stdout)).toMatchObject({
    verdict: "held",
    policies: [{ name: "sync" }, { name: "async" }],
    budget: { rows: [{ fits: false }, { fits: true }] },
  });
  expect(status).toBe(0);
});
