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
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "seawall-subjects-"));
}, 60_000);

afterAll(() => {
  fs.rmSync(directory, { recursive: true });
});

function run(...args: readonly string[]): Promise<Ran> {
  return runProgram(program, directory, ["fuzz", ...args]);
}

/** A store of one file of JSON, and what it does when it has written it. */
function write(name: string, makeDurable: string, open = ""): string {
  const text = `
    import { KEEPS_ALL, PROFILES, type Subject, type SubjectWorld } from "seawall/subjects";

    function load({ disk }: SubjectWorld): Map<string, string> {
      const bytes = new Uint8Array(disk.stat("/store")?.bytes ?? 0);
      disk.stat("/store") && disk.read(disk.open("/store", "read"), bytes, 0);
      return new Map(bytes.length === 0 ? [] : JSON.parse(new TextDecoder().decode(bytes)));
    }

    export default {
      name: "${name}",
      about: "one file of JSON, written anew by each commit",
      profile: PROFILES["ext4-writeback"],
      promises: { process: KEEPS_ALL, os: KEEPS_ALL, power: KEEPS_ALL },
      open(world) {
        ${open}
        const contents = load(world);
        return {
          commit(writes) {
            for (const { key, value } of writes) {
              value === undefined ? contents.delete(key) : contents.set(key, value);
            }
            const { disk } = world;
            const file = disk.open("/new", "create");
            const bytes = new TextEncoder().encode(JSON.stringify([...contents]));
            disk.truncate(file, 0);
            disk.write(file, bytes, 0);
            ${makeDurable}
          },
          readAll: () => load(world),
          close() {},
          abandon() {},
        };
      },
    } satisfies Subject;`;
  fs.writeFileSync(path.join(directory, `${name}.ts`), text);
  return `./${name}.ts`;
}

const IN_ORDER = `disk.sync(file, "sync"); disk.rename("/new", "/store"); disk.syncDirectory("/");`;
const UNSYNCED = `disk.rename("/new", "/store"); disk.syncDirectory("/");`;
const QUICK = ["--seeds", "12", "--workers", "1"];

describe("a storage engine in a user's file", () => {
  test("that keeps its promise: 0, a table and a report of every kind of crash", async () => {
    const { status, stdout } = await run("--subject", write("synced", IN_ORDER), ...QUICK);
    expect(stdout).toMatch(/synced .*ext4-writeback .* kept .* kept .* kept .* as documented/);
    expect(status).toBe(0);
    const file = path.join(directory, "reports", "out", "subjects.json");
    const report: unknown = JSON.parse(fs.readFileSync(file, "utf8"));
    expect(report).toMatchObject({ schema: "seawall-subjects", complete: true, verdict: "held" });
  });

  test("that breaks it: 1, and the crash in words, with the seed that shows it again", async () => {
    const { status, stdout } = await run("--subject", write("unsynced", UNSYNCED), ...QUICK);
    expect(stdout).toContain("promise broken");
    expect(stdout).toMatch(
      /again: npx seawall fuzz --subject \.\/unsynced\.ts --seeds 1 --start \d+/,
    );
    expect(stdout).toMatch(/power crash .*commits acknowledged/);
    expect(status).toBe(1);
    const again = /seed (\d+): refused/.exec(stdout);
    const one = ["--subject", "./unsynced.ts", "--seeds", "1", "--start", again?.[1] ?? ""];
    expect((await run(...one)).stdout).toContain("promise broken");
  });

  test("that fails before any crash, or is not deterministic, proves nothing: 2", async () => {
    const failing = write("failing", IN_ORDER, `throw new Error("no such engine");`);
    const { status, stdout } = await run("--subject", failing, ...QUICK);
    expect(stdout).toContain("failing, seed 1: no such engine");
    expect(status).toBe(2);
    const dice = write(
      "dice",
      `disk.write(file, Uint8Array.of(Math.random() * 256), bytes.length);
       disk.truncate(file, bytes.length); ${IN_ORDER}`,
    );
    const dicing = await run("--subject", dice, "--seeds", "1");
    expect(dicing.stdout).toContain("it left another trace when it ran again");
  });
});

describe("what cannot be done is said with what can", () => {
  test.each([
    [["--subject", "nosuch"], 'There is no subject "nosuch".'],
    [["--subject", "./nosuch.ts"], "./nosuch.ts: there is no such file"],
    [["--subject", "all", "--policy", "sync"], "cannot be used with option"],
  ])("%j", async (args, message) => {
    const { status, stderr } = await run(...args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  test("a file that exports something else", async () => {
    const file = path.join(directory, "other.ts");
    fs.writeFileSync(file, `export default { name: "other", about: "nothing", open: 1 };`);
    const { status, stderr } = await run("--subject", "./other.ts");
    expect(stderr).toContain("What ./other.ts exports is no subject: open must be a function.");
    expect(status).toBe(2);
  });
});
