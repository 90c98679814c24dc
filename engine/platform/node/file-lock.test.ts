import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockFile } from "./file-lock.ts";

let directory: string;
let lockPath: string;

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "seawall-lock-"));
  lockPath = path.join(directory, "LOCK");
});

afterEach(() => {
  fs.rmSync(directory, { recursive: true });
});

test("a second opener in the same process gets ELOCKED, also by another name for the file", async () => {
  const lock = await lockFile(lockPath);
  await expect(lockFile(lockPath)).rejects.toMatchObject({ code: "ELOCKED", path: lockPath });
  const link = path.join(directory, "link");
  fs.symlinkSync(lockPath, link);
  await expect(lockFile(link)).rejects.toMatchObject({ code: "ELOCKED" });
  await lock.release();
  await lock.release();
  const next = await lockFile(link);
  await next.release();
});

test("of many openers at once exactly one gets the lock", async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lockFile(lockPath)));
  const granted = outcomes.filter((outcome) => outcome.status === "fulfilled");
  expect(granted).toHaveLength(1);
  for (const { value } of granted) {
    await value.release();
  }
});

test("a missing directory is ENOENT and leaves nothing held", async () => {
  const below = path.join(directory, "none", "LOCK");
  await expect(lockFile(below)).rejects.toMatchObject({ code: "ENOENT", operation: "lock" });
  fs.mkdirSync(path.dirname(below));
  const lock = await lockFile(below);
  await lock.release();
});

test("a lock held by another process is refused while it lives and free at once when it is killed", async () => {
  const library = createRequire(import.meta.url).resolve("fs-native-extensions");
  const program = `
    const fd = require("node:fs").openSync(${JSON.stringify(lockPath)}, "a+");
    const locked = require(${JSON.stringify(library)}).tryLock(fd);
    process.stdout.write(locked ? "locked" : "refused");
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const said: unknown[] = await once(child.stdout, "data");
    expect(String(said[0])).toBe("locked");
    await expect(lockFile(lockPath)).rejects.toMatchObject({ code: "ELOCKED" });
  } finally {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
  const lock = await lockFile(lockPath);
  await lock.release();
});
