import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { open } from "../../engine/platform/node/index.ts";
import { builtFile } from "../testing/built.ts";
import { flipByte, makeSampleStore, scratchDirectory } from "../testing/sample-store.ts";

// verify and inspect as people start them: arguments, output, exit status.

vi.setConfig({ testTimeout: 60_000 });

let program: string;
let root: string;
let sound: string;
let damaged: string;

beforeAll(async () => {
  program = await builtFile("scripts/seawall.ts");
  root = scratchDirectory();
  sound = path.join(root, "sound");
  damaged = path.join(root, "damaged");
  await makeSampleStore(sound);
  fs.cpSync(sound, damaged, { recursive: true });
  flipByte(damaged, "pages.db", 4 * 4096 + 100);
}, 60_000);

afterAll(() => {
  fs.rmSync(root, { recursive: true });
});

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
}

function jsonOf(text: string): unknown {
  return JSON.parse(text);
}

test("verify ends with 0 for a sound store and with 1 and a line for each problem of another", () => {
  const good = run("verify", `${sound}/`);
  expect(good.stdout).toMatch(/^verdict +sound$/m);
  expect(good.status).toBe(0);
  const bad = run("verify", damaged);
  expect(bad.stdout).toMatch(
    /^problem +pages\.db page 4: .*a wrong checksum\)\nverdict +1 problem$/m,
  );
  expect(bad.status).toBe(1);
});

test("verify --json says the same", () => {
  const { status, stdout } = run("verify", damaged, "--json");
  expect(jsonOf(stdout)).toMatchObject({
    schema: "seawall-verify-1",
    verdict: "problems",
    recovery: { cleanShutdown: true },
    problems: [{ file: "pages.db", page: 4 }],
  });
  expect(status).toBe(1);
});

test("scrub mends one copy from the other; verify sees it before, and nothing after", async () => {
  const store = path.join(root, "mirrored");
  await makeSampleStore(store, { copies: 2 });
  flipByte(store, "pages.db.mirror", 4 * 4096 + 100);
  flipByte(store, "control.db", 65_536 + 30);
  const before = run("verify", store);
  expect(before.stdout).toMatch(/^problem +control\.db offset 65,536: one copy does not hold/m);
  expect(before.stdout).toMatch(/^problem +pages\.db\.mirror offset 16,384: one copy/m);
  expect(before.status).toBe(1);
  const json = run("scrub", store, "--json");
  expect(jsonOf(json.stdout)).toMatchObject({
    schema: "seawall-scrub-1",
    verdict: "sound",
    copies: 2,
    repairs: [
      { path: "control.db", offset: 65_536 },
      { path: "pages.db.mirror", offset: 16_384 },
    ],
  });
  expect(json.status).toBe(0);
  expect(run("verify", store)).toMatchObject({ status: 0 });
  const again = run("scrub", `${store}/`);
  expect(again.stdout).toMatch(/two copies of each file\n(.*\n)*verdict +sound\n$/);
});

test("scrub ends with 1 and a line for what no copy holds", () => {
  const store = path.join(root, "beyond-repair");
  fs.cpSync(damaged, store, { recursive: true });
  const { status, stdout } = run("scrub", store);
  expect(stdout).toMatch(/^problem +pages\.db page 4: .*wrong checksum/m);
  expect(status).toBe(1);
});

test("inspect ends with 0, damaged or not", () => {
  const { status, stdout } = run("inspect", damaged, "--page", "4", "--page", "0");
  expect(stdout).toMatch(/^page +page 4 damaged: a wrong checksum\npage +page 0 meta/m);
  expect(status).toBe(0);
  const json = jsonOf(run("inspect", sound, "--json", "--records", "--from", "0").stdout);
  expect(json).toMatchObject({ schema: "seawall-inspect-1", isOpen: false });
});

test.each(["verify", "inspect", "scrub"])("%s ends with 2 where there is no store", (command) => {
  const nowhere = run(command, path.join(root, "nowhere"));
  expect(nowhere.stderr).toMatch(/^error: There is nothing at .*nowhere\.\nGive the directory/);
  expect(nowhere.status).toBe(2);
  const other = run(command, root);
  expect(other.stderr).toMatch(/^error: There is no store in /);
  expect(other.status).toBe(2);
});

test("verify ends with 2 when the store is open", async () => {
  const db = await open(path.join(root, "open"));
  const { status, stderr } = run("verify", path.join(root, "open"));
  await db.close();
  expect(stderr).toMatch(/^error: The store could not be checked: the store is open already/);
  expect(status).toBe(2);
});
