import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { Command } from "commander";
import type { CreateCommand } from "../cli/command.ts";
import { EXIT, type ExitStatus } from "../cli/exit-status.ts";
import { SCENES } from "../demo/scenes.ts";
import { Stage } from "../demo/stage.ts";

export const createDemoCommand: CreateCommand = (finish) =>
  new Command("demo")
    .description("Four short scenes on the real disk: commit, interleaving, rollback, crash.")
    .action(async () => finish(await demo()));

/** Plays every scene in a fresh directory; what is said and not so makes the exit status 1. */
async function demo(): Promise<ExitStatus> {
  const stage = new Stage((text) => process.stdout.write(text));
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "seawall-demo-"));
  try {
    for (const [index, scene] of SCENES.entries()) {
      stage.scene(scene.title);
      await scene.play(stage, path.join(root, `scene-${index + 1}`));
    }
  } finally {
    fs.rmSync(root, { recursive: true, force: true });
  }
  const wrong = stage.wrong === 0 ? "all as it should be" : `${stage.wrong} WRONG`;
  process.stdout.write(`\n${stage.checks} checks, ${wrong}\n`);
  return stage.wrong === 0 ? EXIT.held : EXIT.broken;
}
