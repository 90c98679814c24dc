import process from "node:process";
import { Command } from "commander";
import { isSeawallError } from "../../engine/base/errors.ts";
import { nodePlatform } from "../../engine/platform/node/index.ts";
import type { CreateCommand } from "../cli/command.ts";
import { EXIT, UsageError, type ExitStatus } from "../cli/exit-status.ts";
import { scrubDirectory, type Scrubbed } from "../store/scrubbing.ts";
import { scrubText } from "../store/scrub-text.ts";
import { withoutSlash } from "../store/store-directory.ts";

interface ScrubOptions {
  readonly json?: true;
}

const HELP = `
Opens the store, which recovers it where it was not closed in good order, reads everything that it may need from the
disk, and closes it. Of a store that keeps two copies of each file (copies: 2) both are read, and each is given what
only the other one holds: run it now and then, so that damage to one copy is mended before the other is damaged, too.
To look without changing anything: seawall verify.

"repaired" lines are places where a copy was mended; "problem" lines are what no copy holds.
Exit status: 0 sound, perhaps after repairs, 1 problems, 2 could not be scrubbed (no store, open already, refused).
`;

export const createScrubCommand: CreateCommand = (finish) =>
  new Command("scrub")
    .description("Read everything of a store, and mend damaged copies from sound ones.")
    .argument("<directory>", "a store that is not open")
    .option("--json", "print one JSON object")
    .addHelpText("after", HELP)
    .action(async (directory: string, options: ScrubOptions) =>
      finish(await scrub(withoutSlash(directory), options)),
    );

async function scrub(directory: string, options: ScrubOptions): Promise<ExitStatus> {
  const found = await scrubbed(directory);
  const isSound = found.report.problems.length === 0 && found.report.notRepaired === 0;
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ schema: "seawall-scrub-1", verdict: isSound ? "sound" : "problems", ...found }, null, 2)}\n`
      : scrubText(found),
  );
  return isSound ? EXIT.held : EXIT.broken;
}

/** @throws UsageError where the store cannot be opened, or stopped. */
async function scrubbed(directory: string): Promise<Scrubbed> {
  try {
    return await scrubDirectory(nodePlatform(), directory);
  } catch (error) {
    if (isSeawallError(error)) {
      throw new UsageError(
        `The store could not be scrubbed: ${error.message}`,
        "Run seawall verify for what is wrong with it.",
      );
    }
    throw error;
  }
}
