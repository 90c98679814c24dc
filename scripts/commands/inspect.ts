import process from "node:process";
import { Command } from "commander";
import { isSeawallError } from "../../engine/base/errors.ts";
import { createNodeFileIO } from "../../engine/platform/node/index.ts";
import { isFileIOError } from "../../engine/platform/file-io.ts";
import { parseCount, parseSeed } from "../cli/arguments.ts";
import type { CreateCommand } from "../cli/command.ts";
import { EXIT, UsageError, type ExitStatus } from "../cli/exit-status.ts";
import { inspectStore, type Inspection, type InspectionRequest } from "../store/inspection.ts";
import { inspectionText } from "../store/inspection-text.ts";
import { withoutSlash } from "../store/store-directory.ts";

interface InspectOptions {
  readonly records?: true;
  readonly from?: number;
  readonly limit: number;
  readonly pages?: true;
  readonly page: readonly number[];
  readonly json?: true;
}

const LIMIT = 50;

const HELP = `
Shows the files as they are, recovers nothing, and changes nothing; what is damaged is shown as such. Without --from
the log begins where recovery would begin to read; --from 0 shows everything that the files still hold. Of a store
with two copies of each file it shows what they hold between them; seawall verify says where they differ.
Exit status: 0, also for a damaged store (seawall verify judges); 2 when there is no store.
`;

export const createInspectCommand: CreateCommand = (finish) =>
  new Command("inspect")
    .description("Show what a store's files hold: control slots, log, pages.")
    .argument("<directory>", "a store")
    .option("--records", "the records of each batch")
    .option("--from <lsn>", "batches and records from this position of the log on", parseSeed)
    .option(
      "--limit <n>",
      "at most so many batches (records with --records), and pages",
      parseCount,
      LIMIT,
    )
    .option("--pages", "the header of each page")
    .option("--page <id>", "all that a page holds; repeatable", parsePages, [])
    .option("--json", "print one JSON object")
    .addHelpText("after", HELP)
    .action(async (directory: string, options: InspectOptions) =>
      finish(await inspect(withoutSlash(directory), options)),
    );

function parsePages(text: string, previous: readonly number[]): readonly number[] {
  return [...previous, parseSeed(text)];
}

async function inspect(directory: string, options: InspectOptions): Promise<ExitStatus> {
  const found = await inspected({
    directory,
    from: options.from,
    limit: options.limit,
    records: options.records === true,
    pages: options.pages === true,
    wholePages: options.page,
  });
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ schema: "seawall-inspect-1", ...found }, null, 2)}\n`
      : inspectionText(found),
  );
  return EXIT.held;
}

async function inspected(request: InspectionRequest): Promise<Inspection> {
  try {
    return await inspectStore(createNodeFileIO(), request);
  } catch (error) {
    if (isSeawallError(error) || isFileIOError(error)) {
      throw new UsageError(
        `The store cannot be read: ${error.message}`,
        "Look at the disk, and whether you may read the files.",
      );
    }
    throw error;
  }
}
