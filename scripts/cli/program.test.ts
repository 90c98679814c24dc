import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { builtFile } from "../testing/built.ts";
import { type Ran, runProgram, type Started, startProgram } from "../testing/run-program.ts";
import { packageInfo } from "./package-info.ts";

// The program as people start it: a process with arguments, streams, signals and an exit status.

vi.setConfig({ testTimeout: 60_000 });

let program: string;
let out: string;

beforeAll(async () => {
  program = await builtFile("scripts/seawall.ts");
  out = fs.mkdtempSync(path.join(os.tmpdir(), "seawall-cli-"));
}, 60_000);

afterAll(() => {
  fs.rmSync(out, { recursive: true });
});

function start(args: readonly string[]): Started {
  return startProgram(program, out, args);
}

function run(...args: string[]): Promise<Ran> {
  return runProgram(program, out, args);
}

function readReport(directory: string): Record<string, unknown> {
  const text = fs.readFileSync(path.join(out, directory, "campaign.json"), "utf8");
  const report: unknown = JSON.parse(text);
  if (typeof report !== "object" || report === null) {
    throw new TypeError("the report is not an object");
  }
  return { ...report };
}

describe("arguments that make no sense end with 2, the reason and what to do", () => {
  test.each([
    [["fuzz", "--time", "5"], "such as 60s or 5m"],
    [["fuzz", "--shard", "3/2"], "such as 1/4"],
    [["fuzz", "--policy", "synk"], "Allowed choices are sync, batch, async, os"],
    [["fuzz", "--seeds", "1", "--shard", "1/2"], "no seeds left for shard 1/2"],
    [["fuzz", "--seed", "1"], "--seeds"],
    [["fuz"], "Did you mean fuzz?"],
    [["replay", "nowhere.json"], "neither a seed nor a file"],
    [["replay", "."], "There is no record in ."],
    [["replay", "99999999999999999999"], "neither a seed nor a file"],
    [["fuzz", "--workers", "100000"], "at most 256"],
    [["replay"], "missing required argument"],
  ])("%j", async (args, reason) => {
    const { status, stderr } = await run(...args);
    expect(stderr).toContain(reason);
    expect(status).toBe(2);
  });

  test.each([
    [["--out", "in-the-way"]],
    [["--reporter", "json=in-the-way/report.json"]],
    [["--reporter", "json=."]],
  ])("%j cannot be written, which shows before the first seed runs", async (where) => {
    fs.writeFileSync(path.join(out, "in-the-way"), "");
    const { status, stdout, stderr } = await run("fuzz", "--time", "60s", ...where);
    expect(stderr).toMatch(/^error: the system refused: E[A-Z]+: /);
    expect(stdout).toBe("");
    expect(status).toBe(2);
  });

  test("a file that is no record says where it is wrong", async () => {
    fs.writeFileSync(path.join(out, "broken.json"), '{"schema": "seawall-campaign"}');
    const { status, stderr } = await run("replay", "broken.json");
    expect(stderr).toContain("broken.json is not a failure record");
    expect(stderr).toContain("schema");
    expect(status).toBe(2);
  });
});

test("what was built can be started by its name", async () => {
  fs.chmodSync(program, 0o644);
  const script = path.join(packageInfo().root, "scripts", "make-executable.mjs");
  await once(spawn(process.execPath, [script], { stdio: "inherit" }), "close");
  expect(fs.statSync(program).mode & 0o111).toBe(0o111);
});

test("--help and --version are no errors", async () => {
  const help = await run("--help");
  expect(help.status).toBe(0);
  expect(help.stdout).toContain("fuzz");
  expect((await run("--version")).status).toBe(0);
  expect((await run("fuzz", "--help")).stdout).toContain("--shard <i/n>");
});

describe("fuzz", () => {
  test("one and two workers report the same campaign, and each reporter writes its file", async () => {
    const common = ["fuzz", "--seeds", "12", "--start", "3", "--reporter", "json"];
    const [one, two] = await Promise.all([
      run(...common, "--workers", "1", "--out", "a", "--reporter", "junit=a/junit.xml"),
      run(...common, "--workers", "2", "--out", "b", "--reporter", "pretty=b/pretty.txt"),
    ]);
    const unlike = /"(?:workers|elapsedMs)": \d+/g;
    expect(two.stdout.replaceAll(unlike, "")).toBe(one.stdout.replaceAll(unlike, ""));
    expect(readReport("a")).toEqual(JSON.parse(one.stdout));
    expect(readReport("a")).toMatchObject({ complete: true, totals: { seeds: 12 } });
    expect(fs.readFileSync(path.join(out, "a", "junit.xml"), "utf8")).toContain("<testsuites");
    expect(fs.readFileSync(path.join(out, "b", "pretty.txt"), "utf8")).toContain("trace hash");
  });

  test("an interrupt prints the table so far and ends with 130", async () => {
    const { child, ended } = start(["fuzz", "--time", "60s", "--workers", "1", "--out", "int"]);
    await untilReport("int");
    child.kill("SIGINT");
    const { status, stdout } = await ended;
    expect(status).toBe(130);
    expect(stdout).toContain("partial report");
    expect(readReport("int")).toMatchObject({ complete: false });
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s that comes twice at once, as npm passes it on, is one", async (signal, code) => {
    const directory = `twice-${signal}`;
    const { child, ended } = start(["fuzz", "--time", "60s", "--workers", "1", "--out", directory]);
    await untilReport(directory);
    child.kill(signal);
    await sleep(5);
    child.kill(signal);
    const { status, stdout } = await ended;
    expect(stdout).toContain("partial report");
    expect(status).toBe(code);
  });

  test("a campaign that is killed leaves a readable partial report", async () => {
    const { child, ended } = start(["fuzz", "--time", "60s", "--workers", "1", "--out", "kill"]);
    await untilReport("kill");
    child.kill("SIGKILL");
    await ended;
    expect(readReport("kill")).toMatchObject({ schema: "seawall-campaign", complete: false });
  });

  test("a report that can no longer be written ends the campaign with 2, not with 1", async () => {
    const { ended } = start(["fuzz", "--time", "60s", "--workers", "1", "--out", "gone"]);
    await untilReport("gone");
    fs.rmSync(path.join(out, "gone"), { recursive: true });
    fs.writeFileSync(path.join(out, "gone"), "");
    const { status, stderr } = await ended;
    expect(stderr).toContain("error: the system refused: E");
    expect(status).toBe(2);
  });
});

/** Until the report counts a seed: then the campaign is really under way. */
async function untilReport(directory: string): Promise<void> {
  const file = path.join(out, directory, "campaign.json");
  while (!fs.existsSync(file) || /"seeds": 0,/.test(fs.readFileSync(file, "utf8"))) {
    await sleep(50);
  }
}

describe("replay", () => {
  test("a seed that holds says what it counted", async () => {
    const { status, stdout } = await run("replay", "3", "--policy", "sync", "--trace");
    expect(stdout).toMatch(/^held \d+ operations/m);
    expect(stdout.split("\n").length).toBeGreaterThan(50);
    expect(status).toBe(0);
  });

  test("a directory is replayed to its end, also behind a file that is no record", async () => {
    const records = path.join(out, "records");
    fs.cpSync(path.join(packageInfo().root, "seeds", "regressions"), records, { recursive: true });
    const names = fs.readdirSync(records).length;
    expect(await run("replay", "records")).toMatchObject({ status: 0 });
    fs.mkdirSync(path.join(records, "folder.json"));
    fs.writeFileSync(path.join(records, "0.json"), "{}");
    const { status, stdout } = await run("replay", "records");
    expect(stdout).toContain("unreadable records/0.json is not a failure record");
    expect(stdout.match(/^fixed /gm)).toHaveLength(names);
    expect(status).toBe(2);
  });
});

test("the demo plays four scenes and everything it says is so", async () => {
  const { status, stdout } = await run("demo");
  expect(stdout).toContain("checks, all as it should be");
  expect(stdout.match(/^\d\. /gm)).toHaveLength(4);
  expect(status).toBe(0);
});
