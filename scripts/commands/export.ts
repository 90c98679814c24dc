import process from "node:process";
import { Command } from "commander";
import { replaySettings, tellStory } from "../../sim/index.ts";
import { writeWhole } from "../campaign/atomic-file.ts";
import type { CreateCommand } from "../cli/command.ts";
import { EXIT, type ExitStatus } from "../cli/exit-status.ts";
import { engineFor } from "../mutants/engine-for.ts";
import { readRecord } from "../records/record-files.ts";
import { vitestSource } from "../records/vitest-source.ts";
import { ScenarioRunner } from "../scenario-runner.ts";

interface ExportOptions {
  readonly out?: string;
  readonly from: string;
}

const HELP = `
The test runs the recorded scenario with the recorded choices and expects that nothing breaks: it fails
until the bug is mended. A record of a mutant gives a test that passes, since the bug is not in the engine.
`;

export const createExportCommand: CreateCommand = (finish) =>
  new Command("export")
    .description("Write a failure record as a plain vitest test.")
    .argument("<record>", "a record.json")
    .option("--out <file>", "write it there instead of printing it")
    .option("--from <module>", "where the test imports the simulator from", "seawall/sim")
    .addHelpText("after", HELP)
    .action(async (file: string, options: ExportOptions) =>
      finish(await exportRecord(file, options)),
    );

async function exportRecord(file: string, { out, from }: ExportOptions): Promise<ExitStatus> {
  const record = readRecord(file);
  const runner = await ScenarioRunner.create();
  const settings = replaySettings(record, await engineFor(record.mutant));
  const result = await runner.run(record.scenario, { ...settings, keepTrace: true });
  const source = vitestSource(record, { from, story: tellStory(record.scenario, result) });
  if (out === undefined) {
    process.stdout.write(source);
  } else {
    writeWhole(out, source);
    process.stdout.write(`${out} written\n`);
  }
  return EXIT.held;
}
