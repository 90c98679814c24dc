import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { lockFile } from "../../engine/platform/node/file-lock.ts";
import { isFileIOError, type FileLock } from "../../engine/platform/file-io.ts";
import { packageInfo } from "../cli/package-info.ts";

/**
 * Path of the JavaScript that a file of scripts/ is built to, built first when it is not up to date. For
 * tests that start processes: those cannot load TypeScript. Test files run side by side, so one builds
 * and the others wait.
 */
export async function builtFile(source: string): Promise<string> {
  const { root } = packageInfo();
  const dist = path.join(root, "dist");
  fs.mkdirSync(dist, { recursive: true });
  const lock = await waitForLock(path.join(dist, ".building"));
  try {
    const compiler = path.join(root, "node_modules", "typescript", "bin", "tsc");
    const args = [compiler, "-b", path.join(root, "scripts")];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (status !== 0) {
      throw new Error(`the sources cannot be built:\n${stdout}`);
    }
  } finally {
    await lock.release();
  }
  return path.join(dist, source.replace(/\.ts$/, ".js"));
}

async function waitForLock(file: string): Promise<FileLock> {
  for (;;) {
    try {
      return await lockFile(file);
    } catch (error) {
      if (!isFileIOError(error, "ELOCKED")) {
        throw error;
      }
      await sleep(50);
    }
  }
}
