import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { builtFile } from "../testing/built.ts";

vi.setConfig({ testTimeout: 60_000 });

let program: string;
let out: string;

beforeAll(async () => {
  program = await builtFile("scripts/seawall.ts");
  out = fs.mkdtempSync(path.join(os.tmpdir(), "seawall-explore-"));
}, 60_000);

afterAll(() => {
  fs.rmSync(out, { recursive: true });
});

function explore(...args: string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "explore", ...args], {
    cwd: out,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { status, text: stdout + stderr };
}

describe("seawall explore", () => {
  test("says in words and numbers what it covered, and ends with 0 when all held", () => {
    const { status, text } = explore("--ops", "1", "--depth", "1", "--tier", "0", "--complete");
    expect(text).toMatch(/a process crash and a power cut wherever the disk or what is owed/);
    expect(text).toMatch(/crash points: \d+ \(\d+ while the store was made, \d+ while clients/);
    expect(text).toMatch(/states: \d+; left what another/);
    expect(text).toContain("held every state within the bound");
    expect(status).toBe(0);
  });

  test("ends with 2 when the bound was asked for and not reached, and says so otherwise", () => {
    const short = ["--ops", "1", "--budget", "20"];
    expect(explore(...short, "--complete").status).toBe(2);
    const { status, text } = explore(...short);
    expect(text).toContain("bound not reached");
    expect(text).toContain("held every state that was tried");
    expect(status).toBe(0);
  });

  test("ends with 2 when it is asked for what there is not", () => {
    expect(explore("--tier", "4")).toEqual({
      status: 2,
      text: expect.stringContaining("Give a tier from 0 to 3."),
    });
  });
});
