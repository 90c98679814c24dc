import process from "node:process";
import { Command } from "commander";
import { isSeawallError } from "../../engine/base/errors.ts";
import { isFileIOError } from "../../engine/platform/file-io.ts";
import { nodePlatform } from "../../engine/platform/node/index.ts";
import type { CreateCommand } from "../cli/command.ts";
import { EXIT, UsageError, type ExitStatus } from "../cli/exit-status.ts";
import { withoutSlash } from "../store/store-directory.ts";
import { verifyStore, type Verification } from "../store/verification.ts";
import { verificationText } from "../store/verification-text.ts";

interface VerifyOptions {
  readonly json?: true;
}

const HELP = `
Reads every file of the store, recovers it in memory where it was not closed in good order, and checks every page:
checksums, key order, owners, the free list, and that no page is ahead of the log. Changes nothing on the disk.

"note" lines are what a crash may leave and the next open mends; "problem" lines are not.
Exit status: 0 sound, 1 problems, 2 could not be checked (no store, open already, unreadable, another format).
`;

export const createVerifyCommand: CreateCommand = (finish) =>
  new Command("verify")
    .description("Check every file and page of a store, without changing it.")
    .argument("<directory>", "a store that is not open")
    .option("--json", "print one JSON object")
    .addHelpText("after", HELP)
    .action(async (directory: string, options: VerifyOptions) =>
      finish(await verify(withoutSlash(directory), options)),
    );

async function verify(directory: string, options: VerifyOptions): Promise<ExitStatus> {
  const found = await checked(directory);
  const verdict = found.problems.length === 0 ? "sound" : "problems";
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ schema: "seawall-verify-1", verdict, ...found }, null, 2)}\n`
      : verificationText(found),
  );
  return verdict === "sound" ? EXIT.held : EXIT.broken;
}

/** @throws UsageError where nothing can be said about the store. */
async function checked(directory: string): Promise<Verification> {
  try {
    return await verifyStore(nodePlatform(), directory);
  } catch (error) {
    if (isSeawallError(error)) {
      throw uncheckable(error.message, error.code);
    }
    throw isFileIOError(error) ? uncheckable(error.message, "IO") : error;
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  LOCKED: "Close the store, or check a copy of its directory.",
  RECOVERY: "Use the version of Seawall that wrote it.",
  IO: "Look at the disk, and whether you may read the files.",
};

function uncheckable(message: string, code: string): UsageError {
  return new UsageError(
    `The store could not be checked: ${message}`,
    ADVICE[code] ?? "Nothing was changed.",
  );
}
