import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { builtFile } from "../testing/built.ts";
import type { WorkloadName } from "./catalog.ts";

// The real program on the real disk, with as little work as it can be given. No figure is judged.

vi.setConfig({ testTimeout: 120_000 });

let program: string;
let place: string;

beforeAll(async () => {
  program = await builtFile("scripts/seawall.ts");
  place = fs.mkdtempSync(path.join(os.tmpdir(), "seawall-bench-test-"));
}, 60_000);

afterAll(() => {
  fs.rmSync(place, { recursive: true });
});

function bench(...args: string[]): { readonly status: number | null; readonly output: string } {
  const ended = spawnSync(process.execPath, [program, "bench", "--quick", ...args], {
    encoding: "utf8",
    env: { ...process.env, TMPDIR: place },
  });
  return { status: ended.status, output: ended.stdout + ended.stderr };
}

/** An empty store, a loaded one, a copy of it, a crashed one, and the loading itself. */
const STARTS: readonly WorkloadName[] = ["W2", "R2", "M1a", "O2", "L1"];

/** As it stands in the table of figures, in the column behind the floor's. */
function seawallFigure(output: string, workload: string): string | undefined {
  const line = output.split("\n").find((each) => each.startsWith(`│ ${workload} `));
  return line?.split("│")[5]?.trim();
}

test("Seawall runs from every kind of start, and nothing is left in the temporary directory", () => {
  const file = path.join(place, "report.json");
  const { status, output } = bench(...STARTS, "--keys", "1000", "--json", file);
  expect(output).not.toContain("failed");
  expect(status).toBe(0);
  const figures = STARTS.map((name) => seawallFigure(output, name) ?? "-");
  expect(figures).not.toContain("-");
  const text = fs.readFileSync(file, "utf8");
  expect(fs.readdirSync(place)).toEqual(["report.json"]);
  expect(text).not.toContain(os.hostname());
  expect(text).not.toContain(place);
});

test("a workload that does not exist is refused, with those that do", () => {
  const { status, output } = bench("W99");
  expect(status).toBe(2);
  expect(output).toContain("W1, W2, W3a");
});
